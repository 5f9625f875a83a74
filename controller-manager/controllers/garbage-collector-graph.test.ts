/** Tries the graph of owners against a plain list of objects. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ObjectMeta } from '#api/parts/meta/object-meta.ts'
import type { DiscoveredResource } from '../discovered-resources.ts'
import { blockingDependents, DependencyGraph, isForeground } from './garbage-collector-graph.ts'

const resource = {
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  verbs: [],
} satisfies DiscoveredResource

const uids = ['a', 'b', 'c', 'd', 'e']
const owner = fc.record({ uid: fc.constantFrom(...uids), blockOwnerDeletion: fc.boolean() })
const put = fc.record({
  type: fc.constant('put' as const),
  uid: fc.constantFrom(...uids),
  owners: fc.uniqueArray(owner, { selector: ({ uid }) => uid, maxLength: 3 }),
  isWaiting: fc.boolean(),
})
const remove = fc.record({ type: fc.constant('remove' as const), uid: fc.constantFrom(...uids) })

const metadataOf = (uid: string, owners: readonly object[], isWaiting: boolean): ObjectMeta =>
  ({
    name: uid,
    namespace: 'default',
    uid,
    ownerReferences: owners.map((each) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...each })),
    ...(isWaiting && { deletionTimestamp: 'now', finalizers: ['foregroundDeletion'] }),
  }) as unknown as ObjectMeta

test('after any changes it shows what is there, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(put, remove), { maxLength: 40 }), (changes) => {
      const graph = new DependencyGraph()
      const there = new Map<string, ObjectMeta>()
      for (const change of changes) {
        const { uid } = change
        if (change.type === 'put') {
          const owners = change.owners.map((each) => ({ ...each, name: each.uid }))
          const metadata = metadataOf(uid, owners, change.isWaiting)
          there.set(uid, metadata)
          graph.put(resource, metadata)
        } else {
          const concerned = graph.remove(uid)
          const wasThere = there.delete(uid)
          // Whoever named it has lost an owner, and has to be looked at.
          if (wasThere) for (const each of naming(there, uid)) expect(concerned).toContain(each)
        }
      }
      const named = [...there.values()].flatMap(ownersIn).map((each) => each.uid)
      expect(graph.size).toBe(new Set([...there.keys(), ...named]).size)
      for (const uid of uids) {
        const node = graph.get(uid)
        expect(node?.seen?.metadata).toBe(there.get(uid))
        const dependents = [...(node?.dependents ?? [])].map((each) => each.uid)
        expect(dependents.toSorted()).toEqual(naming(there, uid))
      }
    }),
    { seed: 42, numRuns: 300 },
  )
})

const ownersIn = ({ ownerReferences }: ObjectMeta) => ownerReferences ?? []

const naming = (there: ReadonlyMap<string, ObjectMeta>, owner: string): string[] =>
  [...there]
    .filter(([, metadata]) => ownersIn(metadata).some(({ uid }) => uid === owner))
    .map(([uid]) => uid)
    .toSorted()

test('an owner that waits is looked at when a dependent changes or goes', () => {
  const graph = new DependencyGraph()
  const owners = (blockOwnerDeletion: boolean) => [{ name: 'a', uid: 'a', blockOwnerDeletion }]
  graph.put(resource, metadataOf('a', [], true))
  expect(graph.put(resource, metadataOf('b', owners(true), false))).toContain('a')
  const node = graph.get('a')!
  expect(isForeground(node)).toBe(true)
  expect(blockingDependents(node).map(({ uid }) => uid)).toEqual(['b'])
  expect(graph.put(resource, metadataOf('b', owners(false), false))).toContain('a')
  expect(blockingDependents(node)).toEqual([])
  expect(graph.remove('b')).toContain('a')
})
