/**
 * Schema values: what an API type is, written once. The static TypeScript types follow from them
 * here; decoding, defaults, validation, OpenAPI, protobuf, patches and tables are walks over them.
 */
import type { JSONSchemaProps } from './parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from './problems.ts'

declare const storedType: unique symbol
declare const inputType: unique symbol
declare const emptyForm: unique symbol

/**
 * What a schema becomes when it is empty, which decides what presence does to it:
 * `zero` is '' 0 or false, `null` is a list, map, bytes, time or raw value, `self` is a struct or a
 * value that always has a text, such as a quantity. Only `zero` and `list` can be dropped.
 */
export type EmptyForm = 'zero' | 'list' | 'null' | 'self'

/** Carries three types through inference and nothing at run time. */
export interface Typed<S, I = S, E extends EmptyForm = EmptyForm> {
  readonly [storedType]?: S
  readonly [inputType]?: I
  readonly [emptyForm]?: E
}

/** The form that the server stores and serves: normalised and defaulted. */
export type Stored<T> = T extends Typed<infer S, unknown> ? S : never
/** The form that callers may write: whatever has a default or is assigned may be left out. */
export type Input<T> = T extends Typed<unknown, infer I> ? I : never

export type ScalarType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'bytes' // Base64 text.
  | 'quantity' // Canonical text.
  | 'time' // RFC 3339, UTC, whole seconds.
  | 'microTime' // RFC 3339, UTC, six decimals.
  | 'duration' // Go's duration syntax.
  | 'intOrString'
  | 'any' // JSON as it came.
  | 'object' // A JSON object as it came: RawExtension and FieldsV1.

/** What a definition of a custom resource says about a value, beyond its shape. */
interface Custom {
  readonly custom?: JSONSchemaProps
}

export interface ScalarSchema extends Custom {
  readonly type: ScalarType
  /** The words that are accepted, published as an enum. */
  readonly values?: readonly string[]
  /** Validation passes the words by: rules of the kind judge them in upstream's order. */
  readonly unchecked?: true
  /** Full name, where a type of its own shares the form of another, as `meta.v1.FieldsV1` does. */
  readonly name?: string
}

/** How a strategic merge patch treats a list, map or struct when it is not the default. */
export type PatchStrategy = 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys'

export interface ListOptions {
  /** Server-side apply: the fields that identify an item. */
  readonly keys?: readonly string[]
  /** Server-side apply: `set` owns each scalar, `atomic` the whole; `map` follows from keys. */
  readonly listType?: 'atomic' | 'set' | 'map'
  /** Strategic merge: the field that identifies an item. */
  readonly mergeKey?: string
  readonly patch?: PatchStrategy
  /** Protobuf wraps a named list in a message of its own, with the items as field 1. */
  readonly message?: string
}

export interface ListSchema extends ListOptions, Custom {
  readonly type: 'list'
  readonly item: Schema
}

export interface MapSchema extends Custom {
  readonly type: 'map'
  readonly value: Schema
}

/** JSON that is either a struct or something simpler, as three types of apiextensions are. */
export interface EitherSchema {
  readonly type: 'either'
  /** Full name, such as `apiextensions.v1.JSONSchemaPropsOrBool`. */
  readonly name: string
  readonly struct: Schema
  readonly structTag: number
  readonly other: Schema
  readonly otherTag: number
}

/** Breaks a cycle between schemas. */
export interface LazySchema {
  readonly type: 'lazy'
  readonly resolve: () => Schema
}

export interface StructSchema extends Custom {
  readonly type: 'struct'
  /** Package and Go name, such as `apps.v1.DeploymentSpec`. */
  readonly name: string
  readonly doc: string
  readonly fields: Fields
  /** Server-side apply: owned and replaced as a whole. */
  readonly atomic?: boolean
  /** Unknown fields are kept, as JSON without a schema. */
  readonly open?: true
  /** At most one of the fields is set, beside the one that says which. */
  readonly union?: { readonly discriminator?: string }
  // Methods, so that a struct of any type is a StructSchema.
  /** Defaults that depend on other fields; runs after the static ones, before those of children. */
  defaults?(value: object): void
  /** Rules across fields; runs after the checks of each field. */
  validate?(value: object, at: Path, problems: Problems): void
  /** Every rule, in place of those of the fields: where their order or context says too little. */
  validateWhole?(value: object, at: Path, problems: Problems): void
  /** Rules about a change; runs after `immutable` of each field. */
  validateUpdate?(next: object, previous: object, at: Path, problems: Problems): void
}

// biome-ignore lint/suspicious/noExplicitAny: a schema of any type, as inference needs it.
export type Schema<S = any, I = any, E extends EmptyForm = EmptyForm> = (
  | ScalarSchema
  | ListSchema
  | MapSchema
  | StructSchema
  | EitherSchema
  | LazySchema
) &
  Typed<S, I, E>

export type Struct<S, I = S> = StructSchema & Typed<S, I, 'self'>

