/** The defaults that a schema states must themselves follow it. */
import { isDeepStrictEqual } from 'node:util'
import { customCheck } from '../custom/check.ts'
import { customCodec } from '../custom/prune.ts'
import { DecodeError } from '../decode-error.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'

export function validateSchemaDefaults(
  schema: JSONSchemaProps,
  at: Path,
  problems: Problems,
): void {
  const { properties = {}, additionalProperties, items } = schema
  if (schema.default !== undefined) validateDefault(schema, at.child('default'), problems)
  if (items && !Array.isArray(items)) validateSchemaDefaults(items, at.child('items'), problems)
  for (const [name, each] of Object.entries(properties)) {
    validateSchemaDefaults(each, at.child('properties').key(name), problems)
  }
  if (typeof additionalProperties === 'object') {
    validateSchemaDefaults(additionalProperties, at.child('additionalProperties'), problems)
  }
}

function validateDefault(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const value = schema.default
  try {
    const pruned = customCodec(schema, false).decode(value, { unknown: 0 })
    if (isDeepStrictEqual(pruned, value)) customCheck(schema)(value, at, problems)
    else problems.invalid(at, value, 'must not have unknown fields')
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    problems.invalid(at, value, `must result in valid metadata: ${error.message}`)
  }
}
