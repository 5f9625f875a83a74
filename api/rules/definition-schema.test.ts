/** Schemas of definitions: what is refused, where and in which words. */
import { describe, expect, test } from 'vitest'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { Path, Problems } from '../problems.ts'
import { validateDefinitionSchema } from './definition-schema.ts'

function problemsOf(schema: JSONSchemaProps): string[] {
  const problems = new Problems()
  validateDefinitionSchema(schema, false, Path.root.child('spec').child('validation'), problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

const root = 'spec.validation.openAPIV3Schema'
const a = `${root}.properties[a]`
const withA = (schema: JSONSchemaProps): JSONSchemaProps => ({
  type: 'object',
  properties: { a: schema },
})

interface Row {
  readonly name: string
  readonly schema: JSONSchemaProps
  readonly problems: readonly string[]
}

describe('refuses', () => {
  test.for<Row>([
    {
      name: 'a root without type',
      schema: { properties: { a: { type: 'string' } } },
      problems: [`${root}.type: Required value: must not be empty at the root`],
    },
    {
      name: 'a root of another type',
      schema: { type: 'string' },
      problems: [`${root}.type: Invalid value: "string": must be object at the root`],
    },
    {
      name: 'a property without type',
      schema: withA({}),
      problems: [`${a}.type: Required value: must not be empty for specified object fields`],
    },
    {
      name: 'items without type',
      schema: withA({ type: 'array', items: {} }),
      problems: [`${a}.items.type: Required value: must not be empty for specified array items`],
    },
    {
      name: 'an unknown type',
      schema: withA({ type: 'strange' }),
      problems: [
        `${a}.type: Unsupported value: "strange": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    },
    {
      name: 'an array without items',
      schema: withA({ type: 'array' }),
      problems: [`${a}.items: Required value: must be specified`],
    },
    {
      name: 'a default of another type',
      schema: withA({ type: 'string', default: 5 }),
      problems: [
        `${a}.default: Invalid value: "integer":  in body must be of type string: "integer"`,
      ],
    },
    {
      name: 'a default with unknown fields',
      schema: withA({ type: 'object', properties: { b: { type: 'string' } }, default: { c: 1 } }),
      problems: [`${a}.default: Invalid value: {"c":1}: must not have unknown fields`],
    },
    {
      name: 'a default in top-level metadata',
      schema: { type: 'object', properties: { metadata: { type: 'object', default: {} } } },
      problems: [
        `${root}.properties[metadata].default: Forbidden: must not be set in top-level metadata`,
      ],
    },
    {
      name: 'more about metadata than its name',
      schema: {
        type: 'object',
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      },
      problems: [
        `${root}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
      ],
    },
    {
      name: 'keywords that are not supported',
      schema: {
        type: 'object',
        properties: {
          a: { type: 'string', uniqueItems: true },
          b: { type: 'string', id: 'x', $ref: '#/x' },
        },
      },
      problems: [
        `${a}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
        `${root}.properties[b].id: Forbidden: id is not supported`,
        `${root}.properties[b].$ref: Forbidden: $ref is not supported`,
      ],
    },
    {
      name: 'types inside a choice',
      schema: withA({ type: 'integer', anyOf: [{ type: 'integer', description: 'x' }] }),
      problems: [
        `${a}.anyOf[0].description: Forbidden: must be empty to be structural`,
        `${a}.anyOf[0].type: Forbidden: must be empty to be structural`,
      ],
    },
    {
      name: 'a choice about what is not stated',
      schema: withA({ type: 'object', oneOf: [{ properties: { b: { minimum: 1 } } }] }),
      problems: [
        `${a}.properties[b]: Required value: because it is defined in ${a}.oneOf[0].properties[b]`,
      ],
    },
    {
      name: 'properties and additionalProperties',
      schema: withA({
        type: 'object',
        properties: { b: { type: 'string' } },
        additionalProperties: { type: 'string' },
      }),
      problems: [
        `${a}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
      ],
    },
    {
      name: 'a pattern that is none',
      schema: withA({ type: 'string', pattern: '(' }),
      problems: [
        `${a}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
      ],
    },
    {
      name: 'a map list without keys',
      schema: withA({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        items: { type: 'object', properties: { k: { type: 'string' } } },
      }),
      problems: [
        `${a}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
      ],
    },
    {
      name: 'a key that may be missing',
      schema: withA({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      }),
      problems: [
        `${a}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    },
    {
      name: 'a set of objects that are not atomic',
      schema: withA({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } }),
      problems: [
        `${a}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    },
    {
      name: 'additionalProperties at the root',
      schema: { type: 'object', additionalProperties: { type: 'string' } },
      problems: [`${root}.additionalProperties: Forbidden: must not be used at the root`],
    },
    {
      name: 'a number or text that is also an object',
      schema: withA({
        'x-kubernetes-int-or-string': true,
        'x-kubernetes-preserve-unknown-fields': true,
      }),
      problems: [
        `${a}.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true`,
      ],
    },
    {
      name: 'a resource without fields',
      schema: withA({ type: 'object', 'x-kubernetes-embedded-resource': true }),
      problems: [
        `${a}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
      ],
    },
    {
      name: 'null at the root',
      schema: { type: 'object', nullable: true },
      problems: [`${root}.nullable: Forbidden: nullable cannot be true at the root`],
    },
  ])('$name', ({ schema, problems }) => {
    expect(problemsOf(schema)).toEqual(problems)
  })
})

describe('accepts', () => {
  test.for<Omit<Row, 'problems'>>([
    {
      name: 'a text or number with a type',
      schema: withA({ type: 'string', 'x-kubernetes-int-or-string': true }),
    },
    {
      name: 'the choice between a number and a text',
      schema: withA({
        'x-kubernetes-int-or-string': true,
        anyOf: [{ type: 'integer' }, { type: 'string' }],
      }),
    },
    {
      name: 'that choice as the first of several demands',
      schema: withA({
        'x-kubernetes-int-or-string': true,
        allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: '^a' }],
      }),
    },
    {
      name: 'choices about stated fields',
      schema: withA({
        type: 'object',
        properties: { b: { type: 'integer' } },
        oneOf: [{ required: ['b'], properties: { b: { minimum: 1 } } }],
      }),
    },
    {
      name: 'a rule about the name',
      schema: {
        type: 'object',
        properties: {
          metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } },
        },
      },
    },
    {
      name: 'anything',
      schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
    {
      name: 'defaults that follow their schema',
      schema: withA({
        type: 'object',
        default: { b: 'x' },
        properties: { b: { type: 'string', default: 'y', maxLength: 1 } },
      }),
    },
  ])('$name', ({ schema }) => {
    expect(problemsOf(schema)).toEqual([])
  })
})
