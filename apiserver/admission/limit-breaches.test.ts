/** Pods and claims against limits, told in upstream's words. */
import { expect, test } from 'vitest'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { breaches, claimBreaches, type LimitItem } from './limit-breaches.ts'

type Resources = { requests?: Record<string, string>; limits?: Record<string, string> }

const spec = (containers: Resources[], more: object = {}): PodSpec =>
  ({
    containers: containers.map((resources, at) => ({ name: `c${at}`, resources })),
    ...more,
  }) as unknown as PodSpec

const found = (pod: PodSpec, item: Partial<LimitItem> & { type: string }): string[] =>
  breaches(pod, [item as LimitItem])

test.for<[string, Resources, Partial<LimitItem>, string[]]>([
  ['nothing is bounded', {}, {}, []],
  [
    'no request',
    {},
    { min: { cpu: '1' } },
    ['minimum cpu usage per Container is 1.  No request is specified'],
  ],
  [
    'request too low',
    { requests: { cpu: '999m' } },
    { min: { cpu: '1' } },
    ['minimum cpu usage per Container is 1, but request is 999m'],
  ],
  [
    'limit too low',
    { requests: { cpu: '1' }, limits: { cpu: '500m' } },
    { min: { cpu: '1' } },
    ['minimum cpu usage per Container is 1, but limit is 500m'],
  ],
  ['just enough', { requests: { cpu: '1000m' } }, { min: { cpu: '1' } }, []],
  [
    'no limit',
    { requests: { memory: '1' } },
    { max: { memory: '1Gi' } },
    ['maximum memory usage per Container is 1Gi.  No limit is specified'],
  ],
  [
    'limit too high',
    { limits: { memory: '2Gi' } },
    { max: { memory: '1Gi' } },
    ['maximum memory usage per Container is 1Gi, but limit is 2Gi'],
  ],
  [
    'request too high',
    { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } },
    { max: { memory: '1Gi' } },
    ['maximum memory usage per Container is 1Gi, but request is 2Gi'],
  ],
  [
    'ratio without a request',
    { limits: { cpu: '1' } },
    { maxLimitRequestRatio: { cpu: '2' } },
    [
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
  ],
  [
    'ratio without a limit',
    { requests: { cpu: '1' } },
    { maxLimitRequestRatio: { cpu: '2' } },
    ['cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0'],
  ],
  [
    'ratio too high',
    { requests: { cpu: '3' }, limits: { cpu: '10' } },
    { maxLimitRequestRatio: { cpu: '2500m' } },
    ['cpu max limit to request ratio per Container is 2500m, but provided ratio is 3.333333'],
  ],
  [
    'ratio just met',
    { requests: { cpu: '2' }, limits: { cpu: '5' } },
    { maxLimitRequestRatio: { cpu: '2500m' } },
    [],
  ],
  [
    'several, in the order of names',
    {},
    { min: { memory: '1', cpu: '1' } },
    [
      'minimum cpu usage per Container is 1.  No request is specified',
      'minimum memory usage per Container is 1.  No request is specified',
    ],
  ],
])('a container: %s', ([, resources, item, expected]) => {
  expect(found(spec([resources]), { type: 'Container', ...item })).toEqual(expected)
  const isFirst = spec([], { initContainers: [{ name: 'i', resources }] })
  expect(found(isFirst, { type: 'Container', ...item })).toEqual(expected)
})

test('a pod counts the sum of its containers, and of init containers the greatest', () => {
  const pod = spec([{ limits: { cpu: '700m' } }, { limits: { cpu: '700m' } }], {
    initContainers: [{ name: 'i', resources: { limits: { cpu: '1500m' } } }],
  })
  expect(found(pod, { type: 'Pod', max: { cpu: '1' } })).toEqual([
    'maximum cpu usage per Pod is 1, but limit is 1500m',
  ])
  expect(found(pod, { type: 'Pod', max: { cpu: '1500m' } })).toEqual([])
})

test('resources of the pod as a whole count in place of the sum', () => {
  const pod = spec([{ limits: { cpu: '3' } }], { resources: { limits: { cpu: '1' } } })
  expect(found(pod, { type: 'Pod', max: { cpu: '2' } })).toEqual([])
})

test.for<[string | undefined, string[]]>([
  ['2Gi', []],
  ['512Mi', ['minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi']],
  ['4Gi', ['maximum storage usage per PersistentVolumeClaim is 3Gi, but request is 4Gi']],
  [
    undefined,
    [
      'minimum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified',
      'maximum storage usage per PersistentVolumeClaim is 3Gi.  No request is specified',
    ],
  ],
])('a claim for %s', ([storage, expected]) => {
  const item = {
    type: 'PersistentVolumeClaim',
    min: { storage: '1Gi' },
    max: { storage: '3Gi' },
  } as LimitItem
  const claim = { resources: storage ? { requests: { storage } } : {} } as never
  expect(claimBreaches(claim, [item, { type: 'Pod', max: { cpu: '1' } } as LimitItem])).toEqual(
    expected,
  )
})
