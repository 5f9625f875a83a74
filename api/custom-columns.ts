/** Printer columns of custom resources: what a JSONPath finds, as the type of the column says. */
import { findAll, type JsonPath, JsonPathError, parseJsonPath } from './json-path.ts'
import { type Cell, type Column, column, nameColumn, sinceText } from './table.ts'
import { TimeError, timeToEpoch } from './time.ts'

/** As a CustomResourceDefinition states it. */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
  readonly jsonPath: string
}

type CustomObject = Parameters<(typeof nameColumn)['cell']>[0]

/** Without columns of its own, a custom resource shows its age. */
const ageOnly: readonly PrinterColumn[] = [
  {
    name: 'Age',
    type: 'date',
    description: 'How long ago the object was created.',
    jsonPath: '.metadata.creationTimestamp',
  },
]

/** The columns of a custom resource; throws a JsonPathError for a path that cannot be read. */
export function customColumns(
  columns: readonly PrinterColumn[] | undefined,
): readonly Column<CustomObject>[] {
  const own = columns?.length ? columns : ageOnly
  return [nameColumn, ...own.map(customColumn)]
}

function customColumn(options: PrinterColumn): Column<CustomObject> {
  const { name, type, format = '', priority = 0, jsonPath } = options
  const path = parseJsonPath(jsonPath)
  const doc =
    options.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`
  const cell = (object: CustomObject, now: number): Cell => cellOf(type, path, object, now)
  return column(name, type as Column<CustomObject>['type'], doc, cell, { format, priority })
}

/** Only the first finding is shown; what does not fit the type of the column is left empty. */
function cellOf(type: string, path: JsonPath, object: object, now: number): Cell {
  const value = firstOf(path, object)
  if (value === undefined) return null
  switch (type) {
    case 'string':
      return printed(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null
    default:
      return null
  }
}

function firstOf(path: JsonPath, object: object): unknown {
  try {
    return findAll(path, object)[0]
  } catch (error) {
    // Upstream leaves the cell empty when the object is not shaped as the path expects.
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}

function dateCell(text: string, now: number): string {
  if (text === '' || text === 'null') return '<unknown>'
  try {
    timeToEpoch(text)
  } catch (error) {
    if (error instanceof TimeError) return '<invalid>'
    throw error
  }
  return sinceText(text, now)
}

function printed(value: unknown): string {
  if (value === null) return '<no value>'
  if (typeof value === 'object') return goJson(value)
  return typeof value === 'number' ? goNumber(value) : String(value)
}

/** Go's exponents have two digits and begin at five zeros. */
function goNumber(value: number): string {
  const isTiny = value !== 0 && Math.abs(value) < 1e-4
  const text = isTiny ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** JSON as Go writes it: keys sorted, and signs escaped that would mean something in HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value, (_, each) => (isPlainObject(each) ? sorted(each) : each)).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
