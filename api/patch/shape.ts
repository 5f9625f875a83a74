/**
 * What server-side apply sees of a schema: where ownership is of single fields and items, and where
 * of a whole. Compiled once for each schema, so that the walks over objects decide nothing twice.
 */
import { codecOf } from '../decode.ts'
import {
  type Field,
  jsonFields,
  type ListSchema,
  type MapSchema,
  resolved,
  type Schema,
  type StructSchema,
} from '../schema.ts'
import { fieldElement } from './path-element.ts'

/** Owned as a whole: scalars, atomic lists, maps and structs. */
export interface LeafShape {
  readonly type: 'leaf'
}

export interface StructShape {
  readonly type: 'struct'
  /** In the order in which sets list them. */
  readonly members: readonly Member[]
  readonly byName: ReadonlyMap<string, Member>
  /** Whether it may have fields that no schema describes. */
  readonly isOpen: boolean
}

export interface Member {
  readonly name: string
  readonly element: string
  /** Shares its name with a property that every object has. */
  readonly isInherited: boolean
  /** Resolved when it is first needed, since schemas may contain themselves. */
  readonly shape: () => Shape
}

export interface MapShape {
  readonly type: 'map'
  readonly value: () => Shape
}

/** A list of scalars, each owned by itself. */
export interface SetShape {
  readonly type: 'set'
}

/** A list of structs, each identified by some of its fields. */
export interface KeyedShape {
  readonly type: 'keyed'
  /** Sorted. */
  readonly keys: readonly string[]
  /** What a key is when an item does not say; undefined where it must. */
  readonly defaults: readonly unknown[]
  readonly item: () => Shape
}

/** JSON without a schema: maps field by field, all else as a whole. */
export interface DeducedShape {
  readonly type: 'deduced'
}

export type Shape = LeafShape | StructShape | MapShape | SetShape | KeyedShape | DeducedShape

const leaf: LeafShape = { type: 'leaf' }
export const deduced: DeducedShape = { type: 'deduced' }
const shapes = new WeakMap<Schema, Shape>()

export function shapeOf(schema: Schema): Shape {
  const target = resolved(schema)
  let shape = shapes.get(target)
  if (!shape) {
    shape = compile(target)
    shapes.set(target, shape)
  }
  return shape
}

function compile(schema: Exclude<Schema, { type: 'lazy' }>): Shape {
  switch (schema.type) {
    case 'struct':
      return schema.atomic ? leaf : structShape(schema)
    case 'map':
      return { type: 'map', value: once(() => mapValueShape(schema)) }
    case 'list':
      return listShape(schema)
    case 'any':
    case 'object':
      // Built-in kinds own free JSON as a whole, custom ones field by field.
      return schema.custom ? deduced : leaf
    default:
      return leaf
  }
}

function mapValueShape({ custom, value }: MapSchema): Shape {
  const isFree = custom && resolved(value).type === 'any'
  return isFree ? deduced : shapeOf(value)
}

function structShape(schema: StructSchema): StructShape {
  const members = jsonFields(schema)
    .map(([name, field]) => ({
      name,
      element: fieldElement(name),
      isInherited: name in Object.prototype,
      shape: fieldShape(field),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const byName = new Map(members.map((each) => [each.name, each]))
  return { type: 'struct', members, byName, isOpen: schema.open ?? false }
}

const fieldShape = ({ atomic, schema }: Field): (() => Shape) =>
  atomic ? () => leaf : once(() => shapeOf(schema))

function listShape(schema: ListSchema): Shape {
  if (schema.listType === 'set') return { type: 'set' }
  if (schema.listType !== 'map' || !schema.keys) return leaf
  const keys = [...schema.keys].sort()
  const item = resolved(schema.item)
  const fields = new Map(item.type === 'struct' ? jsonFields(item) : [])
  const defaults = keys.map((key) => keyDefault(fields.get(key)))
  return { type: 'keyed', keys, defaults, item: once(() => shapeOf(schema.item)) }
}

/** Where a field is always written, upstream publishes its empty value as the default. */
function keyDefault(field: Field | undefined): unknown {
  if (field?.default !== undefined) return field.default
  const isAlways = field?.presence === 'required' || field?.presence === 'always'
  return isAlways ? codecOf(field.schema).empty() : undefined
}

function once(make: () => Shape): () => Shape {
  let made: Shape | undefined
  return () => {
    made ??= make()
    return made
  }
}
