/** Directives, merge keys, order and errors of strategic merge patches. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { decode } from '../decode.ts'
import { ControllerRevision } from '../kinds/apps/controller-revision.ts'
import { Deployment } from '../kinds/apps/deployment.ts'
import { Pod } from '../kinds/core/pod.ts'
import { PodDisruptionBudget } from '../kinds/policy/pod-disruption-budget.ts'
import type { Schema } from '../schema.ts'
import { StatusError } from '../status.ts'
import { applyStrategicPatch } from './strategic-patch.ts'

const patchedPod = (document: object, patch: object): unknown =>
  applyStrategicPatch(Pod.schema, structuredClone(document), patch)
const containers = (...list: object[]): object => ({ spec: { containers: list } })
const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, image: name })) as [object, object, object]

describe('applyStrategicPatch()', () => {
  test.for<[string, object, object, object]>([
    [
      'merges structs',
      { spec: { nodeName: 'n' } },
      { spec: { hostname: 'h' } },
      { spec: { nodeName: 'n', hostname: 'h' } },
    ],
    [
      'merges maps',
      { metadata: { labels: { a: '1' } } },
      { metadata: { labels: { b: '2' } } },
      { metadata: { labels: { a: '1', b: '2' } } },
    ],
    [
      'deletes with null',
      { metadata: { labels: { a: '1', b: '2' } } },
      { metadata: { labels: { a: null } } },
      { metadata: { labels: { b: '2' } } },
    ],
    ['ignores null for what is not there', {}, { spec: { nodeName: null } }, { spec: {} }],
    [
      'drops null from what is new',
      {},
      { metadata: { labels: { a: null, b: '1' } } },
      { metadata: { labels: { b: '1' } } },
    ],
    [
      'replaces values of another type',
      { spec: { containers: null } },
      containers(a),
      containers(a),
    ],
    [
      'merges items by key',
      containers(a, b),
      containers({ name: 'b', image: 'new' }),
      containers(a, { name: 'b', image: 'new' }),
    ],
    ['puts new items first', containers(a, b), containers(c), containers(c, a, b)],
    [
      'keeps the order of the server for items that it knows',
      containers(a, b),
      containers(b, a),
      containers(b, a),
    ],
    ['deletes items', containers(a, b), containers({ name: 'a', $patch: 'delete' }), containers(b)],
    [
      'deletes what is not there',
      containers(a),
      containers({ name: 'x', $patch: 'delete' }),
      containers(a),
    ],
    ['replaces a list', containers(a, b), containers({ $patch: 'replace' }, c), containers(c)],
    [
      'replaces a struct',
      { spec: { nodeName: 'n', hostname: 'h' } },
      { spec: { $patch: 'replace', hostname: 'i' } },
      { spec: { hostname: 'i' } },
    ],
    ['empties a struct', { spec: { nodeName: 'n' } }, { spec: { $patch: 'delete' } }, { spec: {} }],
    [
      'keeps no directive of what is new',
      {},
      containers({ name: 'a', $patch: 'delete' }, b),
      containers(b),
    ],
    [
      'replaces plain lists',
      containers({ name: 'a', args: ['1'] }),
      containers({ name: 'a', args: ['2'] }),
      containers({ name: 'a', args: ['2'] }),
    ],
    [
      'merges lists of scalars',
      { metadata: { finalizers: ['x', 'y'] } },
      { metadata: { finalizers: ['y', 'z'] } },
      { metadata: { finalizers: ['x', 'y', 'z'] } },
    ],
    [
      'deletes scalars',
      { metadata: { finalizers: ['x', 'y', 'z'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['y'] } },
      { metadata: { finalizers: ['x', 'z'] } },
    ],
    [
      'deletes scalars from nothing',
      { metadata: {} },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['y'] } },
      { metadata: {} },
    ],
    [
      'orders a list',
      containers(a, b, c),
      { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] } },
      containers(b, c, a),
    ],
    [
      'orders a list with its changes',
      containers(a, b),
      {
        spec: {
          '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }],
          containers: [c],
        },
      },
      containers(b, c, a),
    ],
    [
      'orders scalars',
      { metadata: { finalizers: ['x', 'y'] } },
      { metadata: { '$setElementOrder/finalizers': ['y', 'x'] } },
      { metadata: { finalizers: ['y', 'x'] } },
    ],
    [
      'orders nothing',
      { spec: {} },
      { spec: { '$setElementOrder/containers': [{ name: 'a' }] } },
      { spec: {} },
    ],
    [
      'merges items inside items',
      containers({ name: 'a', ports: [{ containerPort: 80, name: 'x' }] }),
      containers({ name: 'a', ports: [{ containerPort: 80, name: 'y' }, { containerPort: 81 }] }),
      containers({ name: 'a', ports: [{ containerPort: 80, name: 'y' }, { containerPort: 81 }] }),
    ],
    [
      'retains keys',
      { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
      {
        spec: {
          volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/' } }],
        },
      },
      { spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } },
    ],
  ])('%s', ([_, document, patch, result]) => {
    expect(patchedPod(document, patch)).toEqual(result)
  })

  test('retains keys of a struct', () => {
    const document = {
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    }
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
    expect(applyStrategicPatch(Deployment.schema, document, patch)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    })
  })

  test('replaces a struct whose field says so', () => {
    const document = { spec: { selector: { matchLabels: { a: '1' } } } }
    const patch = { spec: { selector: { matchLabels: { b: '2' } } } }
    expect(applyStrategicPatch(PodDisruptionBudget.schema, document, patch)).toEqual(patch)
  })

  test.for<[string, object, object, number, string]>([
    [
      'an item without its key',
      containers(a),
      containers({ image: 'x', tty: true }),
      500,
      'map: map[image:x tty:true] does not contain declared merge key: name',
    ],
    [
      'a deletion without its key',
      containers(a),
      containers({ $patch: 'delete' }),
      500,
      'map: map[$patch:delete] does not contain declared merge key: name',
    ],
    [
      'an unknown directive',
      { spec: {} },
      { spec: { $patch: 'swap' } },
      500,
      'unknown patch type: swap in map: map[$patch:swap]',
    ],
    [
      'an unknown directive in a list',
      containers(a),
      containers({ $patch: 'swap', name: 'a' }),
      500,
      'unknown patch type: swap in map: map[$patch:swap name:a]',
    ],
    [
      'merge in a list',
      containers(a),
      containers({ $patch: 'merge', name: 'a' }),
      500,
      'merging lists cannot yet be specified in the patch',
    ],
    [
      'lists of lists',
      { metadata: { finalizers: ['x'] } },
      { metadata: { finalizers: [['x']] } },
      422,
      'the server rejected our request due to an error in our request',
    ],
    [
      'items of two types',
      containers(a),
      containers(b, 'x' as never),
      500,
      'list element types are not identical: [[map[image:a name:a]] [map[image:b name:b] x]]',
    ],
    [
      'a list of deletions that is none',
      { metadata: { finalizers: ['x'] } },
      { metadata: { $deleteFromPrimitiveListfinalizers: ['x'] } },
      400,
      'invalid patch format of primitive list',
    ],
    [
      'an order of nothing',
      containers(a),
      { spec: { $setElementOrder: [] } },
      400,
      'invalid patch format of setElementOrder list',
    ],
    [
      'an order that is no list',
      containers(a),
      { spec: { '$setElementOrder/containers': 'a' } },
      500,
      'expected a []interface {}, but received a string',
    ],
    [
      'changes outside of the order',
      containers(a),
      { spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [c] } },
      500,
      "the order in patch list:\n[map[image:c name:c]]\n doesn't match $setElementOrder list:\n[map[name:b]]",
    ],
    [
      'retained keys that are no list',
      { spec: {} },
      { spec: { $retainKeys: 'a' } },
      400,
      'invalid patch format of retainKeys',
    ],
    [
      'fields that are not retained',
      { spec: {} },
      { spec: { $retainKeys: ['hostname'], nodeName: 'n' } },
      400,
      'invalid patch format of retainKeys',
    ],
  ])('refuses %s', ([_, document, patch, code, message]) => {
    const error = thrown(() => patchedPod(document, patch))
    expect(error.toJSON()).toMatchObject({ code, message })
  })

  test('cannot look into free JSON', () => {
    const [document, patch] = [{ data: { a: { b: 1 } } }, { data: { a: { b: 2 } } }]
    const apply = () => applyStrategicPatch(ControllerRevision.schema, document, patch)
    expect(thrown(apply).message).toBe(
      'unable to find api field in struct RawExtension for the json field "a"',
    )
  })

  test('takes names of built-in properties for plain names', () => {
    const patch = JSON.parse('{"metadata":{"labels":{"__proto__":"x","constructor":"y"}}}')
    const result = patchedPod({ metadata: { labels: {} } }, patch) as typeof patch
    expect(Object.keys(result.metadata.labels)).toEqual(['__proto__', 'constructor'])
  })

  test('takes time in proportion to the lists', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => ({ name: `e${at}`, value: 'x' }))
    const document = containers({ name: 'a', env: many })
    const patch = containers({ name: 'a', env: many.toReversed() })
    const begunAt = performance.now()
    patchedPod(document, patch)
    expect(performance.now() - begunAt).toBeLessThan(2000)
  })

  const name = fc.constantFrom('a', 'b', 'c', 'd')
  const arbitraryContainers = fc.uniqueArray(
    fc.record({ name, image: fc.constantFrom('1', '2') }),
    { selector: (each) => each.name },
  )
  const pod = fc.record({
    metadata: fc.record({ name, labels: fc.dictionary(name, name) }),
    spec: fc.record({ containers: arbitraryContainers }),
  })

  test('an empty patch changes nothing', () => {
    fc.assert(
      fc.property(pod, (value) => {
        const document = decode(Pod.schema as Schema, value)
        expect(patchedPod(document, {})).toEqual(document)
      }),
      fuzz(100),
    )
  })

  test('applied twice is applied once', () => {
    fc.assert(
      fc.property(pod, pod, (document, patch) => {
        const once = patchedPod(document, patch) as object
        expect(patchedPod(once, patch)).toEqual(once)
      }),
      fuzz(200),
    )
  })

  test('fails in no other way than by refusing', () => {
    const key = fc.constantFrom(
      'name',
      'image',
      '$patch',
      '$retainKeys',
      '$setElementOrder/containers',
      '$deleteFromPrimitiveList/args',
      'args',
      'containers',
      'env',
    )
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>('a', 'delete', 'replace', 1, true, null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 4 }),
      ),
    })).any
    const document = containers({ name: 'a', args: ['x'], env: [{ name: 'a', value: '1' }] }, b)
    fc.assert(
      fc.property(fc.dictionary(key, value), (spec) => {
        try {
          patchedPod(document, { spec })
        } catch (error) {
          if (!(error instanceof StatusError)) throw error
        }
      }),
      fuzz(1000),
    )
  })
})

function thrown(call: () => unknown): StatusError {
  try {
    call()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