/**
 * When a field is written:
 * `required` always, and validation insists on a value; `always` even when empty; `omitEmpty` only
 * when not empty (a struct is never empty); `optional` when set, be it to an empty value;
 * `nullable` always, as null when not set; `inline` puts the fields of a struct into the parent.
 */
export type Presence = 'required' | 'always' | 'omitEmpty' | 'optional' | 'nullable' | 'inline'

/** What presence means to the static types: `given` by the caller, `present` once stored, … */
type Place = 'given' | 'present' | 'absent' | 'inline'

export interface FieldOptions<S> {
  readonly default?: S
  /** Written even when empty, and yet callers need not give it. */
  readonly mayOmit?: true
  /** Set by the server: typed as present in the stored form. */
  readonly assigned?: true
  readonly immutable?: true
  readonly min?: number
  readonly max?: number
  /** Names what is wrong with a text; one problem for each message. */
  readonly format?: (value: string) => readonly string[]
  /** Any other rule about this field alone; runs at its place in the order of fields. */
  check?(value: S, at: Path, problems: Problems): void
  /** Strategic merge of a struct or map field, where it is not plain merging. */
  readonly patch?: PatchStrategy
  /** Server-side apply: this map or struct is owned as a whole here. */
  readonly atomic?: true
  /** What the schema of this field says publicly when it differs, such as `enum` on one field. */
  readonly publishedDefault?: unknown
}

export interface Field<S = unknown, I = S, P extends Place = Place>
  extends Omit<FieldOptions<unknown>, 'check'>,
    Typed<S, I> {
  /** Protobuf tag; 0 when the field has no place in protobuf. */
  readonly tag: number
  readonly presence: Presence
  readonly schema: Schema
  readonly doc: string
  /** Type-level only. */
  readonly place?: P
  check?(value: unknown, at: Path, problems: Problems): void
}

export type Fields = { readonly [name: string]: Field }

// --- Static types of a struct -------------------------------------------------------------------

type KeysAt<F, P extends Place> = {
  [K in keyof F]: F[K] extends { readonly place?: infer Q }
    ? Exclude<Q, undefined> extends P
      ? K
      : never
    : never
}[keyof F]
type Flat<T> = { [K in keyof T]: T[K] }
type Intersected<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer T) => void
  ? T
  : never
type InlineStored<F> = [KeysAt<F, 'inline'>] extends [never]
  ? unknown
  : Intersected<Stored<F[KeysAt<F, 'inline'>]>>
type InlineInput<F> = [KeysAt<F, 'inline'>] extends [never]
  ? unknown
  : Intersected<Input<F[KeysAt<F, 'inline'>]>>

export type StoredOf<F> = Flat<
  { [K in KeysAt<F, 'given' | 'present'>]: Stored<F[K]> } & {
    [K in KeysAt<F, 'absent'>]?: Stored<F[K]>
  } & InlineStored<F>
>
export type InputOf<F> = Flat<
  { [K in KeysAt<F, 'given'>]: Input<F[K]> } & {
    [K in KeysAt<F, 'present' | 'absent'>]?: Input<F[K]> | undefined
  } & InlineInput<F>
>

type Always<S, E> = E extends 'list' | 'null' ? S | null : S
type OmitEmptyPlace<E> = E extends 'self' | 'null' ? 'present' : 'absent'

// --- Constructors: scalars and containers --------------------------------------------------------

const scalar = <S, E extends EmptyForm>(type: ScalarType): ScalarSchema & Typed<S, S, E> => ({
  type,
})

export const string = scalar<string, 'zero'>('string')
export const boolean = scalar<boolean, 'zero'>('boolean')
export const int32 = scalar<number, 'zero'>('int32')
export const int64 = scalar<number, 'zero'>('int64')
export const float64 = scalar<number, 'zero'>('float64')
export const bytes = scalar<string, 'list'>('bytes')
export const quantity: ScalarSchema & Typed<string, string | number, 'self'> = { type: 'quantity' }
export const time = scalar<string, 'null'>('time')
export const microTime = scalar<string, 'null'>('microTime')
export const duration = scalar<string, 'self'>('duration')
export const intOrString = scalar<number | string, 'self'>('intOrString')
export const any = scalar<unknown, 'null'>('any')
export const object = scalar<Record<string, unknown>, 'null'>('object')
/** A set of fields, as server-side apply records them. */
export const fieldsV1: typeof object = { type: 'object', name: 'meta.v1.FieldsV1' }

/** A text that must be one of these words. */
export function enumOf<const W extends string>(...values: W[]): ScalarSchema & Typed<W, W, 'zero'> {
  return { type: 'string', values }
}

/** Published like `enumOf`, judged by rules of the kind: upstream's order or path differs. */
export function publishedEnum<const W extends string>(
  ...values: W[]
): ScalarSchema & Typed<W, W, 'zero'> {
  return { type: 'string', values, unchecked: true }
}

/** A text that has well-known words, typed as these, where upstream takes any. */
export function wordOf<const W extends string>(..._known: W[]): ScalarSchema & Typed<W, W, 'zero'> {
  return { type: 'string' }
}

