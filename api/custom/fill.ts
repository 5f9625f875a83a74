/** Defaults of custom resources: forbidden nulls go, and what is then missing is filled in. */

import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { setOwn } from '../set-own.ts'
import { isObject } from './rules.ts'

type Fill = (value: unknown) => void

const fills = new WeakMap<JSONSchemaProps, Fill>()

export function fillOf(schema: JSONSchemaProps): Fill {
  let fill = fills.get(schema)
  if (!fill) {
    fill = compile(schema)
    fills.set(schema, fill)
  }
  return fill
}

const hasDefault = (schema: JSONSchemaProps): boolean =>
  schema.default !== undefined && schema.default !== null

function compile(schema: JSONSchemaProps): Fill {
  const { properties = {}, additionalProperties, items } = schema
  const members = Object.entries(properties).map(([name, each]) => ({
    name,
    each,
    fill: fillOf(each),
  }))
  const known = new Set(Object.keys(properties))
  const other = typeof additionalProperties === 'object' ? additionalProperties : undefined
  const item = items && !Array.isArray(items) ? items : undefined
  return (value) => {
    if (Array.isArray(value)) {
      if (item) for (const key of value.keys()) fillPlace(value, key, item)
    } else if (isObject(value)) {
      const isLonger = fillMembers(value, members)
      if (other)
        for (const key of Object.keys(value)) if (!known.has(key)) fillPlace(value, key, other)
      if (isLonger) sortKeys(value)
    }
  }
}

/** Whether a field was added, which then stands out of order. */
function fillMembers(
  object: Record<string, unknown>,
  members: readonly { name: string; each: JSONSchemaProps; fill: Fill }[],
): boolean {
  let isLonger = false
  for (const { name, each, fill } of members) {
    const isPresent = Object.hasOwn(object, name)
    if (!isPresent || (object[name] === null && !each.nullable)) {
      if (hasDefault(each)) {
        setOwn(object, name, structuredClone(each.default))
        isLonger ||= !isPresent
      } else if (isPresent) delete object[name]
    }
    const value = object[name]
    if (typeof value === 'object' && value !== null) fill(value)
  }
  return isLonger
}

/** In lists and maps nothing is ever missing, but a null may stand for the default. */
function fillPlace(
  holder: unknown[] | Record<string, unknown>,
  key: string | number,
  schema: JSONSchemaProps,
): void {
  const place = holder as Record<string | number, unknown>
  if (place[key] === null && !schema.nullable && hasDefault(schema)) {
    place[key] = structuredClone(schema.default)
  }
  fillOf(schema)(place[key])
}

function sortKeys(object: Record<string, unknown>): void {
  const entries = Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1))
  for (const [name] of entries) delete object[name]
  for (const [name, value] of entries) setOwn(object, name, value)
}
