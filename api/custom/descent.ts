/** Checks that concern few places of a custom resource: only what leads to them is visited. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'
import { isObject } from './rules.ts'

export type CustomCheck = (value: unknown, at: Path, problems: Problems) => void
type CheckOf = (schema: JSONSchemaProps) => CustomCheck | undefined

/**
 * From a check of values by their own schema, one of values and all that is in them; undefined
 * where no schema below has anything to check.
 */
export function withDescent(ownCheckOf: CheckOf): CheckOf {
  const known = new WeakMap<JSONSchemaProps, CustomCheck | 'none'>()
  const checkOf: CheckOf = (schema) => {
    const found = known.get(schema)
    if (found) return found === 'none' ? undefined : found
    const check = compile(schema, ownCheckOf(schema), checkOf)
    known.set(schema, check ?? 'none')
    return check
  }
  return checkOf
}

function compile(
  { items, properties = {}, additionalProperties }: JSONSchemaProps,
  own: CustomCheck | undefined,
  checkOf: CheckOf,
): CustomCheck | undefined {
  const item = items && !Array.isArray(items) ? checkOf(items) : undefined
  const members = Object.entries(properties).flatMap(([name, each]) => {
    const check = checkOf(each)
    return check ? [{ name, check }] : []
  })
  const other = typeof additionalProperties === 'object' ? checkOf(additionalProperties) : undefined
  if (!own && !item && !members.length && !other) return undefined
  return (value, at, problems) => {
    own?.(value, at, problems)
    if (Array.isArray(value)) {
      if (!item) return
      for (const [position, each] of value.entries()) item(each, at.index(position), problems)
    } else if (isObject(value)) {
      for (const { name, check } of members) check(value[name], at.child(name), problems)
      if (!other) return
      for (const [name, each] of Object.entries(value)) other(each, at.key(name), problems)
    }
  }
}
