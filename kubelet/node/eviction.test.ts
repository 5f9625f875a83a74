/** Who has to leave when a node runs out of something, by tables. */
import { describe, expect, test } from 'vitest'
import { podOf } from '#test/observed-pod.ts'
import { chooseEviction, type PodUse, storageProblem, volumeProblem } from './eviction.ts'
import { evictionReserve } from './reservations.ts'
import { parseTaint, runtimeNetwork } from './settings.ts'
import { crossed, parseThresholds, type Supplies } from './thresholds.ts'

const MI = 2 ** 20

const use = (name: string, memoryMi: number, spec: object = {}, more: object = {}): PodUse => ({
  pod: podOf(spec, {
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1' },
    status: { phase: 'Running' },
    ...more,
  }),
  containers: [{ name: 'main', memoryBytes: memoryMi * MI, diskBytes: 0, processes: memoryMi }],
  volumeBytes: 0,
})

const asking = (memory: string) => ({
  containers: [{ name: 'main', image: 'a', resources: { requests: { memory } } }],
})

const supplies: Supplies = {
  'memory.available': { available: 50 * MI, capacity: 1024 * MI },
  'pid.available': { available: 10, capacity: 1000 },
}
const low = parseThresholds('memory.available<100Mi')

describe('who leaves', () => {
  test.for<[string, PodUse[], string | undefined]>([
    ['nobody there', [], undefined],
    ['the greater', [use('a', 10), use('b', 20)], 'b'],
    ['who uses more than it asked for', [use('a', 30, asking('40Mi')), use('b', 20)], 'b'],
    ['the less important', [use('a', 30, { priority: 5 }), use('b', 20)], 'b'],
    ['never the critical', [use('a', 30, { priority: 2_000_000_000 })], undefined],
    [
      'never what the node itself runs',
      [
        use(
          'a',
          9,
          {},
          {
            metadata: {
              ...{ name: 'a', uid: 'a', resourceVersion: '1' },
              annotations: { 'kubernetes.io/config.source': 'file' },
            },
          },
        ),
      ],
      undefined,
    ],
    ['never what is over', [use('a', 9, {}, { status: { phase: 'Failed' } })], undefined],
  ])('%s', ([, uses, uid]) => {
    expect(chooseEviction(low, supplies, uses)?.uid).toBe(uid)
  })

  test('and what is said about it', () => {
    expect(chooseEviction(low, supplies, [use('a', 30)])?.failed).toMatchObject({
      reason: 'Evicted',
      disruptionReason: 'TerminationByKubelet',
      message:
        'The node was low on resource: memory. Threshold quantity: 102400Ki, available: 51200Ki. ' +
        'Container main was using 30720Ki, request is 0, has larger consumption of memory. ',
    })
  })
})

test('thresholds are amounts or shares', () => {
  const all = parseThresholds('memory.available<100Mi, pid.available<5%')
  expect(all).toEqual([
    { signal: 'memory.available', amount: '100Mi' },
    { signal: 'pid.available', share: 0.05 },
  ])
  expect(crossed(all, supplies).map(({ signal }) => signal)).toEqual([
    'memory.available',
    'pid.available',
  ])
  expect(crossed(all, {})).toEqual([])
  expect(parseThresholds('')).toEqual([])
  expect(() => parseThresholds('cpu<1')).toThrow('--eviction-hard: "cpu<1", wanted')
  expect(() => parseThresholds('pid.available<200%')).toThrow('wanted a share')
  expect(evictionReserve('memory.available<100Mi,nodefs.available<10%', 1, 1000)).toEqual({
    memory: String(100 * MI),
    'ephemeral-storage': '100',
  })
})

test('a pod that fills more of the disk than it may', () => {
  const resources = { limits: { 'ephemeral-storage': '1Mi' } }
  const spec = { containers: [{ name: 'main', image: 'a', resources }] }
  const each = use('a', 1, spec)
  expect(storageProblem(each)).toBeUndefined()
  const container = { ...each.containers[0]!, diskBytes: 2 * MI }
  expect(storageProblem({ ...each, containers: [container] })).toBe(
    'Container main exceeded its local ephemeral storage limit "1Mi". ',
  )
  expect(storageProblem({ ...each, volumeBytes: 2 * MI })).toBe(
    'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ',
  )
  expect(volumeProblem('data', 2 * MI, '1Mi')).toBe(
    'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ',
  )
})

test('taints and networks are read from flags', () => {
  expect(parseTaint('a/b=c:NoSchedule')).toEqual({ key: 'a/b', value: 'c', effect: 'NoSchedule' })
  expect(parseTaint('a:NoExecute')).toEqual({ key: 'a', effect: 'NoExecute' })
  expect(() => parseTaint('a=b')).toThrow('--register-with-taints: found "a=b"')
  expect(runtimeNetwork('container:x')).toEqual({ type: 'container', id: 'x' })
  expect(() => runtimeNetwork('bridge')).toThrow('--node-network: found "bridge"')
})
