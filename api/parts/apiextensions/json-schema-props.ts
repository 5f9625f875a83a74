/** The schema language of custom resources. It contains itself, so its type is spelled out here. */
import {
  always,
  any,
  boolean,
  either,
  enumOf,
  float64,
  int64,
  lazy,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  type Schema,
  type Stored,
  type Struct,
  string,
  struct,
} from '../../schema.ts'

export const externalDocumentation = struct(
  'apiextensions.v1.ExternalDocumentation',
  'A pointer to documentation elsewhere.',
  {
    description: omitEmpty(1, string, 'What is to be found there.'),
    url: omitEmpty(2, string, 'Where it is.'),
  },
)
export interface ExternalDocumentation extends Stored<typeof externalDocumentation> {}

export const validationRule = struct(
  'apiextensions.v1.ValidationRule',
  'A rule that values must meet, as a CEL expression.',
  {
    rule: always(1, string, 'The expression; self is the value, oldSelf the one before a change.'),
    message: omitEmpty(2, string, 'What is wrong when the rule is not met, in words for people.'),
    messageExpression: omitEmpty(3, string, 'An expression that makes up the message instead.'),
    reason: optional(
      4,
      enumOf(
        'FieldValueRequired',
        'FieldValueDuplicate',
        'FieldValueInvalid',
        'FieldValueForbidden',
      ),
      'What kind of problem it is. Defaults to FieldValueInvalid.',
    ),
    fieldPath: omitEmpty(
      5,
      string,
      'Where the problem is, relative to the value, such as .spec.size.',
    ),
    optionalOldSelf: optional(6, boolean, 'Whether the rule also runs when there is no old value.'),
  },
)
export interface ValidationRule extends Stored<typeof validationRule> {}

export interface JSONSchemaProps {
  id?: string
  $schema?: string
  $ref?: string
  description?: string
  type?: string
  format?: string
  title?: string
  default?: unknown
  maximum?: number
  exclusiveMaximum?: boolean
  minimum?: number
  exclusiveMinimum?: boolean
  maxLength?: number
  minLength?: number
  pattern?: string
  maxItems?: number
  minItems?: number
  uniqueItems?: boolean
  multipleOf?: number
  enum?: unknown[]
  maxProperties?: number
  minProperties?: number
  required?: string[]
  items?: JSONSchemaProps | JSONSchemaProps[]
  allOf?: JSONSchemaProps[]
  oneOf?: JSONSchemaProps[]
  anyOf?: JSONSchemaProps[]
  not?: JSONSchemaProps
  properties?: Record<string, JSONSchemaProps>
  additionalProperties?: JSONSchemaProps | boolean
  patternProperties?: Record<string, JSONSchemaProps>
  dependencies?: Record<string, JSONSchemaProps | string[]>
  additionalItems?: JSONSchemaProps | boolean
  definitions?: Record<string, JSONSchemaProps>
  externalDocs?: ExternalDocumentation
  example?: unknown
  nullable?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-list-type'?: string
  'x-kubernetes-map-type'?: string
  'x-kubernetes-validations'?: ValidationRule[]
}

const self: Schema<JSONSchemaProps> = lazy(() => jsonSchemaProps)
const schemaOrArray = either(
  'apiextensions.v1.JSONSchemaPropsOrArray',
  [1, self],
  [2, listOf(self)],
)
const schemaOrBool = either('apiextensions.v1.JSONSchemaPropsOrBool', [2, self], [1, boolean])
const schemaOrStrings = either(
  'apiextensions.v1.JSONSchemaPropsOrStringArray',
  [1, self],
  [2, listOf(string)],
)

