/** Rules about a CustomResourceDefinition as a whole, in upstream's order and with its paths. */
import { isDeepStrictEqual } from 'node:util'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
} from '../kinds/apiextensions/custom-resource-definition.ts'
import { isDns1035Label, isDnsSubdomain } from '../names.ts'
import type { CustomResourceConversion } from '../parts/apiextensions/conversion.ts'
import type { CustomResourceDefinitionVersion } from '../parts/apiextensions/definition-version.ts'
import { Path, type Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'
import { validateReviewVersionNames } from './admission-webhooks.ts'
import { certificatesProblem } from './certificate-request.ts'
import {
  approvalOf,
  isProtectedGroup,
  validateApproval,
  validateNames,
  validateNamesGiven,
} from './definition-names.ts'
import { validatePatternSizes } from './definition-patterns.ts'
import { validateDefinitionSchema } from './definition-schema.ts'
import {
  validateColumns,
  validateDeprecationWarning,
  validateSelectableFields,
  validateSubresources,
} from './definition-versions.ts'
import { validateWebhookClient } from './webhook-client.ts'

type Definition = Pick<CustomResourceDefinition, 'metadata' | 'spec' | 'status'>
type Version = CustomResourceDefinitionVersion

const conversionReviewVersions = ['v1', 'v1beta1']

export function validateDefinition(
  { metadata, spec, status }: Definition,
  problems: Problems,
): void {
  const root = Path.root
  // Names are negotiated once, after creation; a change of them is refused as a change.
  const isNew = !status.conditions?.length
  if (isNew && metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const path = root.child('metadata').child('name')
    problems.invalid(path, metadata.name, 'must be spec.names.plural+"."+spec.group')
  }
  validateSpec(spec, root.child('spec'), problems)
  const statusPath = root.child('status')
  validateNames(status.acceptedNames, statusPath.child('acceptedNames'), problems)
  const storedPath = statusPath.child('storedVersions')
  validateStoredVersions(status.storedVersions ?? [], spec.versions ?? [], storedPath, problems)
  if (isNew && isProtectedGroup(spec.group)) {
    validateApproval(metadata.annotations ?? undefined, root.child('metadata'), problems)
  }
  if (spec.preserveUnknownFields) {
    const instead = 'set x-preserve-unknown-fields to true in spec.versions[*].schema instead'
    const path = root.child('spec').child('preserveUnknownFields')
    problems.invalid(path, true, `cannot set to true, ${instead}`)
  }
}

function validateSpec(spec: CustomResourceDefinitionSpec, at: Path, problems: Problems): void {
  const versions = at.child('versions')
  if (!validatePatternSizes(spec.versions ?? [], versions, problems)) return
  validateGroup(spec.group, at.child('group'), problems)
  const { scope } = spec
  if (!scope) problems.required(at.child('scope'))
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    problems.notSupported(at.child('scope'), scope, ['Cluster', 'Namespaced'])
  }
  validateVersions(spec.versions ?? [], at, problems)
  validateNamesGiven(spec.names, at.child('names'), problems)
  validateNames(spec.names, at.child('names'), problems)
  validateShared(spec.versions ?? [], at, problems)
  if (spec.conversion) {
    const path = at.child('conversion')
    if (spec.conversion.strategy !== 'None' && spec.preserveUnknownFields) {
      const message = 'must be None if spec.preserveUnknownFields is true'
      problems.invalid(path.child('strategy'), spec.conversion.strategy, message)
    }
    validateConversion(spec.conversion, path, problems)
  }
}

function validateGroup(group: string, at: Path, problems: Problems): void {
  const messages = group ? isDnsSubdomain(group) : []
  if (!group) problems.required(at)
  else if (messages.length) problems.invalid(at, group, messages.join(','))
  else if (!group.includes('.')) {
    problems.invalid(at, group, 'should be a domain with at least one dot')
  }
}

/** What all versions have in common is reported once, as if it stood above them. */
function isShared(versions: readonly Version[], field: keyof Version): boolean {
  return versions.every((each) => isDeepStrictEqual(each[field], versions[0]?.[field]))
}

function validateVersions(versions: readonly Version[], at: Path, problems: Problems): void {
  const path = at.child('versions')
  for (const [position, { schema }] of versions.entries()) {
    if (schema?.openAPIV3Schema) continue
    const schemaPath = path.index(position).child('schema').child('openAPIV3Schema')
    problems.required(schemaPath, 'schemas are required')
  }
  for (const [position, version] of versions.entries()) {
    const messages = isDns1035Label(version.name)
    const place = path.index(position)
    if (messages.length) problems.invalid(place.child('name'), version.name, messages.join(','))
    validateVersion(version, versions, place, problems)
  }
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    problems.invalid(path, versions, 'must contain unique version names')
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const message = 'must have exactly one version marked as storage version'
    problems.invalid(path, versions, message)
  }
  const first = versions[0]?.name
  const messages = first ? isDns1035Label(first) : []
  if (messages.length) problems.invalid(at.child('version'), first, messages.join(','))
}

function validateVersion(
  version: Version,
  versions: readonly Version[],
  at: Path,
  problems: Problems,
): void {
  validateDeprecationWarning(version, at, problems)
  const { schema, subresources, additionalPrinterColumns, selectableFields } = version
  const openApi = schema?.openAPIV3Schema
  if (openApi && !isShared(versions, 'schema')) {
    const hasStatus = subresources?.status !== undefined
    validateDefinitionSchema(openApi, hasStatus, at.child('schema'), problems)
  }
  if (!isShared(versions, 'subresources')) {
    validateSubresources(subresources, at.child('subresources'), problems)
  }
  if (!isShared(versions, 'additionalPrinterColumns')) {
    validateColumns(additionalPrinterColumns, at.child('additionalPrinterColumns'), problems)
  }
  if (!isShared(versions, 'selectableFields')) {
    validateSelectableFields(selectableFields, openApi, at.child('selectableFields'), problems)
  }
}

