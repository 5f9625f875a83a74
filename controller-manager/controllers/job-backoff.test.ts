/** How long Jobs wait before they replace failed pods. */
import { describe, expect, test } from 'vitest'
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { epochToTime } from '#api/time.ts'
import { backoffMs, indexBackoffMs, recentlyFinished } from './job-backoff.ts'

const job = { spec: {} } as Job

const pod = (uid: string, phase: string, atSeconds: number, more: object = {}) =>
  ({
    metadata: { name: uid, uid, creationTimestamp: epochToTime(atSeconds), ...more },
    status: { phase },
  }) as unknown as Pod

const failed = (uid: string, atSeconds: number) => pod(uid, 'Failed', atSeconds)
const succeeded = (uid: string, atSeconds: number) => pod(uid, 'Succeeded', atSeconds)

test.for([
  { name: 'nothing has ended', pods: [pod('a', 'Running', 0)], until: 0 },
  { name: 'one has failed', pods: [failed('a', 100)], until: 110 },
  { name: 'two have failed', pods: [failed('a', 100), failed('b', 100)], until: 120 },
  { name: 'three have failed', pods: ['a', 'b', 'c'].map((uid) => failed(uid, 100)), until: 140 },
  {
    name: 'very many have failed',
    pods: Array.from({ length: 50 }, (_, place) => failed(`${place}`, 100)),
    until: 700,
  },
  {
    name: 'a success makes up for failures',
    pods: [failed('a', 100), succeeded('b', 101)],
    until: 0,
  },
  {
    name: 'not for later ones',
    pods: [failed('a', 100), succeeded('b', 101), failed('c', 102)],
    until: 112,
  },
  {
    name: 'one that is deleted is lost',
    pods: [
      pod('a', 'Running', 0, {
        deletionTimestamp: epochToTime(130),
        deletionGracePeriodSeconds: 30,
      }),
    ],
    until: 110,
  },
])('$name', ({ pods, until }) => {
  const finished = recentlyFinished([], pods, job)
  const nowMs = 100_000
  expect(backoffMs(finished, nowMs)).toBe(Math.max(0, until * 1000 - nowMs))
})

describe('what is remembered', () => {
  test('goes on to count when the pods are gone, and only once when they are not', () => {
    const first = recentlyFinished([], [failed('a', 100)], job)
    const second = recentlyFinished(first, [failed('a', 100), failed('b', 105)], job)
    expect(backoffMs(second, 105_000)).toBe(20_000)
    expect(backoffMs(recentlyFinished(second, [], job), 105_000)).toBe(20_000)
  })

  test('is forgotten with a success, and is never much', () => {
    const pods = Array.from({ length: 50 }, (_, place) => failed(`${place}`, 100 + place))
    const many = recentlyFinished([], pods, job)
    expect(many).toHaveLength(8)
    expect(many.at(-1)).toEqual({ uid: '49', atMs: 149_000, hasFailed: true })
    expect(recentlyFinished(many, [succeeded('s', 200)], job)).toEqual([
      { uid: 's', atMs: 200_000, hasFailed: false },
    ])
  })
})

test.for([
  [{ 'batch.kubernetes.io/job-index-failure-count': '0' }, 10_000],
  [{ 'batch.kubernetes.io/job-index-failure-count': '2' }, 40_000],
  [
    {
      'batch.kubernetes.io/job-index-failure-count': '1',
      'batch.kubernetes.io/job-index-ignored-failure-count': '1',
    },
    40_000,
  ],
  [{}, 10_000],
] as const)('an index waits for itself: %j', ([annotations, delayMs]) => {
  const last = pod('a', 'Failed', 100, { annotations })
  expect(indexBackoffMs(last, 100_000)).toBe(delayMs)
  expect(indexBackoffMs(undefined, 100_000)).toBe(0)
})
