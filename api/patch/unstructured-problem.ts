/**
 * Why the result of a strategic patch has not the types of its schema. Upstream brings it into form
 * by another way than JSON, which has words of its own.
 */
import { goTypeName } from '../go-names.ts'
import { jsonFields, resolved, type ScalarType, type Schema } from '../schema.ts'
import { goTypeOf } from './go-value.ts'

type Json = Record<string, unknown>

/** The first problem in the order of the schema. Values with a text of their own are not judged. */
export function unstructuredProblem(schema: Schema, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const target = resolved(schema)
  switch (target.type) {
    case 'struct': {
      if (!isMap(value)) return `cannot restore struct from: ${kindOf(value)}`
      const fields = jsonFields(target)
      return first(fields, ([name, field]) => unstructuredProblem(field.schema, own(value, name)))
    }
    case 'map':
      if (!isMap(value)) return `cannot restore map from ${kindOf(value)}`
      return first(Object.values(value), (child) => unstructuredProblem(target.value, child))
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`
      return first(value, (child) => unstructuredProblem(target.item, child))
    case 'bytes':
      return typeof value === 'string' ? undefined : `cannot restore slice from ${kindOf(value)}`
    default:
      return scalarProblem(target, target.type, value)
  }
}

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const own = (value: Json, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined

function first<T>(
  values: readonly T[],
  problemOf: (value: T) => string | undefined,
): string | undefined {
  for (const value of values) {
    const problem = problemOf(value)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** The kind of a Go value, as reflection names it. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  return typeof value === 'object' ? 'map' : goTypeOf(value)
}

const integers: ReadonlySet<ScalarType> = new Set(['int32', 'int64'])

function scalarProblem(schema: Schema, type: string, value: unknown): string | undefined {
  const isInteger = integers.has(type as ScalarType)
  if (type === 'string' || type === 'boolean') {
    if (typeof value === type) return undefined
    const isNumber = type === 'string' && Number.isInteger(value)
    return isNumber ? notConvertible(schema, value) : `unrecognized type: ${goTypeName(schema)}`
  }
  if (!isInteger && type !== 'float64') return undefined
  if (typeof value !== 'number') return `unrecognized type: ${goTypeName(schema)}`
  return isInteger && !Number.isInteger(value) ? notConvertible(schema, value) : undefined
}

const notConvertible = (schema: Schema, value: unknown): string =>
  `cannot convert ${goTypeOf(value)} to ${goTypeName(schema)}`
