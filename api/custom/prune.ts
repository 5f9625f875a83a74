/** Custom resources to their normal form: unknown fields dropped, keys sorted. */
import { type Codec, codecOf, type Findings } from '../decode.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { objectMeta } from '../parts/meta/object-meta.ts'
import { setOwn } from '../set-own.ts'

type Prune = (value: unknown, findings: Findings) => unknown

const prunes = new WeakMap<JSONSchemaProps, Prune>()

/**
 * The root is an object with metadata, whether its schema says so or not.
 * Values of a wrong type pass, since validation then says what is wrong with them.
 */
export function customCodec(schema: JSONSchemaProps, isRoot: boolean): Codec {
  return { decode: isRoot ? compile(schema, true) : pruneOf(schema), empty: () => null }
}

function pruneOf(schema: JSONSchemaProps): Prune {
  let prune = prunes.get(schema)
  if (!prune) {
    prune = compile(schema, schema['x-kubernetes-embedded-resource'] ?? false)
    prunes.set(schema, prune)
  }
  return prune
}

function compile(schema: JSONSchemaProps, isResource: boolean): Prune {
  const { properties = {}, additionalProperties, items } = schema
  const members = new Map(Object.entries(properties).map(([name, each]) => [name, pruneOf(each)]))
  if (isResource) addResourceFields(members)
  const keepsUnknown =
    schema['x-kubernetes-preserve-unknown-fields'] || additionalProperties === true
  const other =
    typeof additionalProperties === 'object'
      ? pruneOf(additionalProperties)
      : keepsUnknown
        ? sortedJson
        : undefined
  const item = items && !Array.isArray(items) ? pruneOf(items) : keepsUnknown ? sortedJson : emptied
  return (value, findings) => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((each) => item(each, findings))
    return pruneObject(value as Record<string, unknown>, members, other, findings)
  }
}

function addResourceFields(members: Map<string, Prune>): void {
  const metadata = codecOf(objectMeta)
  const keep: Prune = (value) => value
  members.set('apiVersion', keep)
  members.set('kind', keep)
  members.set('metadata', (value, findings) =>
    value === null ? null : metadata.decode(value, findings),
  )
}

function pruneObject(
  value: Record<string, unknown>,
  members: ReadonlyMap<string, Prune>,
  other: Prune | undefined,
  findings: Findings,
): object {
  const output: Record<string, unknown> = {}
  let isUnknown = false
  for (const name of Object.keys(value).sort()) {
    const prune = members.get(name) ?? other
    if (!prune) isUnknown = true
    else setOwn(output, name, prune(value[name], findings))
  }
  if (isUnknown) findings.unknown++
  return output
}

/** JSON without a schema is kept as it is, but for the order of keys. */
const sortedJson: Prune = (value, findings) => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => sortedJson(each, findings))
  return pruneObject(value as Record<string, unknown>, new Map(), sortedJson, findings)
}

/** Items of a list without a schema for them lose every field. */
const emptied: Prune = (value, findings) => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => emptied(each, findings))
  return pruneObject(value as Record<string, unknown>, new Map(), undefined, findings)
}
