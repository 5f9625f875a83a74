/** Which keywords of JSON Schema a definition may use, and how they go together. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const identityFields = ['metadata', 'kind', 'apiVersion']

/** What the place of a schema takes away. */
interface Context {
  readonly isRoot: boolean
  /** Inside of apiVersion, kind or metadata of a whole object. */
  readonly isIdentity: boolean
  /** Why no default may be stated here; undefined where it may. */
  readonly noDefaults?: string
}

export function validateKeywords(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  validateSchema(schema, { isRoot: true, isIdentity: false }, at, problems)
}

function validateSchema(
  schema: JSONSchemaProps,
  context: Context,
  at: Path,
  problems: Problems,
): void {
  validateSupport(schema, context, at, problems)
  if (schema.uniqueItems) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    problems.forbidden(at.child('uniqueItems'), why)
  }
  validateProperties(schema, context, at, problems)
  validateCombinations(schema, { ...context, isRoot: false }, at, problems)
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const path = at.child('x-kubernetes-preserve-unknown-fields')
    problems.invalid(path, false, 'must be true or undefined')
  }
  validateMapType(schema, at, problems)
  validateListType(schema, at, problems)
  validateListKeys(schema, at, problems)
  validateKeyFields(schema, at, problems)
}

function validateSupport(
  schema: JSONSchemaProps,
  { isIdentity, noDefaults }: Context,
  at: Path,
  problems: Problems,
): void {
  const { type } = schema
  if (type && !types.includes(type)) problems.notSupported(at.child('type'), type, types)
  if (schema.default !== undefined && noDefaults !== undefined) {
    problems.forbidden(at.child('default'), `must not be set ${noDefaults}`)
  }
  const unsupported = (name: keyof JSONSchemaProps, isSet: boolean): void => {
    if (isSet) problems.forbidden(at.child(name), `${name} is not supported`)
  }
  unsupported('id', Boolean(schema.id))
  unsupported('additionalItems', schema.additionalItems !== undefined)
  unsupported('patternProperties', hasEntries(schema.patternProperties))
  unsupported('definitions', hasEntries(schema.definitions))
  unsupported('dependencies', schema.dependencies !== undefined)
  unsupported('$ref', schema.$ref !== undefined)
  if (type === 'null') {
    const why = 'type cannot be set to null, use nullable as an alternative'
    problems.forbidden(at.child('type'), why)
  }
  if (Array.isArray(schema.items) && schema.items.length) {
    problems.forbidden(at.child('items'), 'items must be a schema object and not an array')
  }
  if (isIdentity && schema['x-kubernetes-embedded-resource']) {
    const path = at.child('x-kubernetes-embedded-resource')
    problems.forbidden(path, 'must not be used inside of resource meta')
  }
}

const hasEntries = (value: object | undefined): boolean =>
  value !== undefined && Object.keys(value).length > 0

function validateProperties(
  schema: JSONSchemaProps,
  context: Context,
  at: Path,
  problems: Problems,
): void {
  const { properties, additionalProperties } = schema
  const inner = { ...context, isRoot: false }
  if (
    additionalProperties !== undefined &&
    additionalProperties !== true &&
    hasEntries(properties)
  ) {
    const why = 'additionalProperties and properties are mutual exclusive'
    problems.forbidden(at.child('additionalProperties'), why)
  }
  if (typeof additionalProperties === 'object') {
    const why = 'inside additionalProperties applying to object metadata'
    const own = context.isIdentity ? { ...inner, noDefaults: why } : inner
    validateSchema(additionalProperties, own, at.child('additionalProperties'), problems)
  }
  for (const [name, each] of Object.entries(properties ?? {})) {
    const isWhole = context.isRoot || schema['x-kubernetes-embedded-resource']
    const isIdentity = context.isIdentity || (Boolean(isWhole) && identityFields.includes(name))
    const noDefaults = context.isRoot && isIdentity ? `in top-level ${name}` : context.noDefaults
    const own = { ...inner, isIdentity, ...(noDefaults !== undefined && { noDefaults }) }
    validateSchema(each, own, at.child('properties').key(name), problems)
  }
}

