/** Rules about ObjectMeta that hold for every kind, in upstream's order. */
import { validateLabels } from '../label-selector.ts'
import { dnsLabelName, dnsSubdomainName, isQualifiedName } from '../names.ts'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../parts/meta/object-meta.ts'
import type { Path, Problems } from '../problems.ts'

export type Metadata = Partial<ObjectMeta>

export interface ObjectMetaRules {
  namespaced: boolean
  /** Without one, names are DNS subdomains. */
  nameRule?: (name: string, isPrefix: boolean) => readonly string[]
  /** Custom resources may have finalizers without a domain; built-in kinds only the known ones. */
  customResource?: boolean
  at: Path
}

const FIELD_IMMUTABLE = 'field is immutable'
const ORPHAN_DEPENDENTS = 'orphan'
const DELETE_DEPENDENTS = 'foregroundDeletion'
const standardFinalizers = new Set(['kubernetes', ORPHAN_DEPENDENTS, DELETE_DEPENDENTS])

const MAX_ANNOTATIONS_BYTES = 256 * 1024
const MAX_MANAGER_BYTES = 128
const MAX_SUBRESOURCE_BYTES = 256

/** Expects that a name was already generated where one was asked for. */
export function validateObjectMeta(
  meta: Metadata,
  rules: ObjectMetaRules,
  problems: Problems,
): void {
  const { namespaced, nameRule = dnsSubdomainName, at } = rules
  if (meta.generateName) {
    for (const problem of nameRule(meta.generateName, true)) {
      problems.invalid(at.child('generateName'), meta.generateName, problem)
    }
  }
  if (!meta.name) problems.required(at.child('name'), 'name or generateName is required')
  else {
    for (const problem of nameRule(meta.name, false)) {
      problems.invalid(at.child('name'), meta.name, problem)
    }
  }
  validateNamespace(meta.namespace, namespaced, at.child('namespace'), problems)
  if ((meta.generation ?? 0) < 0) {
    const detail = 'must be greater than or equal to 0'
    problems.invalid(at.child('generation'), meta.generation, detail)
  }
  validateLabels(meta.labels, at.child('labels'), problems)
  validateAnnotations(meta.annotations, at.child('annotations'), problems)
  validateOwnerReferences(meta.ownerReferences, at.child('ownerReferences'), problems)
  validateFinalizers(meta.finalizers, at.child('finalizers'), problems)
  validateManagedFields(meta.managedFields, at.child('managedFields'), problems)
  if (!rules.customResource) validateKnownFinalizers(meta.finalizers, at, problems)
}

/** What a change of an object may not do to its metadata. */
export function validateObjectMetaUpdate(
  next: Metadata,
  previous: Metadata,
  at: Path,
  problems: Problems,
): void {
  if (previous.deletionTimestamp) validateNoNewFinalizers(next, previous, at, problems)
  if (!next.resourceVersion) {
    problems.invalid(at.child('resourceVersion'), '', 'must be specified for an update')
  }
  if ((next.generation ?? 0) < (previous.generation ?? 0)) {
    problems.invalid(at.child('generation'), next.generation ?? 0, 'must not be decremented')
  }
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const value = next[field] ?? ''
    if (value !== (previous[field] ?? '')) problems.invalid(at.child(field), value, FIELD_IMMUTABLE)
  }
  for (const field of lifetimeFields) {
    const value = next[field] ?? null
    if (value !== (previous[field] ?? null)) {
      problems.invalid(at.child(field), value, FIELD_IMMUTABLE)
    }
  }
}

const lifetimeFields = [
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

function validateNamespace(
  namespace: string | undefined,
  namespaced: boolean,
  at: Path,
  problems: Problems,
): void {
  if (!namespaced) {
    if (namespace) problems.forbidden(at, 'not allowed on this type')
  } else if (!namespace) problems.required(at)
  else for (const problem of dnsLabelName(namespace)) problems.invalid(at, namespace, problem)
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | null | undefined,
  at: Path,
  problems: Problems,
): void {
  let size = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
    for (const problem of isQualifiedName(key.toLowerCase())) problems.invalid(at, key, problem)
  }
  if (size > MAX_ANNOTATIONS_BYTES) problems.tooLong(at, MAX_ANNOTATIONS_BYTES)
}

