/** Whether an applied configuration has the types that its schema declares, in upstream's words. */
import {
  jsonFields,
  type ListSchema,
  type MapSchema,
  resolved,
  type ScalarType,
  type Schema,
  type StructSchema,
} from '../schema.ts'
import { goValue } from './go-value.ts'
import { itemElement, missingKey } from './list-items.ts'
import { printedElement } from './path-element.ts'
import { type KeyedShape, type SetShape, shapeOf } from './shape.ts'

type Json = Record<string, unknown>
interface Flaw {
  readonly path: string
  readonly message: string
}

/** Undefined when all is well. */
export function typeProblem(schema: Schema, value: unknown): string | undefined {
  const flaws: Flaw[] = []
  check(schema, value, '', flaws)
  const texts = flaws.map(({ path, message }) => (path ? `${path}: ${message}` : message))
  return texts.length > 1 ? ['errors:', ...texts.map((text) => `  ${text}`)].join('\n') : texts[0]
}

function check(schema: Schema, value: unknown, path: string, flaws: Flaw[]): void {
  if (value === null) return
  const target = resolved(schema)
  if (target.type === 'any' || target.type === 'either') return
  if (target.type === 'list') {
    checkList(target, value, path, flaws)
  } else if (target.type === 'struct' || target.type === 'map' || target.type === 'object') {
    if (!isMap(value)) flaws.push({ path, message: `expected map, got &{${goValue(value)}}` })
    else if (target.type === 'struct') checkStruct(target, value, path, flaws)
    else if (target.type === 'map') checkMap(target, value, path, flaws)
  } else {
    const message = scalarProblem(target.type, value)
    if (message) flaws.push({ path, message })
  }
}

function checkMap(schema: MapSchema, value: Json, path: string, flaws: Flaw[]): void {
  for (const [name, child] of Object.entries(value)) {
    check(schema.value, child, `${path}.${name}`, flaws)
  }
}

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field that is not declared ends the check of its struct. */
function checkStruct(schema: StructSchema, value: Json, path: string, flaws: Flaw[]): void {
  const fields = fieldsOf(schema)
  for (const [name, child] of Object.entries(value)) {
    const field = fields.get(name)
    if (!field && schema.open) continue
    if (!field) {
      flaws.push({ path: `${path}.${name}`, message: 'field not declared in schema' })
      return
    }
    check(field, child, `${path}.${name}`, flaws)
  }
}

const known = new WeakMap<StructSchema, ReadonlyMap<string, Schema>>()

function fieldsOf(schema: StructSchema): ReadonlyMap<string, Schema> {
  let fields = known.get(schema)
  if (!fields) {
    fields = new Map(jsonFields(schema).map(([name, field]) => [name, field.schema]))
    known.set(schema, fields)
  }
  return fields
}

function checkList(schema: ListSchema, value: unknown, path: string, flaws: Flaw[]): void {
  if (!Array.isArray(value)) {
    flaws.push({ path, message: `expected list, got &{${goValue(value)}}` })
    return
  }
  const shape = shapeOf(schema)
  if (shape.type !== 'set' && shape.type !== 'keyed') {
    for (const [at, item] of value.entries()) check(schema.item, item, `${path}[${at}]`, flaws)
    return
  }
  const seen = new Set<string>()
  for (const [at, item] of value.entries()) {
    const problem = itemProblem(shape, item)
    if (problem) {
      flaws.push({ path, message: `element ${at}: ${problem}` })
      return
    }
    const element = itemElement(shape, item)
    const printed = printedElement(element)
    if (seen.has(element)) {
      flaws.push({ path, message: `duplicate entries for key ${printed}` })
    }
    seen.add(element)
    check(schema.item, item, path + printed, flaws)
  }
}

/** Why an item cannot be told from others. */
function itemProblem(shape: SetShape | KeyedShape, item: unknown): string | undefined {
  if (shape.type === 'set') {
    if (isMap(item)) return "associative list without keys has an element that's a map type"
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements'
    if (item === null) return "associative list without keys has an element that's an explicit null"
    return undefined
  }
  if (item === null) return 'associative list with keys may not have a null element'
  if (!isMap(item)) return 'associative list with keys may not have non-map elements'
  const key = missingKey(shape, item)
  if (key === undefined) return undefined
  return (
    `associative list with keys has an element that omits key field "${key}" ` +
    "(and doesn't have default value)"
  )
}

function scalarProblem(type: ScalarType, value: unknown): string | undefined {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goValue(value)}}`
    case 'int32':
    case 'int64':
    case 'float64':
      if (typeof value === 'number') return undefined
      return `expected numeric (int or float), got ${goTypeOf(value)}`
    case 'quantity':
    case 'intOrString':
      return typeof value !== 'object' ? undefined : `expected any scalar, got &{${goValue(value)}}`
    default:
      if (typeof value === 'string') return undefined
      return `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
  }
}

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** As Go's `%#v` prints a value. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (value === null) return 'interface {}(nil)'
  if (typeof value !== 'object') return JSON.stringify(value)
  const fields = Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1))
  const texts = fields.map(([name, field]) => `${JSON.stringify(name)}:${goSyntax(field)}`)
  return `map[string]interface {}{${texts.join(', ')}}`
}
