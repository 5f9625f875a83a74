/** Scalars in OpenAPI: simple ones as types in place, those with rules of their own as models. */
import type { ScalarSchema, ScalarType } from '../schema.ts'
import { modelName } from './model-names.ts'

/** A schema in an OpenAPI document. */
export type OpenApiSchema = { readonly [keyword: string]: unknown }

const inPlace: Partial<Record<ScalarType, OpenApiSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

/** What stands in a place where Go writes an empty value. */
export const emptyScalars: Partial<Record<ScalarType, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  float64: 0,
}

const models: Partial<Record<ScalarType, string>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  object: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  any: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
}

/** The name of the model that a scalar is published as, if it is not a plain type. */
export function scalarModel({ type, name }: ScalarSchema): string | undefined {
  return name ? modelName(name) : models[type]
}

export function scalarInPlace({ type, values }: ScalarSchema): OpenApiSchema {
  return { ...inPlace[type], ...(values && { enum: [...values].sort() }) }
}

const described: Readonly<Record<string, OpenApiSchema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    description:
      'An amount, such as 500m, 1.5 or 2Gi: a decimal number with an optional suffix, either a power of 1024 (Ki, Mi, Gi, Ti, Pi, Ei), a power of 1000 (n, u, m, k, M, G, T, P, E) or a decimal exponent (e3). It is kept with at most three digits after the point, rounded up.',
    oneOf: [{ type: 'string' }, { type: 'number' }],
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    description: 'A whole number or a text, such as 8080 or http, 3 or 25%.',
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': {
    description: 'A time in whole seconds, written as in RFC 3339.',
    format: 'date-time',
    type: 'string',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': {
    description: 'A time in microseconds, written as in RFC 3339 with six digits after the point.',
    format: 'date-time',
    type: 'string',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': {
    description: 'A length of time, such as 1h30m or 15s.',
    type: 'string',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': {
    description:
      'A set of fields as nested objects: f:<name> is a field, k:<keys> an item of a list by its keys, v:<value> an item of a set, i:<index> an item by position, and a dot stands for the value itself.',
    type: 'object',
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': {
    description: 'An object of any kind, kept as it came.',
    type: 'object',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': {
    description: 'Any JSON value: an object, a list, a text, a number, a boolean or null.',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': {
    description: 'A schema, or a list of schemas.',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': {
    description: 'A schema, or a boolean that accepts anything or nothing.',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': {
    description: 'A schema, or a list of property names.',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': {
    description: 'A patch in one of the forms that the content type of the request names.',
    type: 'object',
  },
}

/** The definition of a model that no struct describes. */
export function simpleModel(name: string): OpenApiSchema {
  const schema = described[name]
  if (!schema) throw new Error(`no such simple model: ${name}`)
  return schema
}