function validateCombinations(
  schema: JSONSchemaProps,
  context: Context,
  at: Path,
  problems: Problems,
): void {
  const { not, allOf = [], oneOf = [], anyOf = [], items } = schema
  if (not) validateSchema(not, context, at.child('not'), problems)
  for (const [name, list] of Object.entries({ allOf, oneOf, anyOf })) {
    for (const [position, each] of list.entries()) {
      validateSchema(each, context, at.child(name).index(position), problems)
    }
  }
  if (items && !Array.isArray(items)) validateSchema(items, context, at.child('items'), problems)
}

/** A keyword that goes with one type only. */
function requireType(
  { type }: JSONSchemaProps,
  wanted: string,
  keyword: string,
  at: Path,
  problems: Problems,
): boolean {
  if (type === wanted) return true
  const detail = `must be ${wanted} if ${keyword} is specified`
  if (type) problems.invalid(at.child('type'), type, detail)
  else problems.required(at.child('type'), detail)
  return false
}

function validateMapType(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const mapType = schema['x-kubernetes-map-type']
  if (mapType === undefined) return
  requireType(schema, 'object', 'x-kubernetes-map-type', at, problems)
  const known = ['atomic', 'granular']
  if (!known.includes(mapType)) {
    problems.notSupported(at.child('x-kubernetes-map-type'), mapType, known)
  }
}

function validateListType(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const listType = schema['x-kubernetes-list-type']
  if (listType === undefined) return
  const isArray = requireType(schema, 'array', 'x-kubernetes-list-type', at, problems)
  if (isArray && listType === 'set') validateSetItems(schema, at.child('items'), problems)
  const known = ['atomic', 'set', 'map']
  if (!known.includes(listType)) {
    problems.notSupported(at.child('x-kubernetes-list-type'), listType, known)
  }
}

/** Items of a set are compared as a whole, so they must be owned as a whole. */
function validateSetItems({ items }: JSONSchemaProps, at: Path, problems: Problems): void {
  if (!items || Array.isArray(items)) return
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const listType = items['x-kubernetes-list-type']
  const mapType = items['x-kubernetes-map-type']
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    problems.invalid(at.child('x-kubernetes-list-type'), listType, detail)
  }
  if (items.type === 'object' && mapType !== 'atomic') {
    problems.invalid(at.child('x-kubernetes-map-type'), mapType, detail)
  }
}

function validateListKeys(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keysPath = at.child('x-kubernetes-list-map-keys')
  if (keys.length && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const path = at.child('x-kubernetes-list-type')
    if (listType === undefined) problems.required(path, detail)
    else problems.invalid(path, listType, detail)
  }
  if (listType !== 'map') return
  if (!keys.length)
    problems.required(keysPath, 'must not be empty if x-kubernetes-list-type is map')
  const { items } = schema
  if (!items) {
    problems.required(at.child('items'), 'must have a schema if x-kubernetes-list-type is map')
  } else if (Array.isArray(items)) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map'
    problems.invalid(at.child('items'), items, detail)
  } else if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map"
    problems.invalid(at.child('items').child('type'), items.type ?? '', detail)
  } else validateKeyNames(keys, items, at, problems)
}

function validateKeyNames(
  keys: readonly string[],
  items: JSONSchemaProps,
  at: Path,
  problems: Problems,
): void {
  const keysPath = at.child('x-kubernetes-list-map-keys')
  const seen = new Set<string>()
  for (const key of keys) {
    const property = items.properties?.[key]
    if (!property) {
      problems.invalid(keysPath, keys, 'entries must all be names of item properties')
    } else if (property.type === 'array' || property.type === 'object') {
      const path = at.child('items').child('properties').key(key).child('type')
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      problems.invalid(path, items.type, detail)
    }
    if (seen.has(key)) problems.invalid(keysPath, keys, 'must not contain duplicate entries')
    seen.add(key)
  }
}

/** An item without one of its keys could not be told from others. */
function validateKeyFields(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const listType = schema['x-kubernetes-list-type']
  const { items } = schema
  if (!items || Array.isArray(items) || (listType !== 'set' && listType !== 'map')) return
  if (items.nullable) {
    const why = `cannot be nullable when x-kubernetes-list-type is ${listType}`
    problems.forbidden(at.child('items').child('nullable'), why)
  }
  if (listType !== 'map') return
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = items.properties?.[key]
    if (!property) continue
    const path = at.child('items').child('properties').key(key)
    if (property.default === undefined && !items.required?.includes(key)) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
      problems.required(path.child('default'), detail)
    }
    if (property.nullable) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'
      problems.forbidden(path.child('nullable'), why)
    }
  }
}
