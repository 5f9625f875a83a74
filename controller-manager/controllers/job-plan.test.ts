/** Which pods Jobs create and remove, and how they are counted: rules as tables. */
import { describe, expect, test } from 'vitest'
import type { Job, JobStatus } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { failing, succeeding } from './job-conditions.ts'
import { planPods } from './job-plan.ts'
import { surveyJob } from './job-survey.ts'
import { counted, finishedStatus, planTracking } from './job-tracking.ts'

const NOW = Date.UTC(2030, 0, 1)
const DELETED = '2029-12-31T23:00:00Z'
const TRACKING = 'batch.kubernetes.io/job-tracking'
const forgotten = { finished: [], released: new Set<string>() }

const job = (spec: object, status: object = {}, metadata: object = {}) =>
  ({
    metadata: { name: 'work', namespace: 'default', ...metadata },
    spec: { parallelism: 2, completions: 3, backoffLimit: 6, template: { spec: {} }, ...spec },
    status,
  }) as unknown as Job

const indexed = (spec: object, status: object = {}) =>
  job({ completionMode: 'Indexed', ...spec }, status)

interface Wish {
  readonly index?: number
  readonly isGoing?: boolean
  readonly isCounted?: boolean
}

function pod(name: string, phase: string, { index, isGoing, isCounted }: Wish = {}): Pod {
  const annotations = { 'batch.kubernetes.io/job-completion-index': String(index) }
  const metadata = {
    name,
    uid: name,
    namespace: 'default',
    creationTimestamp: '2029-12-31T00:00:00Z',
    ...(index !== undefined && { annotations }),
    ...(isGoing && { deletionTimestamp: DELETED }),
    ...(!isCounted && { finalizers: [TRACKING] }),
  }
  return { metadata, spec: {}, status: { phase } } as unknown as Pod
}

const run = (name: string, index?: number) =>
  pod(name, 'Running', index === undefined ? {} : { index })
const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name)

test.for([
  { name: 'as many as may run at once', of: job({}), pods: [], create: 2, remove: [] },
  {
    name: 'no more than are left to do',
    of: job({}, { succeeded: 2 }),
    pods: [],
    create: 1,
    remove: [],
  },
  {
    name: 'none when nothing is left',
    of: job({}, { succeeded: 3 }),
    pods: [],
    create: 0,
    remove: [],
  },
  {
    name: 'one burst at most',
    of: job({ parallelism: 9999, completions: 9999 }),
    pods: [],
    create: 500,
    remove: [],
  },
  {
    name: 'a queue of work that is not empty',
    of: job({ completions: undefined }),
    pods: [run('a')],
    create: 1,
    remove: [],
  },
  {
    name: 'a queue of work that is',
    of: job({ completions: undefined }, { succeeded: 1 }),
    pods: [run('a')],
    create: 0,
    remove: [],
  },
  {
    name: 'too many',
    of: job({ parallelism: 1 }),
    pods: [run('a'), pod('b', 'Pending')],
    create: 0,
    remove: ['b'],
  },
  {
    name: 'suspended',
    of: job({ suspend: true }),
    pods: [run('a'), run('b')],
    create: 0,
    remove: ['a', 'b'],
  },
  {
    name: 'nothing while it is deleted',
    of: job({}, {}, { deletionTimestamp: DELETED }),
    pods: [],
    create: 0,
    remove: [],
  },
  {
    name: 'one that is going is replaced',
    of: job({ parallelism: 1 }),
    pods: [pod('a', 'Running', { isGoing: true })],
    create: 1,
    remove: [],
  },
  {
    name: 'unless only failed ones are',
    of: job({ parallelism: 1, podReplacementPolicy: 'Failed' }),
    pods: [pod('a', 'Running', { isGoing: true })],
    create: 0,
    remove: [],
  },
])('planPods(): $name', ({ of, pods, create, remove }) => {
  const plan = planPods(of, surveyJob(of, pods, forgotten), NOW)
  expect(plan.create).toHaveLength(create)
  expect(names(plan.remove)).toEqual(remove)
})

test.for([
  {
    name: 'the lowest that are free',
    spec: { completions: 9 },
    status: { completedIndexes: '0,2' },
    pods: [run('a', 3)],
    create: [1],
    remove: [],
  },
  {
    name: 'two of one index',
    spec: {},
    pods: [run('a', 0), pod('b', 'Pending', { index: 0 })],
    create: [],
    remove: ['b'],
  },
  {
    name: 'indexes that it has not',
    spec: {},
    pods: [run('a', 3), run('b')],
    create: [],
    remove: ['a', 'b'],
  },
  {
    name: 'not one whose pod is still going',
    spec: { podReplacementPolicy: 'Failed', parallelism: 3 },
    pods: [pod('a', 'Running', { index: 0, isGoing: true })],
    create: [1, 2],
    remove: [],
  },
  {
    name: 'not one that has failed for good',
    spec: { backoffLimitPerIndex: 0 },
    status: { failedIndexes: '0' },
    pods: [],
    create: [1, 2],
    remove: [],
  },
  {
    name: 'others while one waits',
    spec: { backoffLimitPerIndex: 1, completions: 2 },
    pods: [pod('a', 'Failed', { index: 0 })],
    now: Date.UTC(2029, 11, 31, 0, 0, 4),
    create: [1],
    remove: [],
    waitMs: 6000,
  },
])(
  'planPods(), Indexed: $name',
  ({ spec, status = {}, pods, create, remove, now = NOW, waitMs }) => {
    const of = indexed(spec, status)
    const plan = planPods(of, surveyJob(of, pods, forgotten), now)
    expect(plan.create.map(({ index }) => index)).toEqual(create)
    expect(names(plan.remove)).toEqual(remove)
    expect(plan.waitMs).toBe(waitMs)
  },
)

