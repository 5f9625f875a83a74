/** Bounds the patterns of a definition before any of them is compiled. */
import { patternSize } from '../custom/pattern.ts'
import type { CustomResourceDefinitionVersion } from '../parts/apiextensions/definition-version.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'

/** Large real definitions have some ten thousand; this many take less than a second. */
const STATES_MAX = 100_000

/** Whether all patterns together, each counted once, are of a size that can be compiled. */
export function validatePatternSizes(
  versions: readonly CustomResourceDefinitionVersion[],
  at: Path,
  problems: Problems,
): boolean {
  const patterns = new Set<string>()
  for (const { schema } of versions) collectPatterns(schema?.openAPIV3Schema, patterns)
  let states = 0
  for (const pattern of patterns) {
    states += pattern.length > STATES_MAX ? pattern.length : patternSize(pattern)
    if (states <= STATES_MAX) continue
    problems.forbidden(at, `patterns must not have more than ${STATES_MAX} states altogether`)
    return false
  }
  return true
}

function collectPatterns(schema: JSONSchemaProps | undefined, patterns: Set<string>): void {
  if (!schema) return
  const { pattern, items, additionalProperties, not, properties = {} } = schema
  if (pattern) patterns.add(pattern)
  if (items && !Array.isArray(items)) collectPatterns(items, patterns)
  if (typeof additionalProperties === 'object') collectPatterns(additionalProperties, patterns)
  for (const each of Object.values(properties)) collectPatterns(each, patterns)
  for (const list of [schema.allOf, schema.anyOf, schema.oneOf]) {
    for (const each of list ?? []) collectPatterns(each, patterns)
  }
  collectPatterns(not, patterns)
}
