/** Custom resources take the walks of built-in kinds: prune, default, judge, print, publish. */
import { describe, expect, test } from 'vitest'
import { problemsOfNew } from './check.ts'
import { customKind, customSchema } from './custom-schema.ts'
import { decode, type Findings } from './decode.ts'
import { applyDefaults } from './defaults.ts'
import { CustomResourceDefinition } from './kinds/apiextensions/custom-resource-definition.ts'
import { DefinitionCollector } from './openapi/definitions.ts'
import { openapiDocument } from './openapi/document.ts'
import type { JSONSchemaProps } from './parts/apiextensions/json-schema-props.ts'
import { columnDefinitions, tableRow } from './table-rows.ts'
import { unknownFields } from './unknown-fields.ts'

const identity = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w1', creationTimestamp: '2026-01-01T00:00:00Z' },
}

const schemaWith = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}) =>
  customSchema({ type: 'object', properties, ...more }, 'com.example.v1.Widget')

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

  test('and names what it dropped, but nothing that an open object keeps', () => {
    const value = { ...identity, spec: { b: 1, open: { more: 1, known: { z: 1 } } } }
    expect(unknownFields(schema, value)).toEqual(['spec.b', 'spec.open.known.z'])
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
