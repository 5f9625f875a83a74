/** What the client must know of a resource, and where its objects are served. */
import assert from 'node:assert'
import {
  type PartialObjectMetadata,
  PartialObjectMetadata as partialObjectMetadata,
} from '#api/kinds/meta/partial-object-metadata.ts'
import type { ObjectMeta } from '#api/parts/meta/object-meta.ts'
import type { Typed } from '#api/schema.ts'

/** Reads the text that a field selector compares. */
type SelectableField<S> = { read(object: S): string }['read']

/** A resource whose objects may be anything. */
export interface AnyResource {
  readonly group: string
  readonly version: string
  readonly apiVersion: string
  readonly kind: string
  readonly plural?: string
  readonly scope?: 'Namespaced' | 'Cluster'
  /** Only the metadata of its objects is asked for. */
  readonly isMetadataOnly?: true
}

/** Every Kind is one, and so is what discovery says about a resource that we have no kind for. */
export interface Resource<S = object, I = object> extends AnyResource, Typed<S, I, 'self'> {
  readonly selectable?: Readonly<Record<string, SelectableField<S>>>
}

/** What every object of every resource has. */
export interface ApiObject {
  readonly kind?: string
  readonly apiVersion?: string
  readonly metadata: ObjectMeta
}

export interface Reference {
  readonly name: string
  readonly namespace?: string | undefined
}

/** An object, or just its name: whatever the caller has at hand. */
export type Target = Reference | { readonly metadata: Reference }

export interface Place {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

/** The same resource with nothing but the metadata of its objects: for those who need no more. */
export function metadataOf(resource: AnyResource): Resource<PartialObjectMetadata> {
  const { group, version, apiVersion, kind, plural, scope } = resource
  const { schema: _, ...typed } = partialObjectMetadata
  return {
    ...(typed as object),
    group,
    version,
    apiVersion,
    kind,
    ...(plural !== undefined && { plural }),
    ...(scope !== undefined && { scope }),
    isMetadataOnly: true,
  }
}

export function referenceOf(target: Target): Reference {
  return 'metadata' in target ? target.metadata : target
}

/** `namespace/name`, or the name alone: how caches and queues tell objects apart. */
export function keyOf(target: Target): string {
  const { namespace, name } = referenceOf(target)
  return namespace ? `${namespace}/${name}` : name
}

/** The reverse of keyOf(): neither part can contain a slash. */
export function referenceFromKey(key: string): Reference {
  const slash = key.indexOf('/')
  if (slash < 0) return { name: key }
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** How a resource is told apart from others, whatever version it is read in. */
export function resourceId({ group, plural, kind }: AnyResource): string {
  return group ? `${plural ?? kind}.${group}` : (plural ?? kind)
}

export function isNamespaced({ scope }: AnyResource): boolean {
  return scope !== 'Cluster'
}

/** The path of an object, of a subresource, or of all objects of a namespace or the cluster. */
export function pathOf(resource: AnyResource, place: Place = {}): string {
  const { group, version, plural } = resource
  assert(plural, `path of ${resource.kind}: objects of this kind are not served on their own`)
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`
  const within = place.namespace ? `/namespaces/${encodeURIComponent(place.namespace)}` : ''
  const object = place.name === undefined ? '' : `/${encodeURIComponent(place.name)}`
  const below = place.subresource === undefined ? '' : `/${place.subresource}`
  return `${root}${within}/${plural}${object}${below}`
}

/** The representation to ask for. */
export function acceptFor({ isMetadataOnly }: AnyResource, isList = false): string {
  if (!isMetadataOnly) return 'application/json'
  const name = isList ? 'PartialObjectMetadataList' : 'PartialObjectMetadata'
  return `application/json;as=${name};g=meta.k8s.io;v=v1`
}
