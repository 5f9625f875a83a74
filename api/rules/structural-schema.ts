/**
 * Structural schemas: every value has one type that is stated in one place, so that objects can be
 * pruned and defaulted. Choices (anyOf and the like) may only restrict what stands outside of them.
 */
import { isDeepStrictEqual } from 'node:util'
import { patternProblem } from '../custom/pattern.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { type Path, Problems } from '../problems.ts'

type Level = 'root' | 'item' | 'field'

/** Problems come sorted, as upstream sorts them. */
export function validateStructure(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const own = new Problems()
  validateInvariants(schema, 'root', at, own)
  validateCompleteness(schema, schema, at, at, own)
  const text = ({ field, message }: (typeof own.list)[number]): string => `${field}: ${message}`
  problems.list.push(...own.list.sort((one, other) => (text(one) < text(other) ? -1 : 1)))
}

const singleItems = ({ items }: JSONSchemaProps): JSONSchemaProps | undefined =>
  Array.isArray(items) ? undefined : items

function validateInvariants(
  schema: JSONSchemaProps,
  level: Level,
  at: Path,
  problems: Problems,
): void {
  const { properties = {}, additionalProperties } = schema
  const items = singleItems(schema)
  if (schema.type === 'array' && !items) problems.required(at.child('items'), 'must be specified')
  if (items) validateInvariants(items, 'item', at.child('items'), problems)
  for (const [name, each] of Object.entries(properties)) {
    validateInvariants(each, 'field', at.child('properties').key(name), problems)
  }
  if (additionalProperties !== undefined) {
    const path = at.child('additionalProperties')
    if (level === 'root') problems.forbidden(path, 'must not be used at the root')
    if (typeof additionalProperties === 'object') {
      validateInvariants(additionalProperties, 'field', path, problems)
    }
  }
  validateIntOrString(schema, at, problems)
  validateRestrictions(schema, isIntOrStringChoice(schema.anyOf), at, problems)
  validateType(schema, level, at, problems)
  validateIdentity(schema, level, at, problems)
}

function validateIntOrString(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  if (!schema['x-kubernetes-int-or-string']) return
  const others = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const
  for (const name of others) {
    if (!schema[name]) continue
    const detail = 'must be false if x-kubernetes-int-or-string is true'
    problems.invalid(at.child(name), true, detail)
  }
}

const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function validateType(schema: JSONSchemaProps, level: Level, at: Path, problems: Problems): void {
  const { type } = schema
  const path = at.child('type')
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    if (type) problems.invalid(path, type, detail)
    else problems.required(path, detail)
  } else if (
    !type &&
    !schema['x-kubernetes-int-or-string'] &&
    !schema['x-kubernetes-preserve-unknown-fields']
  ) {
    problems.required(path, missingType[level])
  }
  if (level === 'root' && type && type !== 'object') {
    problems.invalid(path, type, 'must be object at the root')
  }
}

/** Whole objects bring apiVersion, kind and metadata, about which a schema may say little. */
function validateIdentity(
  schema: JSONSchemaProps,
  level: Level,
  at: Path,
  problems: Problems,
): void {
  const { properties = {} } = schema
  const isEmbedded = schema['x-kubernetes-embedded-resource'] ?? false
  if (isEmbedded && schema.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set'
    problems.forbidden(at.child('additionalProperties'), why)
  }
  if (level === 'root' || isEmbedded) {
    const wanted = { kind: 'string', apiVersion: 'string', metadata: 'object' }
    for (const [name, type] of Object.entries(wanted)) {
      const own = properties[name]
      if (!own || own.type === type) continue
      const path = at.child('properties').key(name).child('type')
      problems.invalid(path, own.type ?? '', `must be ${type}`)
    }
  }
  if (level === 'root' && properties.metadata && !isPlainMetadata(properties.metadata)) {
    const why =
      'must not specify anything other than name and generateName, but metadata is implicitly specified'
    problems.forbidden(at.child('properties').key('metadata'), why)
  }
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields']
  if (isEmbedded && !keepsUnknown && !Object.keys(properties).length) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    problems.required(at.child('properties'), detail)
  }
}

function isPlainMetadata({ type: _, default: __, properties = {}, ...rest }: JSONSchemaProps) {
  const isKnown = Object.keys(properties).every((name) => ['name', 'generateName'].includes(name))
  return isKnown && Object.keys(rest).length === 0
}

