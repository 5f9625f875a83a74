/** Server-side apply as its users see it: ownership, conflicts, removal, kubectl, properties. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import type { Kind } from '../kind.ts'
import { Deployment } from '../kinds/apps/deployment.ts'
import { ConfigMap } from '../kinds/core/config-map.ts'
import { StatusError } from '../status.ts'
import { applyObject } from './apply.ts'
import {
  emptyObject,
  hasOnlyNewTimes,
  type TrackedObject,
  trackCreate,
  trackUpdate,
  writeManagers,
} from './managed-fields.ts'
import { claimedFields } from './owned-fields.ts'
import { shapeOf } from './shape.ts'
import { owned, type Tracking } from './update-managers.ts'

/** One object on a server that does nothing but what this folder does. */
class Subject {
  object: TrackedObject & Record<string, unknown>
  readonly #kind: Kind
  readonly #tracking: Tracking
  #seconds = 0

  constructor(kind: Kind) {
    this.#kind = kind
    this.#tracking = { schema: kind.schema, apiVersion: kind.apiVersion }
    this.object = structuredClone(emptyObject(kind)) as never
  }

  apply(manager: string, config: object, options: { force?: boolean; subresource?: string } = {}) {
    const { force = false, subresource = '' } = options
    const { apiVersion, kind } = this.#kind
    const { object, managers } = applyObject({
      tracking: this.#tracking,
      live: this.object,
      empty: emptyObject(this.#kind),
      config: { apiVersion, kind, ...config },
      writer: { manager, subresource, time: this.#now() },
      force,
    })
    const next = this.#normal(object)
    writeManagers(next, managers)
    if (!hasOnlyNewTimes(next, this.object)) this.object = next
    return this
  }

  create(manager: string, object: object) {
    const next = this.#normal(object)
    const writer = { manager, subresource: '', time: this.#now() }
    trackCreate(this.#tracking, emptyObject(this.#kind), next, writer)
    this.object = next
    return this
  }

  update(manager: string, change: (object: Record<string, never>) => void, subresource = '') {
    const next = structuredClone(this.object)
    change(next as never)
    const normal = this.#normal(next)
    trackUpdate(this.#tracking, normal, this.object, { manager, subresource, time: this.#now() })
    this.object = normal
    return this
  }

  /** Such as `one Apply: .data.a .data.b`. */
  get owners(): string[] {
    return (this.object.metadata.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => {
      return `${manager} ${operation}: ${JSON.stringify(fieldsV1)}`
    })
  }

  #normal(object: object): TrackedObject & Record<string, unknown> {
    const next = decode(this.#kind.schema, object) as never as TrackedObject
    applyDefaults(this.#kind.schema, next as never)
    next.metadata.uid = 'u'
    return next as never
  }

  #now(): string {
    return `2026-01-01T00:00:${String(this.#seconds++).padStart(2, '0')}Z`
  }
}

const data = (values: object): object => ({ metadata: { name: 'a' }, data: values })
const configMap = (): Subject => new Subject(ConfigMap as never)

describe('applyObject()', () => {
  test('owns what is applied, and nothing that is set by default', () => {
    const subject = new Subject(Deployment as never).apply(
      'one',
      deployment({ name: 'a', image: 'i' }),
    )
    expect(subject.object.spec).toMatchObject({ replicas: 1 })
    expect(subject.owners).toEqual([
      'one Apply: {"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},' +
        '"f:spec":{"f:containers":{"k:{\\"name\\":\\"a\\"}":{".":{},"f:image":{},"f:name":{}}}}}}}',
    ])
  })

  test('shares fields that are the same', () => {
    const subject = configMap()
      .apply('one', data({ a: '1' }))
      .apply('two', data({ a: '1' }))
    expect(subject.owners).toEqual([
      'two Apply: {"f:data":{"f:a":{}}}', // No change, and so no time.
      'one Apply: {"f:data":{"f:a":{}}}',
    ])
    expect(subject.apply('one', data({})).object.data).toEqual({ a: '1' })
    expect(subject.apply('two', data({})).object.data).toBeUndefined()
  })

  test('takes over by force', () => {
    const subject = configMap().apply('one', data({ a: '1', b: '1' }))
    subject.apply('two', data({ a: '2' }), { force: true })
    expect(subject.object.data).toEqual({ a: '2', b: '1' })
    expect(subject.owners).toEqual([
      'one Apply: {"f:data":{"f:b":{}}}',
      'two Apply: {"f:data":{"f:a":{}}}',
    ])
  })

  test('removes what it does not apply any more', () => {
    const subject = configMap()
      .apply('one', data({ a: '1', b: '1' }))
      .apply('one', data({ a: '1' }))
    expect(subject.object.data).toEqual({ a: '1' })
  })

  test('leaves what an update owns by now', () => {
    const subject = configMap().apply('one', data({ a: '1', b: '1' }))
    subject.update('two', (object) => Object.assign(object.data!, { b: '2' }))
    expect(subject.apply('one', data({ a: '1' })).object.data).toEqual({ a: '1', b: '2' })
  })

  test('adds, merges and removes items of lists', () => {
    const subject = new Subject(Deployment as never)
    subject.apply('one', deployment({ name: 'a', image: 'i' }))
    const two = (...containers: object[]) => ({
      metadata: { name: 'd' },
      spec: { template: { spec: { containers } } },
    })
    subject.apply('two', two({ name: 'b', image: 'i' }, { name: 'a', tty: true }))
    expect(containersOf(subject)).toMatchObject([
      { name: 'b' },
      { name: 'a', image: 'i', tty: true },
    ])
    subject.apply('two', two({ name: 'a' }))
    expect(containersOf(subject)).toMatchObject([{ name: 'a', image: 'i' }])
    expect(containersOf(subject)[0]).not.toHaveProperty('tty')
  })

  test('makes way for an update of the same name', () => {
    const subject = configMap()
      .create('one', data({ a: '1' }))
      .apply('one', data({ a: '1' }))
    expect(subject.owners).toEqual([
      'one Apply: {"f:data":{"f:a":{}}}',
      'one Update: {"f:data":{".":{},"f:a":{}}}',
    ])
  })

  test('finds owners for an object that nobody tracked', () => {
    const subject = configMap().create('one', data({ a: '1' }))
    delete subject.object.metadata.managedFields
    subject.update('two', (object) => Object.assign(object.data!, { b: '2' }))
    expect(subject.owners).toEqual([])
    expect(subject.apply('three', data({ c: '3' })).owners).toEqual([
      'three Apply: {"f:data":{"f:c":{}}}',
      'before-first-apply Update: {"f:data":{".":{},"f:a":{},"f:b":{}}}',
    ])
  })
})

describe('conflicts', () => {
  test.for<[string, (subject: Subject) => unknown, string, readonly object[]]>([
    [
      'with one that applied',
      (subject) => subject.apply('one', data({ a: '1' })),
      'Apply failed with 1 conflict: conflict with "one": .data.a',
      [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }],
    ],
    [
      'with one that updated',
      (subject) => subject.create('one', data({ a: '1' })),
      'Apply failed with 1 conflict: conflict with "one" using v1: .data.a',
      [
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "one" using v1',
          field: '.data.a',
        },
      ],
    ],
    [
      'with one that updated a subresource',
      (subject) =>
        subject
          .create('one', data({ z: '1' }))
          .update('two', (object) => Object.assign(object.data!, { a: '1' }), 'status'),
      'Apply failed with 1 conflict: conflict with "two" with subresource "status" using v1: .data.a',
      [
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "two" with subresource "status" using v1',
          field: '.data.a',
        },
      ],
    ],
    [
      'with several',
      (subject) => subject.apply('one', data({ a: '1', b: '1' })).apply('two', data({ a: '1' })),
      'Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\nconflicts with "two":\n- .data.a',
      [
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.b' },
        { reason: 'FieldManagerConflict', message: 'conflict with "two"', field: '.data.a' },
      ],
    ],
  ])('%s', ([_, prepare, message, causes]) => {
    const subject = configMap()
    prepare(subject)
    const error = thrown(() => subject.apply('three', data({ a: '3', b: '3' })))
    expect(error.toJSON()).toMatchObject({ code: 409, reason: 'Conflict', message })
    expect(error.details?.causes).toEqual(causes)
  })

  test('name items by their keys', () => {
    const subject = new Subject(Deployment as never)
    subject.apply(
      'one',
      deployment({ name: 'a', image: 'i', ports: [{ containerPort: 80, name: 'x' }] }),
    )
    const other = deployment({ name: 'a', image: 'i', ports: [{ containerPort: 80, name: 'y' }] })
    expect(thrown(() => subject.apply('two', other)).message).toBe(
      'Apply failed with 1 conflict: conflict with "one": ' +
        '.spec.template.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].name',
    )
  })
})

describe('what kubectl once applied from the client', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const client = (values: object) => {
    const config = { apiVersion: 'v1', kind: 'ConfigMap', ...data(values) }
    const metadata = { name: 'a', annotations: { [annotation]: JSON.stringify(config) } }
    return configMap().create('kubectl-client-side-apply', { ...config, metadata })
  }

  test('is its own', () => {
    const subject = client({ a: '1' }).apply('kubectl', data({ a: '2' }))
    expect(subject.object.data).toEqual({ a: '2' })
    expect(subject.owners[0]).toBe('kubectl Apply: {"f:data":{"f:a":{}}}')
    const { annotations } = subject.object.metadata as { annotations?: Record<string, string> }
    expect(annotations?.[annotation]).toBe(
      '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
    )
  })

  test('is not what somebody changed since', () => {
    const subject = client({ a: '1', b: '1' })
    subject.update('other', (object) => Object.assign(object.data!, { a: '5' }))
    expect(thrown(() => subject.apply('kubectl', data({ a: '2', b: '2' }))).message).toBe(
      'Apply failed with 1 conflict: conflict with "other" using v1: .data.a',
    )
  })

  test('is nothing to other managers', () => {
    expect(thrown(() => client({ a: '1' }).apply('one', data({ a: '2' }))).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
    )
  })
})

test.for<[object, string]>([
  [{ nope: 1 }, '.nope: field not declared in schema'],
  [{ data: 'x' }, '.data: expected map, got &{x}'],
  [{ data: { a: 1 } }, '.data.a: expected string, got &value.valueUnstructured{Value:1}'],
  [{ immutable: 'x' }, '.immutable: expected boolean, got &{x}'],
  [
    { metadata: { generation: 'x' } },
    '.metadata.generation: expected numeric (int or float), got string',
  ],
  [{ metadata: { finalizers: 'x' } }, '.metadata.finalizers: expected list, got &{x}'],
  [
    { metadata: { finalizers: ['x', 'x'] } },
    '.metadata.finalizers: duplicate entries for key [="x"]',
  ],
  [
    { metadata: { finalizers: [{}] } },
    ".metadata.finalizers: element 0: associative list without keys has an element that's a map type",
  ],
  [
    { metadata: { ownerReferences: [null] } },
    '.metadata.ownerReferences: element 0: associative list with keys may not have a null element',
  ],
  [
    { data: { a: 1, b: true } },
    'errors:\n  .data.a: expected string, got &value.valueUnstructured{Value:1}\n  .data.b: expected string, got &value.valueUnstructured{Value:true}',
  ],
])('%j cannot be applied', ([config, problem]) => {
  const error = thrown(() => configMap().apply('one', config))
  expect(error.toJSON()).toMatchObject({
    code: 500,
    message: `failed to create typed patch object (/; /v1, Kind=ConfigMap): ${problem}`,
  })
  expect(error.reason).toBeUndefined()
})

describe('for any configurations', () => {
  const name = fc.constantFrom('a', 'b', 'c', '__proto__')
  const labels = fc.dictionary(name, fc.constantFrom('1', '2'))
  const env = fc.uniqueArray(fc.record({ name, value: fc.constantFrom('1', '2') }), {
    selector: (each) => each.name,
  })
  const container = fc.record(
    { name, image: fc.constantFrom('1', '2'), env, args: fc.array(name) },
    { requiredKeys: ['name'] },
  )
  const config = fc.record(
    {
      metadata: fc.record({ labels, finalizers: fc.uniqueArray(name) }, { requiredKeys: [] }),
      spec: fc.record({
        template: fc.record({
          spec: fc.record({
            containers: fc.uniqueArray(container, { selector: (each) => each.name }),
          }),
        }),
      }),
    },
    { requiredKeys: ['metadata'] },
  )
  const runs = fuzz(150)
  const subject = () => new Subject(Deployment as never)
  const force = { force: true }

  test('applying twice is applying once', () => {
    fc.assert(
      fc.property(config, config, (first, second) => {
        const once = subject().apply('one', first).apply('two', second, force)
        const before = structuredClone(once.object)
        expect(once.apply('two', second).object).toEqual(before)
      }),
      runs,
    )
  })

  test('the applied configuration becomes true, and is owned', () => {
    fc.assert(
      fc.property(config, config, (first, second) => {
        const result = subject().apply('one', first).apply('two', second, force)
        const again = structuredClone(result.object)
        expect(result.apply('two', second).object.metadata.managedFields).toEqual(
          again.metadata.managedFields,
        )
        const entry = result.object.metadata.managedFields?.find(({ manager }) => manager === 'two')
        const claimed = owned(claimedFields(shapeOf(Deployment.schema), second), {})
        expect(entry?.fieldsV1).toEqual(claimed)
      }),
      runs,
    )
  })

  test('who applies nothing any more leaves the object as if it had never applied', () => {
    fc.assert(
      fc.property(config, config, (first, second) => {
        const alone = subject().apply('one', first)
        const both = subject().apply('one', first)
        both.apply('two', second, force).apply('one', first, force).apply('two', { metadata: {} })
        const strip = ({
          metadata: { managedFields: _, ...metadata },
          ...rest
        }: TrackedObject) => ({ ...rest, metadata })
        expect(filled(strip(both.object))).toEqual(filled(strip(alone.object)))
      }),
      runs,
    )
  })
})

/** Without what is empty: a list that loses all its items is null, whatever it was before. */
function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.length ? value.map(filled) : undefined
  if (typeof value !== 'object' || value === null) return value ?? undefined
  const entries = Object.entries(value).map(([name, child]) => [name, filled(child)] as const)
  const kept = entries.filter(([, child]) => child !== undefined)
  return kept.length ? Object.fromEntries(kept) : undefined
}

function deployment(...containers: object[]): object {
  return {
    metadata: { name: 'd' },
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
    },
  }
}

function containersOf({ object }: Subject): object[] {
  return (object.spec as { template: { spec: { containers: object[] } } }).template.spec.containers
}

function thrown(call: () => unknown): StatusError {
  try {
    call()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
