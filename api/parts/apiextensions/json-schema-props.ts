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

export const externalDocumentation = struct('apiextensions.v1.ExternalDocumentation', '', {
  description: omitEmpty(1, string, ''),
  url: omitEmpty(2, string, ''),
})
export interface ExternalDocumentation extends Stored<typeof externalDocumentation> {}

export const validationRule = struct('apiextensions.v1.ValidationRule', '', {
  rule: always(1, string, ''),
  message: omitEmpty(2, string, ''),
  messageExpression: omitEmpty(3, string, ''),
  reason: optional(
    4,
    enumOf('FieldValueRequired', 'FieldValueDuplicate', 'FieldValueInvalid', 'FieldValueForbidden'),
    '',
  ),
  fieldPath: omitEmpty(5, string, ''),
  optionalOldSelf: optional(6, boolean, ''), // gate: CRDValidationRatcheting
})
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
  '',
  {
    id: omitEmpty(1, string, ''),
    $schema: omitEmpty(2, string, ''),
    $ref: optional(3, string, ''),
    description: omitEmpty(4, string, ''),
    type: omitEmpty(5, string, ''),
    format: omitEmpty(6, string, ''),
    title: omitEmpty(7, string, ''),
    default: optional(8, any, ''),
    maximum: optional(9, float64, ''),
    exclusiveMaximum: omitEmpty(10, boolean, ''),
    minimum: optional(11, float64, ''),
    exclusiveMinimum: omitEmpty(12, boolean, ''),
    maxLength: optional(13, int64, ''),
    minLength: optional(14, int64, ''),
    pattern: omitEmpty(15, string, ''),
    maxItems: optional(16, int64, ''),
    minItems: optional(17, int64, ''),
    uniqueItems: omitEmpty(18, boolean, ''),
    multipleOf: optional(19, float64, ''),
    enum: omitEmpty(20, listOf(any, { listType: 'atomic' }), ''),
    maxProperties: optional(21, int64, ''),
    minProperties: optional(22, int64, ''),
    required: omitEmpty(23, listOf(string, { listType: 'atomic' }), ''),
    items: optional(24, schemaOrArray, ''),
    allOf: omitEmpty(25, listOf(self, { listType: 'atomic' }), ''),
    oneOf: omitEmpty(26, listOf(self, { listType: 'atomic' }), ''),
    anyOf: omitEmpty(27, listOf(self, { listType: 'atomic' }), ''),
    not: optional(28, self, ''),
    properties: omitEmpty(29, mapOf(self), ''),
    additionalProperties: optional(30, schemaOrBool, ''),
    patternProperties: omitEmpty(31, mapOf(self), ''),
    dependencies: omitEmpty(32, mapOf(schemaOrStrings), ''),
    additionalItems: optional(33, schemaOrBool, ''),
    definitions: omitEmpty(34, mapOf(self), ''),
    externalDocs: optional(35, externalDocumentation, ''),
    example: optional(36, any, ''),
    nullable: omitEmpty(37, boolean, ''),
    'x-kubernetes-preserve-unknown-fields': optional(38, boolean, ''),
    'x-kubernetes-embedded-resource': omitEmpty(39, boolean, ''),
    'x-kubernetes-int-or-string': omitEmpty(40, boolean, ''),
    'x-kubernetes-list-map-keys': omitEmpty(41, listOf(string, { listType: 'atomic' }), ''),
    'x-kubernetes-list-type': optional(42, string, ''),
    'x-kubernetes-map-type': optional(43, string, ''),
    'x-kubernetes-validations': omitEmpty(
      44,
      listOf(validationRule, { keys: ['rule'], mergeKey: 'rule', patch: 'merge' }),
      '',
    ),
  },
)