const intOrString: readonly JSONSchemaProps[] = [{ type: 'integer' }, { type: 'string' }]

const isIntOrStringChoice = (anyOf: readonly JSONSchemaProps[] | undefined): boolean =>
  isDeepStrictEqual(anyOf, intOrString)

/** `isChoiceOfTypes`: the one choice that may name types, that between a number and a text. */
function validateRestrictions(
  schema: JSONSchemaProps,
  isChoiceOfTypes: boolean,
  at: Path,
  problems: Problems,
  isInside = false,
): void {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema
  if (!isChoiceOfTypes) {
    for (const [position, each] of anyOf.entries()) {
      validateNested(each, false, at.child('anyOf').index(position), problems)
    }
  }
  for (const [position, each] of allOf.entries()) {
    const mayName = !isInside && position === 0 && isIntOrStringChoice(each.anyOf)
    validateNested(each, mayName, at.child('allOf').index(position), problems)
  }
  for (const [position, each] of oneOf.entries()) {
    validateNested(each, false, at.child('oneOf').index(position), problems)
  }
  if (not) validateNested(not, false, at.child('not'), problems)
  const wrong = pattern && patternProblem(pattern)
  if (wrong) {
    const detail = `must be a valid regular expression, but isn't: ${wrong}`
    problems.invalid(at.child('pattern'), pattern, detail)
  }
}

/** Keywords that state a type and so have no place inside a choice, and how they must be. */
const stated: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
]

function validateNested(
  schema: JSONSchemaProps,
  isChoiceOfTypes: boolean,
  at: Path,
  problems: Problems,
): void {
  const { properties = {} } = schema
  validateRestrictions(schema, isChoiceOfTypes, at, problems, true)
  const items = singleItems(schema)
  if (items) validateNested(items, false, at.child('items'), problems)
  for (const [name, each] of Object.entries(properties)) {
    validateNested(each, false, at.child('properties').key(name), problems)
  }
  for (const [name, wanted] of stated) {
    const value = schema[name]
    const isSet = wanted === 'undefined' ? value !== undefined : Boolean(value)
    if (isSet) problems.forbidden(at.child(name), `must be ${wanted} to be structural`)
  }
  if (Object.hasOwn(properties, 'metadata')) {
    const path = at.child('properties').key('metadata')
    problems.forbidden(path, 'must not be specified in a nested context')
  }
}

/** What a choice speaks of must be stated outside of it too. */
function validateCompleteness(
  choice: JSONSchemaProps,
  schema: JSONSchemaProps,
  at: Path,
  choicePath: Path,
  problems: Problems,
): void {
  const { not, allOf = [], anyOf = [], oneOf = [] } = choice
  if (not) validateParts(not, schema, at, choicePath.child('not'), problems)
  for (const [name, list] of Object.entries({ allOf, anyOf, oneOf })) {
    for (const [position, each] of list.entries()) {
      validateParts(each, schema, at, choicePath.child(name).index(position), problems)
    }
  }
  if (choice !== schema) return
  const items = singleItems(schema)
  if (items) validateCompleteness(items, items, at.child('items'), at.child('items'), problems)
  for (const [name, each] of Object.entries(schema.properties ?? {})) {
    const path = at.child('properties').key(name)
    validateCompleteness(each, each, path, path, problems)
  }
  if (typeof schema.additionalProperties !== 'object') return
  const other = schema.additionalProperties
  const path = at.child('additionalProperties')
  validateCompleteness(other, other, path, path, problems)
}

function validateParts(
  choice: JSONSchemaProps,
  schema: JSONSchemaProps,
  at: Path,
  choicePath: Path,
  problems: Problems,
): void {
  validateCompleteness(choice, schema, at, choicePath, problems)
  const parts = Object.entries(choice.properties ?? {}).map(([name, each]) => {
    const known = Object.hasOwn(schema.properties ?? {}, name)
    const place = (path: Path): Path => path.child('properties').key(name)
    return { each, own: known ? schema.properties?.[name] : undefined, place }
  })
  const items = singleItems(choice)
  const place = (path: Path): Path => path.child('items')
  if (items) parts.unshift({ each: items, own: singleItems(schema), place })
  for (const { each, own, place } of parts) {
    const where = place(choicePath)
    if (own) validateParts(each, own, place(at), where, problems)
    else problems.required(place(at), `because it is defined in ${where}`)
  }
}
