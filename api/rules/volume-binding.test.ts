/** Which volume a claim gets: one rule a row. */
import { describe, expect, test } from 'vitest'
import type { PersistentVolume } from '../kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts'
import {
  bestVolume,
  isBoundTo,
  isReachable,
  matchingVolume,
  mismatch,
  volumeBoundTo,
} from './volume-binding.ts'

function volume(name: string, spec: object = {}, metadata: object = {}): PersistentVolume {
  return {
    metadata: { name, ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' }, ...spec },
    status: { phase: 'Available' },
  } as unknown as PersistentVolume
}

function claim(spec: object = {}): PersistentVolumeClaim {
  const resources = { requests: { storage: '1Gi' } }
  return {
    metadata: { name: 'c', namespace: 'n', uid: 'u', resourceVersion: '1' },
    spec: { accessModes: ['ReadWriteOnce'], resources, ...spec },
    status: {},
  } as unknown as PersistentVolumeClaim
}

const reference = (more: object = {}) => ({ claimRef: { name: 'c', namespace: 'n', ...more } })
const hostname = (value: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [value] }] },
      ],
    },
  },
})
const node = { metadata: { name: 'a', labels: { 'kubernetes.io/hostname': 'a' } } }

test.for<[string, PersistentVolume, object, string | undefined]>([
  ['good', volume('v'), {}, undefined],
  ['too small', volume('v', { capacity: { storage: '1Mi' } }), {}, 'requested PV is too small'],
  ['of a class', volume('v', { storageClassName: 'x' }), {}, 'storageClassName does not match'],
  [
    'with attributes',
    volume('v', { volumeAttributesClassName: 'x' }),
    {},
    'volumeAttributesClassName does not match',
  ],
  ['a device', volume('v', { volumeMode: 'Block' }), {}, 'incompatible volumeMode'],
  ['for one only', volume('v'), { accessModes: ['ReadWriteMany'] }, 'incompatible accessMode'],
  [
    'going',
    volume('v', {}, { deletionTimestamp: 'now' }),
    {},
    'the volume is marked for deletion "v"',
  ],
])('mismatch(): a volume that is %s', ([, each, spec, want]) => {
  expect(mismatch(each, claim(spec))).toBe(want)
})

describe('matchingVolume()', () => {
  test.for<[string, PersistentVolume[], object, string | undefined]>([
    ['the smallest', [volume('big', { capacity: { storage: '9Gi' } }), volume('v')], {}, 'v'],
    ['its own before any', [volume('small'), volume('v', reference())], {}, 'v'],
    ['nobody else’s', [volume('v', reference({ name: 'd' }))], {}, undefined],
    ['not that of a namesake', [volume('v', reference({ uid: 'other' }))], {}, undefined],
    ['none that goes', [volume('v', {}, { deletionTimestamp: 'now' })], {}, undefined],
    [
      'what is selected',
      [volume('v'), volume('w', {}, { labels: { a: 'b' } })],
      { selector: { matchLabels: { a: 'b' } } },
      'w',
    ],
    ['of its class', [volume('v', { storageClassName: 'x' })], { storageClassName: 'x' }, 'v'],
  ])('%s', ([, volumes, spec, want]) => {
    expect(matchingVolume(claim(spec), volumes)?.metadata.name).toBe(want)
  })

  test('only what is near the node, and no other if its own is far', () => {
    const volumes = [volume('v', hostname('b')), volume('w', hostname('a'))]
    expect(matchingVolume(claim(), volumes, { node })?.metadata.name).toBe('w')
    const own = [volume('v', { ...reference(), ...hostname('b') }), volume('w')]
    expect(matchingVolume(claim(), own, { node })).toBeUndefined()
  })

  test('nothing but its own while a pod is waited for', () => {
    expect(bestVolume(claim(), [volume('v')], true)).toBeUndefined()
    expect(bestVolume(claim(), [volume('v', reference())], true)?.metadata.name).toBe('v')
  })
})

test('a volume that can do no more than asked is better than a smaller one that can', () => {
  const shared = volume('shared', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] })
  const plain = volume('plain', { capacity: { storage: '9Gi' } })
  expect(bestVolume(claim(), [shared, plain], false)?.metadata.name).toBe('plain')
  expect(bestVolume(claim(), [shared], false)?.metadata.name).toBe('shared')
})

test('a volume without affinity is near to every node', () => {
  expect(isReachable(volume('v'), node)).toBe(true)
  expect(isReachable(volume('v', hostname('b')), node)).toBe(false)
})

test('binding says who chose, and is done once', () => {
  const free = volume('v')
  const bound = volumeBoundTo(free, claim())
  expect(isBoundTo(bound, claim())).toBe(true)
  expect(bound.metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' })
  expect(volumeBoundTo(bound, claim())).toBe(bound)
  const byHand = volumeBoundTo(volume('v', reference()), claim())
  expect(byHand.spec.claimRef?.uid).toBe('u')
  expect(byHand.metadata.annotations).toBeUndefined()
})
