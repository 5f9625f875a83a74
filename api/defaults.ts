/** Defaulting: fills, in place, what a caller left out, parents before children. */

import { compiledOnce } from './compiled-once.ts'
import { fillOf } from './custom/fill.ts'
import { jsonCopy } from './json-copy.ts'
import {
  type Field,
  jsonFields,
  type ListSchema,
  type MapSchema,
  resolved,
  type Schema,
  type StructSchema,
} from './schema.ts'

type Defaulter = (value: never) => void

const defaulterOf = compiledOnce<Parameters<Defaulter>>(compile)

/** Fills the defaults of a value in normal form, and returns it. */
export function applyDefaults<T>(schema: Schema<T>, value: T): T {
  defaulterOf(schema)?.(value as never)
  return value
}

function compile(schema: Exclude<Schema, { type: 'lazy' }>): Defaulter | undefined {
  if ('custom' in schema && schema.custom) return fillOf(schema.custom) as Defaulter
  switch (schema.type) {
    case 'struct':
      return structDefaulter(schema)
    case 'list':
      return listDefaulter(schema)
    case 'map':
      return mapDefaulter(schema)
    default:
      return undefined
  }
}

function structDefaulter(schema: StructSchema): Defaulter | undefined {
  const fields = jsonFields(schema)
  const statics = fields.filter(([, field]) => field.default !== undefined).map(staticDefault)
  const hooks = hooksOf(schema)
  const children = fields.flatMap(([name, field]) => {
    const defaulter = defaulterOf(field.schema)
    return defaulter ? [{ name, defaulter: defaulter as (value: unknown) => void }] : []
  })
  if (!statics.length && !hooks.length && !children.length) return undefined
  return (value: Record<string, unknown>) => {
    for (const { name, make, unset } of statics) if (unset(value[name])) value[name] = make()
    for (const hook of hooks) hook(value)
    for (const { name, defaulter } of children) {
      const child = value[name]
      if (child !== undefined && child !== null) defaulter(child)
    }
  }
}

function staticDefault([name, field]: readonly [string, Field]) {
  const value = field.default
  const make = typeof value === 'object' ? () => jsonCopy(value) : () => value
  return { name, make, unset: field.presence === 'always' ? isEmptyText : isAbsent }
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null
/** Where empty values are written, an empty text is the unset one. */
const isEmptyText = (value: unknown): boolean => isAbsent(value) || value === ''

/** An inline struct brings its own rules to the parent that holds its fields. */
function hooksOf(schema: StructSchema): ((value: object) => void)[] {
  const inherited = Object.values(schema.fields).flatMap((field) => {
    const target = field.presence === 'inline' ? resolved(field.schema) : undefined
    return target?.type === 'struct' ? hooksOf(target) : []
  })
  const own = schema.defaults
  return own ? [...inherited, (value) => own(value)] : inherited
}

function listDefaulter({ item }: ListSchema): Defaulter | undefined {
  const each = defaulterOf(item) as ((value: unknown) => void) | undefined
  return (
    each &&
    ((values: unknown[]) => {
      for (const value of values) each(value)
    })
  )
}

function mapDefaulter({ value: item }: MapSchema): Defaulter | undefined {
  const each = defaulterOf(item) as ((value: unknown) => void) | undefined
  return (
    each &&
    ((values: object) => {
      for (const value of Object.values(values)) each(value)
    })
  )
}
