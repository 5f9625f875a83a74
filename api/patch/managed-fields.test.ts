/** Whom fields belong to after a create or an update, as tables. */
import { describe, expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { ConfigMap } from '../kinds/core/config-map.ts'
import { Pod } from '../kinds/core/pod.ts'
import {
  emptyObject,
  hasOnlyNewTimes,
  type TrackedObject,
  trackCreate,
  trackUpdate,
} from './managed-fields.ts'
import { identityOf } from './managers.ts'
import type { Tracking } from './update-managers.ts'

const tracking: Tracking = { schema: ConfigMap.schema, apiVersion: 'v1' }
const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:09Z'] as const
const writer = (manager: string, time: string = early) => ({ manager, subresource: '', time })

const entry = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: 'Update' as const,
  apiVersion: 'v1',
  time: early,
  fieldsType: 'FieldsV1',
  fieldsV1: fieldsV1 as Record<string, unknown>,
  ...more,
})

type Subject = TrackedObject & { data?: Record<string, string> }

function configMap(data: object, managedFields?: object[]): Subject {
  const metadata = { name: 'a', uid: 'u', ...(managedFields && { managedFields }) }
  return decode(ConfigMap.schema, { metadata, data }) as Subject
}

function created(data: object, managedFields?: object[]) {
  const object = configMap(data, managedFields)
  trackCreate(tracking, emptyObject(ConfigMap as never), object, writer('one'))
  return object.metadata.managedFields
}

function updated(next: Subject, previous: Subject, manager: string, subresource = '') {
  trackUpdate(tracking, next, previous, { manager, subresource, time: late })
  return next.metadata.managedFields
}

describe('trackCreate()', () => {
  test('gives everything to the creator', () => {
    expect(created({ b: '1', a: '1' })).toEqual([
      entry('one', { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } }),
    ])
  })

  test('writes the entry as it goes over the wire', () => {
    expect(JSON.stringify(created({ a: '1' }))).toBe(
      '[{"manager":"one","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z",' +
        '"fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:a":{}}}}]',
    )
  })

  test('needs no entry where there is nothing to own', () => {
    expect(created({})).toBeUndefined()
  })

  test('calls a creator without a name unknown', () => {
    const object = configMap({ a: '1' })
    trackCreate(tracking, emptyObject(ConfigMap as never), object, writer(''))
    expect(object.metadata.managedFields?.[0]?.manager).toBe('unknown')
  })

  test.for<[string, object[]]>([
    ['no operation', [entry('x', {}, { operation: 'Nope' })]],
    ['no version', [entry('x', {}, { apiVersion: '' })]],
    ['another type', [entry('x', {}, { fieldsType: 'FieldsV2' })]],
    ['nonsense as fields', [entry('x', { a: {} })]],
  ])('throws away what has %s', ([_, entries]) => {
    expect(created({ a: '1' }, entries)).toEqual([
      entry('one', { 'f:data': { '.': {}, 'f:a': {} } }),
    ])
  })

  test('leaves to others only what the creator did not set', () => {
    const given = [entry('x', { 'f:data': { 'f:a': {}, 'f:z': {} } })]
    expect(created({ a: '1' }, given)).toEqual([
      entry('one', { 'f:data': { '.': {}, 'f:a': {} } }),
      entry('x', { 'f:data': { 'f:z': {} } }),
    ])
  })

  test('owns a pod down to the items of its lists', () => {
    const pod = decode(Pod.schema, {
      metadata: { name: 'p', labels: { app: 'x' } },
      spec: {
        containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }] }],
      },
    }) as TrackedObject
    trackCreate(
      { schema: Pod.schema, apiVersion: 'v1' },
      emptyObject(Pod as never),
      pod,
      writer('one'),
    )
    expect(pod.metadata.managedFields?.[0]?.fieldsV1).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:image': {},
            'f:name': {},
            'f:ports': {
              '.': {},
              'k:{"containerPort":80,"protocol":"TCP"}': {
                '.': {},
                'f:containerPort': {},
                'f:protocol': {},
              },
            },
            'f:resources': {},
          },
        },
      },
    })
  })
})

