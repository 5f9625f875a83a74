/** Lists of custom resources that are sets or maps: no item, and no combination of keys, twice. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'
import { isObject } from './rules.ts'

type Check = (value: unknown, at: Path, problems: Problems) => void

const checks = new WeakMap<JSONSchemaProps, Check | 'none'>()

/** Undefined where no list below is a set or map, so that whole subtrees are never visited. */
export function uniquenessOf(schema: JSONSchemaProps): Check | undefined {
  const known = checks.get(schema)
  if (known) return known === 'none' ? undefined : known
  const check = compile(schema)
  checks.set(schema, check ?? 'none')
  return check
}

function compile(schema: JSONSchemaProps): Check | undefined {
  const { items, properties = {}, additionalProperties } = schema
  const own = listCheck(schema)
  const item = items && !Array.isArray(items) ? uniquenessOf(items) : undefined
  const members = Object.entries(properties).flatMap(([name, each]) => {
    const check = uniquenessOf(each)
    return check ? [{ name, check }] : []
  })
  const other =
    typeof additionalProperties === 'object' ? uniquenessOf(additionalProperties) : undefined
  if (!own && !item && !members.length && !other) return undefined
  return (value, at, problems) => {
    if (Array.isArray(value)) {
      own?.(value, at, problems)
      if (item)
        for (const [position, each] of value.entries()) item(each, at.index(position), problems)
    } else if (isObject(value)) {
      for (const { name, check } of members) check(value[name], at.child(name), problems)
      if (!other) return
      for (const [name, each] of Object.entries(value)) other(each, at.key(name), problems)
    }
  }
}

function listCheck(schema: JSONSchemaProps): Check | undefined {
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys']
  if (type === 'set')
    return (value, at, problems) => reportTwins(value as unknown[], (item) => item, at, problems)
  if (type !== 'map' || !keys) return undefined
  const properties =
    schema.items && !Array.isArray(schema.items) ? schema.items.properties : undefined
  const identity = (item: unknown): unknown => {
    if (!isObject(item)) return undefined
    const parts = keys.map((key) => [key, item[key] ?? properties?.[key]?.default])
    return Object.fromEntries(parts.filter(([, value]) => value !== undefined))
  }
  return (value, at, problems) => reportTwins(value as unknown[], identity, at, problems)
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
