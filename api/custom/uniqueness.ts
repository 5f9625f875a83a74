/** Lists of custom resources that are sets or maps: no item, and no combination of keys, twice. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'
import { withDescent } from './descent.ts'
import { isObject } from './rules.ts'

export const uniquenessOf = withDescent((schema) => {
  const check = listCheck(schema)
  return (
    check &&
    ((value, at, problems) => {
      if (Array.isArray(value)) check(value, at, problems)
    })
  )
})

type ListCheck = (items: readonly unknown[], at: Path, problems: Problems) => void

function listCheck(schema: JSONSchemaProps): ListCheck | undefined {
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys']
  if (type === 'set')
    return (items, at, problems) => reportTwins(items, (item) => item, at, problems)
  if (type !== 'map' || !keys) return undefined
  const properties =
    schema.items && !Array.isArray(schema.items) ? schema.items.properties : undefined
  const identity = (item: unknown): unknown => {
    if (!isObject(item)) return undefined
    const parts = keys.map((key) => [key, item[key] ?? properties?.[key]?.default])
    return Object.fromEntries(parts.filter(([, value]) => value !== undefined))
  }
  return (items, at, problems) => reportTwins(items, identity, at, problems)
}

/** Each later twin is reported once, at its place. */
function reportTwins(
  items: readonly unknown[],
  identity: (item: unknown) => unknown,
  at: Path,
  problems: Problems,
): void {
  const seen = new Set<string>()
  for (const [position, item] of items.entries()) {
    const own = identity(item)
    if (own === undefined) continue
    const text = JSON.stringify(own)
    if (seen.has(text)) problems.duplicate(at.index(position), own)
    else seen.add(text)
  }
}
