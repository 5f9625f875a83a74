/** How a schema wants its lists, maps and structs to be merged by a strategic patch. */
import { goStructName, goTypeName } from '../go-names.ts'
import type { Field } from '../schema.ts'
import {
  jsonFields,
  type PatchStrategy,
  resolved,
  type Schema,
  type StructSchema,
} from '../schema.ts'
import { StatusError } from '../status.ts'

/** The schema of the map that is merged. */
export type Strategy = Exclude<Schema, { type: 'lazy' }>

export const strategyOf = (schema: Schema): Strategy => resolved(schema)

export interface MapStrategy {
  readonly strategy: Strategy
  readonly isReplaced: boolean
}

export interface ListStrategy {
  readonly isMerged: boolean
  /** The field that identifies an item; empty for scalars. */
  readonly key: string
  readonly item: () => Strategy
}

export function memberStrategy(parent: Strategy, name: string, type: 'map'): MapStrategy
export function memberStrategy(parent: Strategy, name: string, type: 'list'): ListStrategy
export function memberStrategy(
  parent: Strategy,
  name: string,
  type: 'map' | 'list',
): MapStrategy | ListStrategy {
  const { schema, patch } = memberOf(parent, name)
  if (type === 'map') return { strategy: schema, isReplaced: words(patch).includes('replace') }
  if (schema.type !== 'list') {
    throw unexpected(`expected slice or array type, but got: ${goKind(schema)}`)
  }
  const isMerged = words(schema.patch ?? patch).includes('merge')
  return { isMerged, key: schema.mergeKey ?? '', item: () => resolved(schema.item) }
}

const words = (patch: PatchStrategy | undefined): string[] => patch?.split(',') ?? []
const unexpected = (message: string): StatusError => StatusError.withoutReason(500, message)

function memberOf(parent: Strategy, name: string) {
  if (parent.type === 'map') return { schema: resolved(parent.value), patch: undefined }
  const field = parent.type === 'struct' ? fieldsOf(parent).get(name) : undefined
  if (field) return { schema: resolved(field.schema), patch: field.patch }
  throw unexpected(
    `unable to find api field in struct ${structName(parent)} for the json field ` +
      JSON.stringify(name),
  )
}

/** Free JSON is in structs too, which have no fields that a patch could name. */
function structName(schema: Strategy): string {
  if (schema.type === 'any') return 'JSON'
  return goStructName(goTypeName(schema))
}

const known = new WeakMap<StructSchema, ReadonlyMap<string, Field>>()

function fieldsOf(schema: StructSchema): ReadonlyMap<string, Field> {
  let fields = known.get(schema)
  if (!fields) {
    fields = new Map(jsonFields(schema))
    known.set(schema, fields)
  }
  return fields
}

/** The kind of a Go type, as reflection names it. */
function goKind(schema: Strategy): string {
  switch (schema.type) {
    case 'map':
    case 'string':
    case 'int32':
    case 'int64':
    case 'float64':
      return schema.type
    case 'bytes':
      return 'slice'
    case 'boolean':
      return 'bool'
    default:
      return 'struct'
  }
}