describe('trackUpdate()', () => {
  const stored = [entry('one', { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } })]
  const previous = configMap({ a: '1', b: '1' }, stored)

  test('moves what changed to the writer', () => {
    expect(updated(configMap({ a: '2', b: '1' }, stored), previous, 'two')).toEqual([
      entry('one', { 'f:data': { '.': {}, 'f:b': {} } }),
      entry('two', { 'f:data': { 'f:a': {} } }, { time: late }),
    ])
  })

  test('gives time and more to a writer that is on record', () => {
    expect(updated(configMap({ a: '1', b: '1', c: '1' }, stored), previous, 'one')).toEqual([
      entry('one', { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {}, 'f:c': {} } }, { time: late }),
    ])
  })

  test('forgets what is gone', () => {
    expect(updated(configMap({ a: '1' }, stored), previous, 'two')).toEqual([
      entry('one', { 'f:data': { '.': {}, 'f:a': {} } }),
    ])
  })

  test('changes nothing when nothing changes', () => {
    expect(updated(configMap({ a: '1', b: '1' }, stored), previous, 'two')).toEqual(stored)
    expect(updated(configMap({ a: '1', b: '1' }), previous, 'two')).toEqual(stored)
  })

  test('keeps writers of a subresource apart', () => {
    expect(updated(configMap({ a: '2', b: '1' }), previous, 'one', 'status')).toEqual([
      entry('one', { 'f:data': { '.': {}, 'f:b': {} } }),
      entry('one', { 'f:data': { 'f:a': {} } }, { time: late, subresource: 'status' }),
    ])
  })

  test('lets nobody own what the write resets', () => {
    const next = configMap({ a: '2', b: '1' })
    const resets: Tracking = { ...tracking, resetFields: { 'f:data': {} } }
    trackUpdate(resets, next, previous, writer('two'))
    expect(next.metadata.managedFields).toEqual(stored)
  })

  test.for<[string, object[]]>([
    ['an empty list', []],
    ['one empty entry', [{}]],
  ])('forgets all managers for %s', ([_, entries]) => {
    const next = configMap({ a: '2', b: '1' })
    next.metadata.managedFields = entries as never
    expect(updated(next, previous, 'two')).toBeUndefined()
  })

  test('takes managers that the writer sends, unless they make no sense', () => {
    const sent = [entry('other', { 'f:data': { 'f:b': {} } })]
    expect(updated(configMap({ a: '1', b: '1' }, sent), previous, 'two')).toEqual(sent)
    const nonsense = [entry('other', {}, { operation: 'Foo' })]
    expect(updated(configMap({ a: '1', b: '1' }, nonsense), previous, 'two')).toEqual(stored)
    expect(updated(configMap({ a: '1', b: '1' }, sent), previous, 'two', 'status')).toEqual(stored)
  })

  test('leaves an object alone that nobody tracks', () => {
    expect(updated(configMap({ a: '2' }), configMap({ a: '1' }), 'two')).toBeUndefined()
  })

  test('forgets managers of a version that is gone, and converts for others', () => {
    const old = [entry('one', { 'f:data': { 'f:a': {} } }, { apiVersion: 'v0' })]
    const before = configMap({ a: '1' }, old)
    const change = () => configMap({ a: '2' }, old)
    expect(updated(change(), before, 'two')).toEqual([
      entry('two', { 'f:data': { 'f:a': {} } }, { time: late }),
    ])
    const next = change()
    const convert = (object: object) => ({
      schema: ConfigMap.schema,
      object: { ...object, data: {} },
    })
    trackUpdate({ ...tracking, convert }, next, before, writer('two', late))
    expect(next.metadata.managedFields).toContainEqual(old[0])
  })

  test('bounds the managers that only updated', () => {
    const managers = Array.from({ length: 10 }, (_, at) =>
      entry(`m${at}`, { 'f:data': { [`f:k${at}`]: {} } }, { time: `2026-01-01T00:00:0${at}Z` }),
    )
    const data = Object.fromEntries(managers.map((_, at) => [`k${at}`, '1']))
    const before = configMap(data, managers)
    const after = updated(configMap({ ...data, x: '1' }, managers), before, 'new')
    expect(after?.map(({ manager }) => manager).sort()).toEqual(
      ['ancient-changes', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'new'].sort(),
    )
    expect(after?.[0]).toEqual(
      entry(
        'ancient-changes',
        { 'f:data': { 'f:k0': {}, 'f:k1': {} } },
        { time: managers[1]!.time },
      ),
    )
  })
})

test('identityOf() knows an applier whatever version it applies', () => {
  const name = { manager: 'm', apiVersion: 'v1', subresource: '' }
  expect(identityOf({ ...name, operation: 'Apply' })).toBe('{"manager":"m","operation":"Apply"}')
  expect(identityOf({ ...name, operation: 'Update', subresource: 'status' })).toBe(
    '{"manager":"m","operation":"Update","apiVersion":"v1","subresource":"status"}',
  )
})

test('hasOnlyNewTimes() tells a change from a time', () => {
  const before = configMap({ a: '1' }, [entry('one', { 'f:data': {} })])
  const touched = configMap({ a: '1' }, [entry('one', { 'f:data': {} }, { time: late })])
  const changed = configMap({ a: '2' }, [entry('one', { 'f:data': {} }, { time: late })])
  expect(hasOnlyNewTimes(touched, before)).toBe(true)
  expect(hasOnlyNewTimes(changed, before)).toBe(false)
  expect(hasOnlyNewTimes(before, structuredClone(before))).toBe(false)
})
