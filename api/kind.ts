/** A kind: a schema with the identity, behaviour and looks of an API resource. */
import { listMeta } from './parts/meta/list-meta.ts'
import { type ObjectMeta, objectMeta } from './parts/meta/object-meta.ts'
import type { Path, Problems } from './problems.ts'
import {
  always,
  type Fields,
  type Input,
  type InputOf,
  listOf,
  omitEmpty,
  type Schema,
  type Stored,
  type StoredOf,
  type Struct,
  string,
  struct,
  type Typed,
} from './schema.ts'
import type { Column, RowCondition } from './table.ts'

export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch'

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

export interface Subresource {
  readonly verbs: readonly Verb[]
  /** The kind that it takes and answers, where it is not the kind itself. */
  readonly group?: string
  readonly version?: string
  readonly kind?: string
}

/** Where the Scale subresource finds its numbers, as dotted paths. */
export interface ScalePaths {
  readonly specReplicas: string
  readonly statusReplicas: string
  /** A path to a label selector, in object, map or string form. */
  readonly selector?: string
}

/** How objects of a kind go when they are deleted, where it is not at once and in silence. */
export interface Deletion<S> {
  /** How long an object may take to end by itself; zero or undefined removes it at once. */
  graceSeconds?(object: S, wanted: number | undefined): number | undefined
  /** The answer shows the object that went, not a Status. */
  readonly returnsObject?: true
  /** Its dependents stay, unless the caller wants them to go. */
  readonly orphansByDefault?: true
  /** For callers who let that happen without saying so. */
  readonly orphansWarning?: string
  /** What else changes, in place, when an object begins to go. */
  starting?(object: S): void
  /** Whether something beyond finalizers and grace still keeps an object that is going. */
  isHeld?(object: S): boolean
  /** How an object begins to go, in place, where that is not the usual way; `now` is its time. */
  begin?(object: S, now: string): void
}

/** Reads the text that a field selector compares. A method type, so that kinds stay covariant. */
type SelectableField<S> = { read(object: S): string }['read']

/** The part of a kind that its resource has and a plain message has not. */
interface ResourceOptions<S> {
  readonly plural?: string
  /** The lower-cased kind unless given. */
  readonly singular?: string
  /** The kind of its lists: its own and `List` unless given. */
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly scope?: 'Namespaced' | 'Cluster'
  /** All of them unless given. */
  readonly verbs?: readonly Verb[]
  readonly subresources?: Readonly<Record<string, Subresource>>
  readonly scale?: ScalePaths
  /** Problems of a name; any DNS subdomain is fine unless given. */
  readonly nameRule?: (name: string, isPrefix: boolean) => readonly string[]
  /** Fields beyond metadata.name and metadata.namespace that field selectors may use. */
  readonly selectable?: Readonly<Record<string, SelectableField<S>>>
  /** Its metadata counts the changes of the wanted state, and of what is named here beside it. */
  readonly generation?: true | 'labels' | 'annotations'
  /** Whoever creates an object may say what its status is. */
  readonly statusOnCreate?: true
  /** An update must name the version it changes. */
  readonly conditionalUpdates?: true
  /** An update of an object that does not exist creates it. */
  readonly createOnUpdate?: true
  readonly deletion?: Deletion<S>
  readonly columns?: readonly Column<S>[]
  rowConditions?(object: S): readonly RowCondition[]
  /** Clears or sets what a creator may not decide; runs after admission, before validation. */
  prepareCreate?(object: S): void
  /** Carries over, before defaulting, what an update may not change without being refused. */
  prepareUpdate?(next: S, previous: S): void
  /** Rules for new objects alone; runs after all others. */
  validateCreate?(object: S, problems: Problems): void
  /** Told with every answer about a kind that nobody should use any more. */
  readonly deprecation?: string
  /** Warnings for the caller about an object that is valid. */
  warnings?(object: S, previous: S | undefined): readonly string[]
}

interface KindOptions<F extends Fields, S> extends ResourceOptions<S> {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Full name when the package does not follow from the group, such as `meta.v1.Status`. */
  readonly name?: string
  readonly doc: string
  readonly fields: F
  defaults?(object: S): void
  validate?(object: S, at: Path, problems: Problems): void
  validateWhole?(object: S, at: Path, problems: Problems): void
  validateUpdate?(next: S, previous: S, at: Path, problems: Problems): void
}