export const jsonSchemaProps: Struct<JSONSchemaProps, unknown> = struct(
  'apiextensions.v1.JSONSchemaProps',
  'What a value must look like: JSON Schema as OpenAPI v3 has it, and extensions.',
  {
    id: omitEmpty(1, string, 'Not allowed here.'),
    $schema: omitEmpty(2, string, 'Not used.'),
    $ref: optional(3, string, 'Not allowed here.'),
    description: omitEmpty(4, string, 'What the value is for.'),
    type: omitEmpty(5, string, 'The type: string, integer, number, boolean, array or object.'),
    format: omitEmpty(
      6,
      string,
      'A finer form of the type, such as date-time; unknown ones are ignored.',
    ),
    title: omitEmpty(7, string, 'A short heading.'),
    default: optional(8, any, 'What stands in for a value that is not given.'),
    maximum: optional(9, float64, 'The greatest number.'),
    exclusiveMaximum: omitEmpty(10, boolean, 'Whether the greatest number is itself too great.'),
    minimum: optional(11, float64, 'The least number.'),
    exclusiveMinimum: omitEmpty(12, boolean, 'Whether the least number is itself too small.'),
    maxLength: optional(13, int64, 'The greatest length of a text, in characters.'),
    minLength: optional(14, int64, 'The least length of a text, in characters.'),
    pattern: omitEmpty(15, string, 'A regular expression that a text must match somewhere.'),
    maxItems: optional(16, int64, 'The greatest number of items.'),
    minItems: optional(17, int64, 'The least number of items.'),
    uniqueItems: omitEmpty(18, boolean, 'Not allowed here: see x-kubernetes-list-type.'),
    multipleOf: optional(19, float64, 'The number must be a multiple of this.'),
    enum: omitEmpty(20, listOf(any, { listType: 'atomic' }), 'The values that are allowed.'),
    maxProperties: optional(21, int64, 'The greatest number of properties.'),
    minProperties: optional(22, int64, 'The least number of properties.'),
    required: omitEmpty(
      23,
      listOf(string, { listType: 'atomic' }),
      'Properties that must be there.',
    ),
    items: optional(24, schemaOrArray, 'What each item must look like.'),
    allOf: omitEmpty(25, listOf(self, { listType: 'atomic' }), 'All of these must be met.'),
    oneOf: omitEmpty(26, listOf(self, { listType: 'atomic' }), 'Exactly one of these must be met.'),
    anyOf: omitEmpty(
      27,
      listOf(self, { listType: 'atomic' }),
      'At least one of these must be met.',
    ),
    not: optional(28, self, 'This must not be met.'),
    properties: omitEmpty(29, mapOf(self), 'What each property must look like, by name.'),
    additionalProperties: optional(
      30,
      schemaOrBool,
      'What the values of an object with free keys must look like.',
    ),
    patternProperties: omitEmpty(31, mapOf(self), 'Not allowed here.'),
    dependencies: omitEmpty(32, mapOf(schemaOrStrings), 'Not allowed here.'),
    additionalItems: optional(33, schemaOrBool, 'Not allowed here.'),
    definitions: omitEmpty(34, mapOf(self), 'Not allowed here.'),
    externalDocs: optional(35, externalDocumentation, 'Documentation elsewhere.'),
    example: optional(36, any, 'An example of a value.'),
    nullable: omitEmpty(37, boolean, 'Whether null is a value too.'),
    'x-kubernetes-preserve-unknown-fields': optional(
      38,
      boolean,
      'Keeps fields that the schema does not name. Only true is allowed.',
    ),
    'x-kubernetes-embedded-resource': omitEmpty(
      39,
      boolean,
      'The value is a whole object of the API, with kind, apiVersion and metadata.',
    ),
    'x-kubernetes-int-or-string': omitEmpty(40, boolean, 'The value is a whole number or a text.'),
    'x-kubernetes-list-map-keys': omitEmpty(
      41,
      listOf(string, { listType: 'atomic' }),
      'The properties that tell items apart, when x-kubernetes-list-type is map.',
    ),
    'x-kubernetes-list-type': optional(
      42,
      string,
      'How lists are merged: atomic (default), set or map.',
    ),
    'x-kubernetes-map-type': optional(
      43,
      string,
      'How objects are merged: granular (default) or atomic.',
    ),
    'x-kubernetes-validations': omitEmpty(
      44,
      listOf(validationRule, { keys: ['rule'], mergeKey: 'rule', patch: 'merge' }),
      'Rules beyond what the other fields can say.',
    ),
  },
)