export function listOf<S, I>(
  item: Schema<S, I>,
  options: ListOptions = {},
): ListSchema & Typed<S[], readonly I[], 'list'> {
  const listType = options.listType ?? (options.keys && 'map')
  return { type: 'list', item, ...options, ...(listType && { listType }) }
}

export function mapOf<S, I>(
  value: Schema<S, I>,
): MapSchema & Typed<Record<string, S>, Readonly<Record<string, I>>, 'list'> {
  return { type: 'map', value }
}

export function lazy<S, I = S>(resolve: () => Schema<S, I>): LazySchema & Typed<S, I, 'self'> {
  return { type: 'lazy', resolve }
}

export function either<S, T>(
  name: string,
  struct: readonly [tag: number, schema: Schema<S>],
  other: readonly [tag: number, schema: Schema<T>],
): EitherSchema & Typed<S | T, S | T, 'null'> {
  const [structTag, structSchema] = struct
  const [otherTag, otherSchema] = other
  return { type: 'either', name, struct: structSchema, structTag, other: otherSchema, otherTag }
}

// --- Constructors: fields ------------------------------------------------------------------------

type WithDefault<S> = FieldOptions<S> & ({ readonly default: S } | { readonly assigned: true })

function field(presence: Presence) {
  return (tag: number, schema: Schema, doc: string, options: FieldOptions<never> = {}): Field =>
    ({ tag, presence, schema, doc, ...options }) as Field
}

export const required = field('required') as <S, I>(
  tag: number,
  schema: Schema<S, I>,
  doc: string,
  options?: FieldOptions<S>,
) => Field<S, I, 'given'>

export const always = field('always') as <S, I, E extends EmptyForm>(
  tag: number,
  schema: Schema<S, I, E>,
  doc: string,
  options?: FieldOptions<S>,
) => Field<Always<S, E>, I | null, 'present'>

interface OmitEmpty {
  <S, I>(
    tag: number,
    schema: Schema<S, I>,
    doc: string,
    options: WithDefault<S>,
  ): Field<S, I, 'present'>
  <S, I, E extends EmptyForm>(
    tag: number,
    schema: Schema<S, I, E>,
    doc: string,
    options?: FieldOptions<S>,
  ): Field<E extends 'null' ? S | null : S, I | null, OmitEmptyPlace<E>>
}
export const omitEmpty = field('omitEmpty') as OmitEmpty

interface Optional {
  <S, I>(
    tag: number,
    schema: Schema<S, I>,
    doc: string,
    options: WithDefault<S>,
  ): Field<S, I | null, 'present'>
  <S, I>(
    tag: number,
    schema: Schema<S, I>,
    doc: string,
    options?: FieldOptions<S>,
  ): Field<S, I | null, 'absent'>
}
export const optional = field('optional') as Optional

export const nullable = field('nullable') as <S, I>(
  tag: number,
  schema: Schema<S, I>,
  doc: string,
  options?: FieldOptions<S>,
) => Field<S | null, I | null, 'present'>

/** The fields of `schema` stand in the parent's JSON; protobuf nests them as a message. */
export function inline<S, I>(tag: number, schema: Struct<S, I>): Field<S, I, 'inline'> {
  return { tag, presence: 'inline', schema, doc: schema.doc }
}

export interface StructOptions<S> {
  readonly atomic?: true
  readonly union?: { readonly discriminator?: string }
  defaults?(value: S): void
  validate?(value: S, at: Path, problems: Problems): void
  validateWhole?(value: S, at: Path, problems: Problems): void
  validateUpdate?(next: S, previous: S, at: Path, problems: Problems): void
}

export function struct<const F extends Fields>(
  name: string,
  doc: string,
  fields: F,
  options: StructOptions<StoredOf<F>> = {},
): Struct<StoredOf<F>, InputOf<F>> {
  return { type: 'struct', name, doc, fields, ...(options as object) }
}

// --- Questions every walk asks -------------------------------------------------------------------

/** The schema itself, with lazy ones resolved. */
export function resolved(schema: Schema): Exclude<Schema, LazySchema> {
  let current = schema
  while (current.type === 'lazy') current = current.resolve()
  return current
}

const flattened = new WeakMap<StructSchema, readonly (readonly [string, Field])[]>()

/** The fields as JSON shows them: in order, those of inline structs in place. */
export function jsonFields(schema: StructSchema): readonly (readonly [name: string, Field])[] {
  let list = flattened.get(schema)
  if (!list) {
    list = Object.entries(schema.fields).flatMap(([name, each]) =>
      each.presence === 'inline' ? jsonFields(structOf(each.schema)) : [[name, each] as const],
    )
    flattened.set(schema, list)
  }
  return list
}

export function structOf(schema: Schema): StructSchema {
  const target = resolved(schema)
  if (target.type !== 'struct') throw new TypeError(`schema is not a struct: ${target.type}`)
  return target
}

/** Whether a field must be given by the caller, as OpenAPI's `required` says. */
export function isSchemaRequired({ presence, mayOmit }: Field): boolean {
  return (presence === 'required' || presence === 'always' || presence === 'nullable') && !mayOmit
}
