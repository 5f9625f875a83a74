/** A stored definition without its schemas: small enough to keep thousands of them in memory. */
import { customKind } from '#api/custom-schema.ts'
import type { Kind } from '#api/kind.ts'
import type { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import type { CustomResourceDefinitionVersion } from '#api/parts/apiextensions/definition-version.ts'
import type { JSONSchemaProps } from '#api/parts/apiextensions/json-schema-props.ts'
import { notServed } from '../not-served.ts'
import type { Resource } from '../resources.ts'
import { compareVersionNames } from '../routes/group-order.ts'
import type { Entry, Store } from '../store/store.ts'
import { CustomResource } from './custom-resource.ts'
import { Family, type Life } from './family.ts'

type Version = CustomResourceDefinitionVersion

export interface Outline {
  readonly key: string
  readonly definition: CustomResourceDefinition
  readonly life: Life
}

/** The definition of an entry; a copy that the caller owns. */
export const definitionOf = (resource: Resource, entry: Entry): CustomResourceDefinition =>
  resource.parse(entry) as object as CustomResourceDefinition

export function outlineOf(key: string, whole: CustomResourceDefinition, life: Life): Outline {
  const versions = versionsOf(whole).map(({ schema: _, ...rest }) => rest as Version)
  const { managedFields: _, ...metadata } = whole.metadata
  const definition = { ...whole, metadata, spec: { ...whole.spec, versions } }
  return { key, definition: definition as CustomResourceDefinition, life }
}

export const versionsOf = ({ spec }: CustomResourceDefinition): readonly Version[] =>
  spec.versions ?? []

/** Changes of anything else leave the resources as they are, and their watches running. */
export function servedAs({ definition: { metadata, status } }: Outline): string {
  return JSON.stringify([metadata.uid, metadata.generation, status.acceptedNames])
}

export interface Source {
  readonly store: Store
  /** That of definitions. */
  readonly resource: Resource
}

/** The storage version first, whether it is served or not. */
export function resourcesOf(
  source: Source,
  outline: Outline,
  retired: AbortSignal,
): CustomResource[] {
  const { key, definition, life } = outline
  const { spec, status } = definition
  const named = { ...definition, spec: { ...spec, names: status.acceptedNames } }
  const versions = versionsOf(definition)
  const kinds = versions.map((version) =>
    customKind(named, version.name, () => schemaOf(source, key, version.name)),
  )
  const storage = kinds[versions.findIndex((version) => version.storage)]!
  const family = new Family({
    kinds: new Map(kinds.map((kind) => [kind.apiVersion, kind])),
    storage,
    webhook: spec.conversion?.strategy === 'Webhook',
    life,
  })
  const resources = versions.map((version, position) => {
    const deprecation = deprecationOf(named, version)
    const tag = `${servedAs(outline)} ${version.name}`
    const options = { family, tag, retired, ...(deprecation !== undefined && { deprecation }) }
    return new CustomResource(kinds[position]!, options)
  })
  return resources.sort((one, other) => rank(one.kind, storage) - rank(other.kind, storage))
}

const rank = (kind: Kind, storage: Kind): number => (kind === storage ? 0 : 1)

/**
 * Read when a schema is first used. Should the definition have changed by then, its newest schema
 * is as good: what is stored says by which it was written.
 */
function schemaOf(
  { store, resource }: Source,
  key: string,
  versionName: string,
): JSONSchemaProps | undefined {
  const entry = store.get(key)
  const versions = entry && versionsOf(definitionOf(resource, entry))
  const version = versions?.find(({ name }) => name === versionName)
  if (!version) throw notServed()
  return version.schema?.openAPIV3Schema
}

/** What to say to users of a deprecated version. */
function deprecationOf(
  definition: CustomResourceDefinition,
  { name, deprecated, deprecationWarning }: Version,
): string | undefined {
  if (!deprecated) return undefined
  if (deprecationWarning !== undefined) return deprecationWarning
  const { group, names } = definition.spec
  const [newer] = versionsOf(definition)
    .filter((each) => each.served && !each.deprecated)
    .map((each) => each.name)
    .filter((each) => compareVersionNames(each, name) < 0)
    .sort(compareVersionNames)
  const warning = `${group}/${name} ${names.kind} is deprecated`
  return newer === undefined ? warning : `${warning}; use ${group}/${newer} ${names.kind}`
}