function validateShared(versions: readonly Version[], at: Path, problems: Problems): void {
  const [first] = versions
  if (!first) return
  const openApi = first.schema?.openAPIV3Schema
  if (openApi && isShared(versions, 'schema')) {
    const hasStatus = versions.some(({ subresources }) => subresources?.status !== undefined)
    validateDefinitionSchema(openApi, hasStatus, at.child('validation'), problems)
  }
  if (isShared(versions, 'subresources')) {
    validateSubresources(first.subresources, at.child('subresources'), problems)
  }
  if (isShared(versions, 'additionalPrinterColumns')) {
    const path = at.child('additionalPrinterColumns')
    validateColumns(first.additionalPrinterColumns, path, problems)
  }
  if (isShared(versions, 'selectableFields')) {
    const path = at.child('selectableFields')
    validateSelectableFields(first.selectableFields, openApi, path, problems)
  }
}

function validateConversion(
  { strategy, webhook }: CustomResourceConversion,
  at: Path,
  problems: Problems,
): void {
  if (!strategy) problems.required(at.child('strategy'))
  else if (strategy !== 'None' && strategy !== 'Webhook') {
    problems.notSupported(at.child('strategy'), strategy, ['None', 'Webhook'])
  }
  const clientPath = at.child('webhookClientConfig')
  const versionsPath = at.child('conversionReviewVersions')
  const versions = webhook?.conversionReviewVersions ?? []
  if (strategy !== 'Webhook') {
    const message = 'should not be set when strategy is not set to Webhook'
    if (webhook?.clientConfig) problems.forbidden(clientPath, message)
    if (versions.length) problems.forbidden(versionsPath, message)
    return
  }
  if (webhook?.clientConfig) validateWebhookClient(webhook.clientConfig, clientPath, problems)
  else problems.required(clientPath, 'required when strategy is set to Webhook')
  if (!versions.length) problems.required(versionsPath)
  else validateReviewVersionNames(versions, conversionReviewVersions, versionsPath, problems)
}

function validateStoredVersions(
  stored: readonly string[],
  versions: readonly Version[],
  at: Path,
  problems: Problems,
): void {
  if (!stored.length) {
    problems.invalid(at, null, 'must have at least one stored version')
    return
  }
  for (const { name, storage } of versions) {
    if (storage && !stored.includes(name)) {
      problems.invalid(at, stored, `must have the storage version ${name}`)
    }
  }
  for (const [position, name] of stored.entries()) {
    if (versions.some((each) => each.name === name)) continue
    const message =
      `missing from spec.versions; ${name} was previously a storage version, and must remain in ` +
      'spec.versions until a storage migration ensures no data remains persisted in ' +
      `${name} and removes ${name} from status.storedVersions`
    problems.invalid(at.index(position), name, message)
  }
}

/** Scope and kind decide where objects are stored, group and plural how the definition is named. */
export function validateDefinitionUpdate(
  next: Definition,
  previous: Definition,
  problems: Problems,
): void {
  const at = Path.root.child('spec')
  const [after, before] = [next.spec, previous.spec]
  const names = at.child('names')
  const isEstablished = hasCondition(previous, 'Established')
  if (isEstablished) {
    validateUnchanged(after.scope, before.scope, at.child('scope'), problems)
    validateUnchanged(after.names.kind, before.names.kind, names.child('kind'), problems)
  }
  validateUnchanged(after.group, before.group, at.child('group'), problems)
  validateUnchanged(after.names.plural, before.names.plural, names.child('plural'), problems)
  if (isEstablished) validateBundleUpdate(after, before, at.child('conversion'), problems)
  const approval = approvalOf(next.metadata.annotations ?? undefined)
  const hasConditions = next.status.conditions?.length
  if (
    hasConditions &&
    isProtectedGroup(after.group) &&
    approval !== approvalOf(previous.metadata.annotations ?? undefined)
  ) {
    const metadata = Path.root.child('metadata')
    validateApproval(next.metadata.annotations ?? undefined, metadata, problems)
  }
}

function validateUnchanged(next: string, previous: string, at: Path, problems: Problems): void {
  if (next !== previous) problems.invalid(at, next, immutableMessage)
}

function hasCondition({ status }: Pick<Definition, 'status'>, type: string): boolean {
  return status.conditions?.some((each) => each.type === type && each.status === 'True') ?? false
}

/** Bundles may be filled in later, but once objects are served a good one may not turn bad. */
function validateBundleUpdate(
  next: CustomResourceDefinitionSpec,
  previous: CustomResourceDefinitionSpec,
  at: Path,
  problems: Problems,
): void {
  const bundleOf = ({ conversion }: CustomResourceDefinitionSpec): string =>
    conversion?.webhook?.clientConfig?.caBundle ?? ''
  const [after, before] = [bundleOf(next), bundleOf(previous)]
  if (!after || (before && certificatesProblem(before))) return
  const problem = certificatesProblem(after)
  if (problem) {
    const path = at.child('webhookClientConfig').child('caBundle')
    problems.invalid(path, after, `unable to load root certificates: ${problem}`)
  }
}
