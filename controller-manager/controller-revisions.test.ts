/** Revisions of templates: what they hold, and which of them is the present one. */
import { expect, test } from 'vitest'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import type { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { podTemplateSpec } from '#api/parts/core/pod-template.ts'
import {
  dataOf,
  hashOf,
  newRevision,
  planHistory,
  type RevisionKind,
  templateOf,
} from './controller-revisions.ts'

const template = (image: string) =>
  applyDefaults(
    podTemplateSpec,
    decode(podTemplateSpec, {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image }] },
    }),
  )

const revision = (number: number, data: object, metadata: object = {}): ControllerRevision =>
  ({
    metadata: { name: `web-${number}`, creationTimestamp: '2029-01-01T00:00:00Z', ...metadata },
    revision: number,
    data,
  }) as unknown as ControllerRevision

const of = (number: number, image: string) => revision(number, dataOf(template(image)))

const stateful: RevisionKind<StatefulSet> = { kind: StatefulSet, hashLabel: 'hash' }

const set = (collisionCount?: number): StatefulSet =>
  ({
    metadata: { name: 'web', namespace: 'default', uid: 'set' },
    spec: { template: template('web:1') },
    status: { ...(collisionCount !== undefined && { collisionCount }) },
  }) as unknown as StatefulSet

test('dataOf() is a patch with sorted keys that replaces the template', () => {
  const data = dataOf(template('web:1'))
  expect(Object.keys((data.spec as { template: object }).template)).toEqual([
    '$patch',
    'metadata',
    'spec',
  ])
  expect(data).toMatchObject({ spec: { template: { $patch: 'replace' } } })
  expect(templateOf(revision(1, data))).toEqual(template('web:1'))
})

test('templateOf() reads what older servers wrote, and nothing that is no template', () => {
  const older = {
    spec: {
      template: {
        $patch: 'replace',
        metadata: { creationTimestamp: null, labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: 'web:1' }] },
      },
    },
  }
  expect(templateOf(revision(1, older))).toEqual(template('web:1'))
  expect(templateOf(revision(1, { other: true }))).toBeUndefined()
  expect(templateOf(revision(1, { spec: { template: { spec: 7 } } }))).toBeUndefined()
})

test.for<{ name: string; all: ControllerRevision[]; equal: number[]; old: number[]; next: number }>(
  [
    { name: 'none yet', all: [], equal: [], old: [], next: 1 },
    { name: 'the newest', all: [of(2, 'web:1'), of(1, 'web:0')], equal: [2], old: [1], next: 2 },
    {
      name: 'an older one',
      all: [of(1, 'web:1'), of(2, 'web:2'), of(3, 'web:3')],
      equal: [1],
      old: [2, 3],
      next: 4,
    },
    { name: 'a new one', all: [of(7, 'web:7')], equal: [], old: [7], next: 8 },
    {
      name: 'one of several',
      all: [of(4, 'web:1'), of(2, 'web:1'), of(3, 'web:3')],
      equal: [2, 4],
      old: [3],
      next: 4,
    },
    {
      name: 'what cannot be read is an old one',
      all: [revision(5, { other: true })],
      equal: [],
      old: [5],
      next: 6,
    },
  ],
)('planHistory(): $name', ({ all, equal, old, next }) => {
  const plan = planHistory(template('web:1'), all)
  expect(plan.equal.map((each) => each.revision)).toEqual(equal)
  expect(plan.old.map((each) => each.revision)).toEqual(old)
  expect(plan.revision).toBe(next)
})

test('newRevision() names by template, kind and collisions, none of them counted or not', () => {
  const { name } = newRevision(stateful, set(), 1).metadata
  expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]+$/)
  // The status says 0 from the first reconcile on, and a cache may not show that one's revision.
  expect(newRevision(stateful, set(0), 1).metadata.name).toBe(name)
  expect(newRevision(stateful, set(1), 1).metadata.name).not.toBe(name)
  const daemon: RevisionKind<DaemonSet> = { kind: DaemonSet, hashLabel: 'hash' }
  expect(newRevision(daemon, set() as never, 1).metadata.name).not.toBe(name)
})

test('newRevision() leaves room for a hash behind the longest name', () => {
  const long = { ...set(), metadata: { ...set().metadata, name: 'a'.repeat(253) } }
  expect(newRevision(stateful, long, 1).metadata.name.length).toBeLessThanOrEqual(253)
})

test('hashOf() is the name where the label is gone', () => {
  expect(hashOf(revision(1, {}, { labels: { hash: 'abc' } }), 'hash')).toBe('abc')
  expect(hashOf(revision(1, {}), 'hash')).toBe('web-1')
})
