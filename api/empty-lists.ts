/**
 * Lists and maps that are written even when empty come back from upstream's storage as null,
 * because protobuf cannot tell nothing from none. A writer owns the field all the same.
 */
import { compiledOnce } from './compiled-once.ts'
import { jsonFields, resolved, type Schema, type StructSchema } from './schema.ts'

type Forget = (value: never) => void

const forgetterOf = compiledOnce<Parameters<Forget>>(compile)

/** Turns them into null, in place. */
export function forgetEmptyLists<T>(schema: Schema<T>, value: T): void {
  forgetterOf(schema)?.(value as never)
}

function compile(schema: Schema): Forget | undefined {
  if (schema.type === 'struct') return schema.custom ? undefined : structForgetter(schema)
  if (schema.type !== 'list' && schema.type !== 'map') return undefined
  const each = forgetterOf(schema.type === 'list' ? schema.item : schema.value)
  return (
    each &&
    ((values: object) => {
      for (const value of Object.values(values)) if (value !== null) each(value as never)
    })
  )
}

function structForgetter(schema: StructSchema): Forget | undefined {
  const fields = jsonFields(schema)
  const nullable = fields.filter(([, field]) => field.presence === 'always' && isMany(field.schema))
  const children = fields.flatMap(([name, field]) => {
    const forget = forgetterOf(field.schema)
    return forget ? [{ name, forget }] : []
  })
  if (!nullable.length && !children.length) return undefined
  return (value: Record<string, unknown>) => {
    for (const [name] of nullable) if (isNone(value[name])) value[name] = null
    for (const { name, forget } of children) {
      const child = value[name]
      if (child !== undefined && child !== null) forget(child as never)
    }
  }
}

const isMany = (schema: Schema): boolean => ['list', 'map'].includes(resolved(schema).type)

function isNone(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