function validateOwnerReferences(
  owners: readonly OwnerReference[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  let controller = ''
  for (const owner of owners ?? []) {
    validateOwnerReference(owner, at, problems)
    if (!owner.controller) continue
    const current = `${owner.kind}/${owner.name}`
    if (controller === '') controller = current
    else {
      const found = `Found "true" in references for ${controller} and ${current}`
      const detail = `Only one reference can have Controller set to true. ${found}`
      problems.invalid(at, owners, detail)
    }
  }
}

function validateOwnerReference(owner: OwnerReference, at: Path, problems: Problems): void {
  const { apiVersion, kind } = owner
  if (versionOf(apiVersion) === '') {
    problems.invalid(at.child('apiVersion'), apiVersion, 'version must not be empty')
  }
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (!owner[field]) problems.invalid(at.child(field), owner[field], 'must not be empty')
  }
  if (kind === 'Event' && apiVersion === 'v1') {
    problems.invalid(at, owner, '/v1, Kind=Event is disallowed from being an owner')
  }
}

/** Empty where the text is no `group/version`. */
function versionOf(apiVersion: string): string {
  const parts = apiVersion.split('/')
  return parts.length > 2 ? '' : (parts.at(-1) as string)
}

function validateFinalizers(
  finalizers: readonly string[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  const given = finalizers ?? []
  for (const finalizer of given) {
    for (const problem of isQualifiedName(finalizer)) problems.invalid(at, finalizer, problem)
  }
  if (given.includes(ORPHAN_DEPENDENTS) && given.includes(DELETE_DEPENDENTS)) {
    const detail = `finalizer ${ORPHAN_DEPENDENTS} and ${DELETE_DEPENDENTS} cannot be both set`
    problems.invalid(at, given, detail)
  }
}

function validateKnownFinalizers(
  finalizers: readonly string[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, finalizer] of (finalizers ?? []).entries()) {
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) continue
    const detail = 'name is neither a standard finalizer name nor is it fully qualified'
    problems.invalid(at.child('finalizers').index(position), finalizer, detail)
  }
}

function validateNoNewFinalizers(
  next: Metadata,
  previous: Metadata,
  at: Path,
  problems: Problems,
): void {
  const before = new Set(previous.finalizers ?? [])
  const added = new Set((next.finalizers ?? []).filter((finalizer) => !before.has(finalizer)))
  if (added.size === 0) return
  const list = [...added].sort().map((finalizer) => JSON.stringify(finalizer))
  const found = `found new finalizers []string{${list.join(', ')}}`
  const detail = `no new finalizers can be added if the object is being deleted, ${found}`
  problems.forbidden(at.child('finalizers'), detail)
}

function validateManagedFields(
  entries: readonly ManagedFieldsEntry[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, entry] of (entries ?? []).entries()) {
    const place = at.index(position)
    const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry
    if (operation !== 'Apply' && operation !== 'Update') {
      problems.invalid(place.child('operation'), operation, 'must be `Apply` or `Update`')
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      problems.invalid(place.child('fieldsType'), fieldsType, 'must be `FieldsV1`')
    }
    validateFieldManager(manager, place.child('manager'), problems)
    if (Buffer.byteLength(subresource) > MAX_SUBRESOURCE_BYTES) {
      problems.tooLong(place.child('subresource'), MAX_SUBRESOURCE_BYTES)
    }
  }
}

/** Also the rule for the `fieldManager` parameter of a request. */
export function validateFieldManager(manager: string, at: Path, problems: Problems): void {
  if (Buffer.byteLength(manager) > MAX_MANAGER_BYTES) problems.tooLong(at, MAX_MANAGER_BYTES)
  let position = 0
  for (const character of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      const code = (character.codePointAt(0) as number).toString(16).toUpperCase()
      const detail = `invalid character U+${code.padStart(4, '0')} (at position ${position})`
      problems.invalid(at, manager, detail)
    }
    position += Buffer.byteLength(character)
  }
}
