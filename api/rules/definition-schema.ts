/** Rules about the root of a custom resource's schema. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { type Path, Problems } from '../problems.ts'
import { validateSchemaDefaults } from './schema-defaults.ts'
import { validateKeywords } from './schema-keywords.ts'
import { validateStructure } from './structural-schema.ts'

/**
 * Fields that keep their meaning when the schema of status is taken out of the whole, by their
 * names in Go, which is how the message lists them.
 */
const allowedWithStatus = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
]

export function validateDefinitionSchema(
  schema: JSONSchemaProps,
  hasStatus: boolean,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('openAPIV3Schema')
  if (hasStatus) validateRootWithStatus(schema, path, problems)
  if (schema.nullable) {
    problems.forbidden(path.child('nullable'), 'nullable cannot be true at the root')
  }
  validateOpenApiSchema(schema, path, problems)
  validateNoExpressions(schema, path, problems)
}

/** Rules that nobody would check must not seem to be in force. */
function validateNoExpressions(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const field = 'x-kubernetes-validations'
  if (schema[field]?.length) {
    const why = 'rules in the Common Expression Language are not supported by this server'
    problems.forbidden(at.child(field), why)
  }
  const { items, additionalProperties: other, properties = {} } = schema
  if (items && !Array.isArray(items)) validateNoExpressions(items, at.child('items'), problems)
  if (typeof other === 'object') {
    validateNoExpressions(other, at.child('additionalProperties'), problems)
  }
  for (const [name, each] of Object.entries(properties)) {
    validateNoExpressions(each, at.child('properties').key(name), problems)
  }
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [position, each] of schema[name]?.entries() ?? []) {
      validateNoExpressions(each, at.child(name).index(position), problems)
    }
  }
  if (schema.not) validateNoExpressions(schema.not, at.child('not'), problems)
}

/** Schemas with unsupported keywords have no structure, and defaults need one. */
function validateOpenApiSchema(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  const keywords = new Problems()
  const structure = new Problems()
  validateKeywords(schema, at, keywords)
  const isSupported = keywords.list.every(({ reason }) => reason !== 'FieldValueForbidden')
  if (isSupported) validateStructure(schema, at, structure)
  problems.list.push(...keywords.list, ...structure.list)
  if (isSupported && !structure.list.length) validateSchemaDefaults(schema, at, problems)
}

function validateRootWithStatus(schema: JSONSchemaProps, at: Path, problems: Problems): void {
  for (const name of Object.keys(schema)) {
    if (name === 'type') {
      if (schema.type === 'object') continue
      const message =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
      problems.invalid(at.child('type'), schema.type, message)
      return
    }
    if (allowedWithStatus.includes(goName(name))) continue
    const which = `only [${allowedWithStatus.join(' ')}] fields are allowed`
    const message = `${which} at the root of the schema if the status subresource is enabled`
    problems.invalid(at, schema, message)
    return
  }
}

function goName(name: string): string {
  const words = name.replace('x-kubernetes-', 'x-').split('-')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

/** Formats that values are checked against, and those that OpenAPI gives numbers. */
const knownFormats = new Set(
  (
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 ' +
    'creditcard ssn hexcolor rgbcolor byte password date duration datetime int32 int64 float ' +
    'double k8sshortname k8slongname'
  ).split(' '),
)

/** Formats in a schema that mean nothing here, so that values are not checked against them. */
export function unknownFormats(schema: JSONSchemaProps | undefined): string[] {
  if (!schema) return []
  const { format, items, additionalProperties, not } = schema
  const isUnknown = format && !knownFormats.has(format.replaceAll('-', ''))
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...(Array.isArray(items) ? items : [items]),
    typeof additionalProperties === 'object' ? additionalProperties : undefined,
    not,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ]
  return [...(isUnknown ? [format] : []), ...children.flatMap(unknownFormats)]
}