interface TypeMeta<K extends string, A extends string> {
  kind: K
  apiVersion: A
}
type ApiVersion<G extends string, V extends string> = G extends '' ? V : `${G}/${V}`
type WithMeta<F> = 'metadata' extends keyof F ? unknown : { metadata: ObjectMeta }
type WithMetaInput<F> = 'metadata' extends keyof F
  ? unknown
  : { metadata?: Input<typeof objectMeta> }

export interface Kind<S = object, I = object> extends ResourceOptions<S>, Typed<S, I, 'self'> {
  readonly group: string
  readonly version: string
  readonly apiVersion: string
  readonly kind: string
  readonly singular: string
  readonly verbs: readonly Verb[]
  readonly schema: Struct<S, I>
}

const typeMeta = {
  kind: omitEmpty(0, string, 'Which kind of object this is.'),
  apiVersion: omitEmpty(0, string, 'Group and version of the schema that this object follows.'),
}

const metadata = omitEmpty(1, objectMeta, 'Name, labels and everything else common to all objects.')

/** A kind whose objects have names, are stored and are served as a resource. */
export function defineKind<
  const G extends string,
  const V extends string,
  const K extends string,
  const F extends Fields,
>(
  options: KindOptions<F, TypeMeta<K, ApiVersion<G, V>> & WithMeta<F> & StoredOf<F>> & {
    readonly group: G
    readonly version: V
    readonly kind: K
  },
): Kind<
  TypeMeta<K, ApiVersion<G, V>> & WithMeta<F> & StoredOf<F>,
  Partial<TypeMeta<K, ApiVersion<G, V>>> & WithMetaInput<F> & InputOf<F>
> {
  const { fields } = options
  return kindOf(options, 'metadata' in fields ? fields : { metadata, ...fields }) as never
}

/** A kind without metadata of its own: what requests and answers carry, such as DeleteOptions. */
export function defineMessage<
  const G extends string,
  const V extends string,
  const K extends string,
  const F extends Fields,
>(
  options: KindOptions<F, TypeMeta<K, ApiVersion<G, V>> & StoredOf<F>> & {
    readonly group: G
    readonly version: V
    readonly kind: K
  },
): Kind<
  TypeMeta<K, ApiVersion<G, V>> & StoredOf<F>,
  Partial<TypeMeta<K, ApiVersion<G, V>>> & InputOf<F>
> {
  return kindOf(options, options.fields) as never
}

// biome-ignore lint/suspicious/noExplicitAny: the two callers above state the exact types.
function kindOf(options: KindOptions<Fields, any>, fields: Fields) {
  const {
    name,
    doc,
    fields: _,
    defaults,
    validate,
    validateWhole,
    validateUpdate,
    ...rest
  } = options
  const { group, version, kind } = options
  const hooks = {
    ...(defaults && { defaults }),
    ...(validate && { validate }),
    ...(validateWhole && { validateWhole }),
    ...(validateUpdate && { validateUpdate }),
  }
  const schema = struct(
    name ?? `${packageOf(group)}.${version}.${kind}`,
    doc,
    { ...typeMeta, ...fields },
    hooks,
  )
  const apiVersion = group ? `${group}/${version}` : version
  return { singular: kind.toLowerCase(), verbs: allVerbs, ...rest, apiVersion, schema }
}

/** The Go package of a group: its first label, and `core` for the group without a name. */
function packageOf(group: string): string {
  return group.split('.')[0] || 'core'
}

export const listKindOf = ({ kind, listKind }: Pick<Kind, 'kind' | 'listKind'>): string =>
  listKind ?? `${kind}List`

const lists = new WeakMap<Kind, Struct<KindList<object>>>()

export interface KindList<S> {
  kind: string
  apiVersion: string
  metadata: Stored<typeof listMeta>
  items: S[]
}

/** The schema of `PodList` for `Pod`. */
export function listSchema<S extends object>(kind: Kind<S>): Struct<KindList<S>> {
  let list = lists.get(kind as never)
  if (!list) {
    const fields = {
      ...typeMeta,
      metadata: omitEmpty(1, listMeta, 'What a list says about itself.'),
      items: always(2, listOf(kind.schema as Schema), 'The objects of the list.'),
    }
    list = struct(`${kind.schema.name}List`, `A list of ${kind.kind} objects.`, fields) as never
    lists.set(kind as never, list!)
  }
  return list as never
}

/** The usual status subresource. */
export const statusSubresource = { status: { verbs: ['get', 'patch', 'update'] } } as const

/** The usual scale subresource. */
export const scaleSubresource = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
} as const
