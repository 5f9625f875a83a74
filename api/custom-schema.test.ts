/** Custom resources take the walks of built-in kinds: pruned, defaulted, judged, printed, published. */
import { describe, expect, test } from 'vitest'
import { problemsOfNew } from './check.ts'
import { customKind, customSchema } from './custom-schema.ts'
import { decode, type Findings } from './decode.ts'
import { applyDefaults } from './defaults.ts'
import { CustomResourceDefinition } from './kinds/apiextensions/custom-resource-definition.ts'
import { DefinitionCollector } from './openapi/definitions.ts'
import { openapiDocument } from './openapi/document.ts'
import type { JSONSchemaProps } from './parts/apiextensions/json-schema-props.ts'
import { Problems } from './problems.ts'
import { columnDefinitions, tableRow } from './table-rows.ts'
import { validate } from './validate.ts'

const identity = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w1', creationTimestamp: '2026-01-01T00:00:00Z' },
}

const schemaWith = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}) =>
  customSchema({ type: 'object', properties, ...more }, 'com.example.v1.Widget')

function problemsOf(properties: Record<string, JSONSchemaProps>, fields: object): string[] {
  const schema = schemaWith(properties)
  const problems = new Problems()
  validate(schema, decode(schema, { ...identity, ...fields }), problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

describe('prunes', () => {
  const spec: JSONSchemaProps = {
    type: 'object',
    properties: {
      a: { type: 'string' },
      open: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { known: { type: 'object', properties: { x: { type: 'integer' } } } },
      },
      map: { type: 'object', additionalProperties: { type: 'object' } },
      list: { type: 'array', items: { type: 'object', properties: { y: { type: 'integer' } } } },
      inner: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        properties: { spec: { type: 'object' } },
      },
    },
  }
  const schema = schemaWith({ spec })

  test.for<[name: string, given: object, kept: object]>([
    ['unknown fields', { a: 'x', b: 1 }, { a: 'x' }],
    [
      'unknown fields below a known one of an open object',
      { open: { more: { z: 1 }, known: { x: 1, z: 1 } } },
      { open: { known: { x: 1 }, more: { z: 1 } } },
    ],
    ['fields of values in a map', { map: { k: { z: 1 } } }, { map: { k: {} } }],
    ['fields of items', { list: [{ y: 1, z: 1 }, {}] }, { list: [{ y: 1 }, {}] }],
    [
      'fields of an embedded object, but not its identity',
      { inner: { kind: 'K', apiVersion: 'v1', metadata: { name: 'n', odd: 1 }, spec: { z: 1 } } },
      {
        inner: {
          apiVersion: 'v1',
          kind: 'K',
          metadata: { name: 'n' },
          spec: {},
        },
      },
    ],
    ['nothing that is merely of a wrong type', { a: 5, list: 'x' }, { a: 5, list: 'x' }],
  ])('%s', ([, given, kept]) => {
    const object = decode(schema, { ...identity, spec: given }) as { spec: object }
    expect(object.spec).toEqual(kept)
  })

  test('and counts what it dropped', () => {
    const findings: Findings = { unknown: 0 }
    decode(schema, { ...identity, other: 1, spec: { b: 1, list: [{ z: 1 }] } }, findings)
    expect(findings.unknown).toBe(3)
  })

  test('and sorts keys, so that equal objects are equal bytes', () => {
    const [one, other] = [
      { spec: { map: { b: {}, a: {} }, a: 'x' }, ...identity },
      { ...identity, spec: { a: 'x', map: { a: {}, b: {} } } },
    ]
    expect(JSON.stringify(decode(schema, one))).toBe(JSON.stringify(decode(schema, other)))
  })

  test('a key named like the prototype stays a key', () => {
    const open = schemaWith({}, { 'x-kubernetes-preserve-unknown-fields': true })
    const object = decode(open, JSON.parse('{"spec":{"__proto__":{"x":1}}}'))
    expect(JSON.stringify(object)).toBe('{"spec":{"__proto__":{"x":1}}}')
  })
})

