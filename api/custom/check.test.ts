/** What schemas of custom resources find wrong, in upstream's words. */
import { expect, test } from 'vitest'
import { customSchema } from '../custom-schema.ts'
import { decode } from '../decode.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { Problems } from '../problems.ts'
import { validate } from '../validate.ts'

const identity = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w1' } }

function problemsOf(properties: Record<string, JSONSchemaProps>, fields: object): string[] {
  const schema = customSchema({ type: 'object', properties }, 'com.example.v1.Widget')
  const problems = new Problems()
  validate(schema, decode(schema, { ...identity, ...fields }), problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

test.for<[name: string, schema: JSONSchemaProps, value: unknown, problems: string[]]>([
  [
    'type',
    { type: 'integer' },
    'x',
    ['it: Invalid value: "string": it in body must be of type integer: "string"'],
  ],
  [
    'whole numbers',
    { type: 'integer' },
    1.5,
    ['it: Invalid value: "number": it in body must be of type integer: "number"'],
  ],
  ['numbers', { type: 'number' }, 1, []],
  [
    'null',
    { type: 'string' },
    null,
    ['it: Invalid value: "null": it in body must be of type string: "null"'],
  ],
  ['allowed null', { type: 'string', nullable: true }, null, []],
  [
    'int or string',
    { 'x-kubernetes-int-or-string': true },
    true,
    ['it: Invalid value: "boolean": it in body must be of type integer,string: "boolean"'],
  ],
  [
    'minimum',
    { type: 'integer', minimum: 3 },
    2,
    ['it: Invalid value: 2: it in body should be greater than or equal to 3'],
  ],
  [
    'exclusive minimum',
    { type: 'integer', minimum: 3, exclusiveMinimum: true },
    3,
    ['it: Invalid value: 3: it in body should be greater than 3'],
  ],
  [
    'maximum',
    { type: 'number', maximum: 1.5 },
    2,
    ['it: Invalid value: 2: it in body should be less than or equal to 1.5'],
  ],
  [
    'exclusive maximum',
    { type: 'integer', maximum: 3, exclusiveMaximum: true },
    3,
    ['it: Invalid value: 3: it in body should be less than 3'],
  ],
  [
    'multiples',
    { type: 'integer', multipleOf: 5 },
    7,
    ['it: Invalid value: 7: it in body should be a multiple of 5'],
  ],
  [
    'long texts',
    { type: 'string', maxLength: 2 },
    'abc',
    ['it: Too long: may not be more than 2 bytes'],
  ],
  ['characters, not bytes', { type: 'string', maxLength: 2 }, '😀😀', []],
  [
    'short texts',
    { type: 'string', minLength: 2 },
    '😀',
    ['it: Invalid value: "😀": it in body should be at least 2 chars long'],
  ],
  [
    'patterns',
    { type: 'string', pattern: '^[a-z]+$' },
    'A',
    [`it: Invalid value: "A": it in body should match '^[a-z]+$'`],
  ],
  [
    'formats',
    { type: 'string', format: 'date-time' },
    'soon',
    ['it: Invalid value: "soon": it in body must be of type date-time: "soon"'],
  ],
  ['unknown formats', { type: 'string', format: 'poem' }, 'roses', []],
  [
    'words',
    { type: 'string', enum: ['b', 'a'] },
    'c',
    ['it: Unsupported value: "c": supported values: "a", "b"'],
  ],
  [
    'enums of anything',
    { type: 'object', enum: [{ x: 1 }], properties: { x: { type: 'integer' } } },
    { x: 1 },
    [],
  ],
  [
    'few items',
    { type: 'array', minItems: 2, items: { type: 'string' } },
    ['a'],
    ['it: Invalid value: 1: it in body should have at least 2 items'],
  ],
  [
    'many items',
    { type: 'array', maxItems: 1, items: { type: 'string' } },
    ['a', 'b'],
    ['it: Too many: 2: must have at most 1 item'],
  ],
  [
    'items',
    { type: 'array', items: { type: 'string' } },
    ['a', 1],
    ['it[1]: Invalid value: "integer": it[1] in body must be of type string: "integer"'],
  ],
  [
    'required fields',
    { type: 'object', required: ['x'], properties: { x: { type: 'string' } } },
    {},
    ['it.x: Required value'],
  ],
  [
    'few fields',
    { type: 'object', minProperties: 1 },
    {},
    ['it: Invalid value: 0: it in body should have at least 1 properties'],
  ],
  [
    'many fields',
    { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
    { a: '', b: '' },
    ['it: Too many: 2: must have at most 1 item'],
  ],
  [
    'values in a map',
    { type: 'object', additionalProperties: { type: 'integer' } },
    { k: 'x' },
    ['it.k: Invalid value: "string": it.k in body must be of type integer: "string"'],
  ],
  [
    'sets',
    { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ['a', 'b', 'a'],
    ['it[2]: Duplicate value: "a"'],
  ],
  [
    'keyed lists',
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k', 'p'],
      items: {
        type: 'object',
        properties: { k: { type: 'string' }, p: { type: 'string', default: 'TCP' } },
      },
    },
    [{ k: 'x' }, { k: 'x', p: 'UDP' }, { k: 'x', p: 'TCP' }],
    ['it[2]: Duplicate value: {"k":"x","p":"TCP"}'],
  ],
  [
    'embedded objects',
    {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    },
    { kind: '' },
    [
      'it.apiVersion: Required value: must not be empty',
      'it.kind: Required value: must not be empty',
    ],
  ],
])('%s', ([, schema, value, problems]) => {
  expect(problemsOf({ it: schema }, { it: value })).toEqual(problems)
})

const number: JSONSchemaProps = { type: 'integer' }

test.for<[name: string, schema: JSONSchemaProps, value: unknown, problems: string[]]>([
  [
    'anyOf',
    { ...number, anyOf: [{ minimum: 5 }, { maximum: 1 }] },
    3,
    [
      '<nil>: Invalid value: "": "it" must validate at least one schema (anyOf)',
      'it: Invalid value: 3: it in body should be greater than or equal to 5',
    ],
  ],
  ['a satisfied anyOf', { ...number, anyOf: [{ minimum: 5 }, { maximum: 3 }] }, 3, []],
  [
    'oneOf without a match',
    { ...number, oneOf: [{ minimum: 5 }] },
    3,
    [
      '<nil>: Invalid value: "": "it" must validate one and only one schema (oneOf). Found none valid',
      'it: Invalid value: 3: it in body should be greater than or equal to 5',
    ],
  ],
  [
    'oneOf with two matches',
    { ...number, oneOf: [{ minimum: 1 }, { minimum: 2 }] },
    3,
    [
      '<nil>: Invalid value: "": "it" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [
    'allOf',
    { ...number, allOf: [{ minimum: 5 }, { minimum: 1 }] },
    3,
    [
      'it: Invalid value: 3: it in body should be greater than or equal to 5',
      '<nil>: Invalid value: "": "it" must validate all the schemas (allOf)',
    ],
  ],
  [
    'not',
    { ...number, not: { minimum: 3 } },
    3,
    ['<nil>: Invalid value: "": "it" must not validate the schema (not)'],
  ],
])('%s', ([, schema, value, problems]) => {
  expect(problemsOf({ it: schema }, { it: value })).toEqual(problems)
})

test('a pattern that would take other engines for ever', () => {
  const schema: JSONSchemaProps = { type: 'string', pattern: '^(a+)+$' }
  const text = `${'a'.repeat(50_000)}b`
  expect(problemsOf({ it: schema }, { it: text })).toHaveLength(1)
})