const track = (
  of: Job,
  pods: readonly Pod[],
  more: { ending?: ReturnType<typeof failing>; released?: string[] } = {},
) => {
  const { ending, released = [] } = more
  const survey = surveyJob(of, pods, { ...forgotten, released: new Set(released) })
  const { status, release, isPartial } = planTracking(of, of.status, survey, ending)
  return { status, release: names(release), isPartial, survey }
}

describe('planTracking()', () => {
  const pods = [pod('s', 'Succeeded'), pod('f', 'Failed'), run('r')]

  test('first writes down who is to be counted', () => {
    const { status, release } = track(job({}, { succeeded: 1 }), pods)
    const uncountedTerminatedPods = { succeeded: ['s'], failed: ['f'] }
    expect(status).toEqual({ succeeded: 1, uncountedTerminatedPods })
    expect(release).toEqual(['s', 'f'])
  })

  test('does so once, whoever was interrupted', () => {
    const uncountedTerminatedPods = { succeeded: ['s'], failed: ['f'] }
    const { status, release } = track(job({}, { uncountedTerminatedPods }), pods)
    expect(status).toEqual({ uncountedTerminatedPods })
    expect(release).toEqual(['s', 'f'])
  })

  test('counts those that were released or are gone', () => {
    const uncountedTerminatedPods = { succeeded: ['s', 'gone'], failed: ['f', 'lost'] }
    const of = job({}, { succeeded: 1, uncountedTerminatedPods })
    const { status } = track(of, [pod('s', 'Succeeded', { isCounted: true }), pods[1]!])
    expect(status).toEqual({
      succeeded: 3,
      failed: 1,
      uncountedTerminatedPods: { failed: ['f'] },
    })
  })

  test('does not count again what a stale cache shows as not released', () => {
    const of = job({}, { succeeded: 1, failed: 1 })
    const { status, release } = track(of, pods, { released: ['s', 'f'] })
    expect(status).toEqual({ succeeded: 1, failed: 1, uncountedTerminatedPods: {} })
    expect(release).toEqual([])
  })

  test('one that was given up and then succeeded has failed', () => {
    const uncountedTerminatedPods = { failed: ['s'] }
    const { status } = track(job({}, { uncountedTerminatedPods }), [pods[0]!])
    expect(status.uncountedTerminatedPods).toEqual({ failed: ['s'] })
  })

  test('takes so many at once, and those that are known first', () => {
    const many = Array.from({ length: 600 }, (_, place) => pod(`p${place}`, 'Succeeded'))
    const one = track(job({ completions: 600 }), many)
    expect(one.release).toHaveLength(500)
    expect(one.isPartial).toBe(true)
    const again = track(job({ completions: 600 }, one.status), many.toReversed())
    expect(again.status).toEqual(one.status)
    expect(again.release.toSorted()).toEqual(one.release.toSorted())
  })

  test('says why the Job ends before pods are let go, and gives up those that run', () => {
    const ending = failing('BackoffLimitExceeded', 'too often', NOW)
    const { status, release } = track(job({}), pods, { ending })
    expect(status.conditions).toEqual([ending])
    expect(status.uncountedTerminatedPods).toEqual({ succeeded: ['s'], failed: ['f', 'r'] })
    expect(release).toEqual(['s', 'f', 'r'])
  })

  test('lets go of all pods of a Job that is deleted, and counts those that have ended', () => {
    const of = job({}, {}, { deletionTimestamp: DELETED })
    const { status, release } = track(of, pods)
    expect(status.uncountedTerminatedPods).toEqual({ succeeded: ['s'], failed: ['f'] })
    expect(release).toEqual(['s', 'f', 'r'])
  })

  test('needs no UIDs for indexes, and none for those that it has not', () => {
    const of = indexed({}, { completedIndexes: '0', succeeded: 1 })
    const ended = [
      pod('again', 'Succeeded', { index: 0 }),
      pod('beyond', 'Succeeded', { index: 3 }),
      pod('lost', 'Failed', { index: 4 }),
      pod('done', 'Succeeded', { index: 1 }),
    ]
    const { status, release } = track(of, ended)
    expect(status).toEqual({ succeeded: 2, completedIndexes: '0,1', uncountedTerminatedPods: {} })
    expect(release).toHaveLength(4)
  })

  test('keeps the last failed pod of an index until its next one is there', () => {
    const of = indexed({ backoffLimitPerIndex: 3 })
    const waiting = pod('a', 'Failed', { index: 0 })
    expect(track(of, [waiting]).release).toEqual([])
    expect(track(of, [waiting, run('b', 0)]).release).toEqual(['a'])
  })
})

describe('the end', () => {
  const ending = succeeding('CompletionsReached', 'all', NOW)

  test.for([
    { name: 'a pod is not counted', status: { uncountedTerminatedPods: { failed: ['a'] } } },
    { name: 'a pod is going', status: { terminating: 1 } },
  ])('waits while $name', ({ status }) => {
    expect(finishedStatus(status as JobStatus, ending, NOW)).toBeUndefined()
  })

  test('comes with a time', () => {
    const status = { conditions: [ending], terminating: 0, uncountedTerminatedPods: {} }
    const { status: after, end } = finishedStatus(status as JobStatus, ending, NOW + 1000)!
    expect(end).toMatchObject({ type: 'Complete', reason: 'CompletionsReached', message: 'all' })
    expect(after.conditions).toEqual([ending, end])
    expect(after.completionTime).toBe('2030-01-01T00:00:01Z')
  })

  test('counted() leaves a status alone that has nothing to count', () => {
    const status = { active: 1, uncountedTerminatedPods: { failed: ['a'] } } as JobStatus
    expect(counted(status, new Set(['a']))).toEqual(status)
  })
})