describe('fills in', () => {
  const o: JSONSchemaProps = { type: 'object', properties: { p: { type: 'string', default: 'P' } } }
  const schema = schemaWith({
    spec: {
      type: 'object',
      default: {},
      properties: {
        a: { type: 'string', default: 'A' },
        o: { ...o, default: {} },
        o2: o,
        list: {
          type: 'array',
          items: { type: 'object', properties: { x: { type: 'integer', default: 7 } } },
        },
        map: { type: 'object', additionalProperties: o },
        nul: { type: 'string', nullable: true, default: 'N' },
        notnul: { type: 'string', default: 'NN' },
        plain: { type: 'string' },
      },
    },
  })
  const common = { a: 'A', notnul: 'NN', nul: 'N', o: { p: 'P' } }

  test.for<[name: string, given: object, filled: object]>([
    ['everything', {}, common],
    [
      'parts',
      { spec: { a: 'mine', o2: {}, list: [{}, { x: 1 }], map: { k: {} } } },
      { ...common, a: 'mine', o2: { p: 'P' }, list: [{ x: 7 }, { x: 1 }], map: { k: { p: 'P' } } },
    ],
    [
      'nulls, unless they are allowed',
      { spec: { nul: null, notnul: null, o: null, plain: null } },
      { ...common, nul: null },
    ],
  ])('%s', ([, given, filled]) => {
    const object = applyDefaults(schema, decode(schema, { ...identity, ...given })) as {
      spec: object
    }
    expect(object.spec).toEqual(filled)
    expect(Object.keys(object.spec)).toEqual(Object.keys(object.spec).sort())
  })

  test('each object its own copy', () => {
    const [one, other] = [{}, {}].map((each) => applyDefaults(schema, decode(schema, each))) as {
      spec: { o: { p: string } }
    }[]
    one!.spec.o.p = 'changed'
    expect(other!.spec.o.p).toBe('P')
  })
})

describe('judges', () => {
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
})

const definition = decode(CustomResourceDefinition.schema, {
  metadata: { name: 'widgets.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: {
      plural: 'widgets',
      singular: 'widget',
      kind: 'Widget',
      listKind: 'WidgetList',
      shortNames: ['wd'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A widget.',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1 },
                  color: { type: 'string', default: 'red' },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' } },
                    },
                  },
                },
              },
            },
          },
        },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
        },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        selectableFields: [{ jsonPath: '.spec.color' }],
      },
    ],
  },
})

describe('a definition becomes a kind', () => {
  const kind = customKind(definition, 'v1')
  const widget = applyDefaults(
    kind.schema,
    decode(kind.schema, {
      apiVersion: 'stable.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w1', namespace: 'default' },
      spec: { size: 0 },
    }),
  )

  test('with its names and subresources', () => {
    expect(kind).toMatchObject({
      apiVersion: 'stable.example.com/v1',
      kind: 'Widget',
      plural: 'widgets',
      singular: 'widget',
      shortNames: ['wd'],
      scope: 'Namespaced',
      scale: { specReplicas: 'spec.size', statusReplicas: 'status.size' },
    })
    expect(Object.keys(kind.subresources ?? {})).toEqual(['scale', 'status'])
  })

  test('whose objects are defaulted, selected and judged', () => {
    expect(widget).toMatchObject({ spec: { color: 'red', size: 0 } })
    expect(kind.selectable?.['spec.color']?.(widget)).toBe('red')
    expect(problemsOfNew(kind, widget).map(({ field, message }) => `${field}: ${message}`)).toEqual(
      ['spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'],
    )
  })

  test('that prints', () => {
    expect(columnDefinitions(kind).map(({ name }) => name)).toEqual(['Name', 'Size'])
    expect(tableRow(kind, widget, 0, 'None').cells).toEqual(['w1', 0])
  })

  test('that is published as its definition states it', () => {
    const collector = new DefinitionCollector()
    collector.addResource(kind)
    const definitions = collector.collect()
    expect(definitions['com.example.stable.v1.Widget']).toMatchObject({
      type: 'object',
      description: 'A widget.',
      properties: {
        metadata: {
          allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
        },
        spec: { properties: { parts: { 'x-kubernetes-list-map-keys': ['name'] } } },
      },
      'x-kubernetes-group-version-kind': [
        { group: 'stable.example.com', version: 'v1', kind: 'Widget' },
      ],
    })
    expect(Object.keys(definitions)).toContain('com.example.stable.v1.WidgetList')
  })

  test('with operations of its own', () => {
    const { paths } = openapiDocument({ group: kind.group, version: 'v1', kinds: [kind] })
    const path = '/apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name}/scale'
    expect(paths[path]?.get).toMatchObject({
      operationId: 'readStableExampleComV1NamespacedWidgetScale',
    })
  })
})
