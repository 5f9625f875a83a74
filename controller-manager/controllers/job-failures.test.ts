/** What failures of pods mean: policies, and limits for indexes and restarts. */
import { describe, expect, test } from 'vitest'
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodFailurePolicy } from '#api/parts/batch/job-spec.ts'
import { failsIndex, failureAnnotations, failureVerdict, restartsTooOften } from './job-failures.ts'

const COUNT = 'batch.kubernetes.io/job-index-failure-count'
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count'

const container = (name: string, exitCode?: number, restartCount = 0) => ({
  name,
  restartCount,
  state: exitCode === undefined ? { running: {} } : { terminated: { exitCode } },
})

const pod = (status: object, annotations: object = {}) =>
  ({
    metadata: { namespace: 'default', name: 'p', annotations },
    status: { phase: 'Failed', ...status },
  }) as unknown as Pod

const onExitCodes = (operator: 'In' | 'NotIn', values: number[], containerName?: string) => ({
  operator,
  values,
  ...(containerName && { containerName }),
})

const policyOf = (...rules: object[]) => ({ rules }) as unknown as PodFailurePolicy
const disrupted = { type: 'DisruptionTarget', status: 'True' }

describe('a policy', () => {
  const policy = policyOf(
    { action: 'Ignore', onPodConditions: [disrupted] },
    { action: 'FailJob', onExitCodes: onExitCodes('In', [3, 42], 'main') },
    { action: 'FailIndex', onExitCodes: onExitCodes('In', [7]) },
    { action: 'Count', onExitCodes: onExitCodes('In', [8]) },
    { action: 'FailJob', onExitCodes: onExitCodes('NotIn', [1, 2]) },
    { action: 'FailJob', onPodConditions: [{ type: 'Config', status: 'False' }] },
  )
  const failing = (text: string) => ({ action: 'FailJob', message: text })

  test.for([
    [{}, { action: undefined }],
    [{ containerStatuses: [container('main', 0)] }, { action: undefined }],
    [{ containerStatuses: [container('main')] }, { action: undefined }],
    [{ containerStatuses: [container('main', 1)] }, { action: undefined }],
    [{ containerStatuses: [container('main', 7)] }, { action: 'FailIndex' }],
    [{ containerStatuses: [container('main', 8)] }, { action: 'Count' }],
    [
      { containerStatuses: [container('side', 1), container('main', 42)] },
      failing(
        'Container main for pod default/p failed with exit code 42 matching FailJob rule at index 1',
      ),
    ],
    [
      { containerStatuses: [container('side', 42)] },
      failing(
        'Container side for pod default/p failed with exit code 42 matching FailJob rule at index 4',
      ),
    ],
    [
      { initContainerStatuses: [container('init', 9)] },
      failing(
        'Container init for pod default/p failed with exit code 9 matching FailJob rule at index 4',
      ),
    ],
    [{ containerStatuses: [container('main', 42)], conditions: [disrupted] }, { action: 'Ignore' }],
    [
      { conditions: [{ type: 'Config', status: 'False' }] },
      failing('Pod default/p has condition Config matching FailJob rule at index 5'),
    ],
    [{ conditions: [{ type: 'Config', status: 'True' }] }, { action: undefined }],
  ] as const)('says about %j: %j', ([status, verdict]) => {
    expect(failureVerdict(policy, pod(status))).toEqual(verdict)
  })
})

const ignoring = policyOf(
  { action: 'Ignore', onPodConditions: [disrupted] },
  { action: 'FailIndex', onExitCodes: onExitCodes('In', [7]) },
)
const indexed = {
  spec: { backoffLimitPerIndex: 2, podFailurePolicy: ignoring, template: { spec: {} } },
} as unknown as Job

test.for([
  { name: 'below its limit', status: {}, counts: { [COUNT]: '1' }, isFailed: false },
  { name: 'at its limit', status: {}, counts: { [COUNT]: '2' }, isFailed: true },
  {
    name: 'at its limit, but ignored',
    status: { conditions: [disrupted] },
    counts: { [COUNT]: '2' },
    isFailed: false,
  },
  {
    name: 'at once',
    status: { containerStatuses: [container('main', 7)] },
    counts: {},
    isFailed: true,
  },
  {
    name: 'while it works',
    status: { phase: 'Running' },
    counts: { [COUNT]: '9' },
    isFailed: false,
  },
])('an index fails: $name', ({ status, counts, isFailed }) => {
  expect(failsIndex(indexed, pod(status, counts))).toBe(isFailed)
})

test.for([
  { name: 'the first of its index', replaced: undefined, counts: { [COUNT]: '0' } },
  { name: 'after a failure', replaced: pod({}, { [COUNT]: '1' }), counts: { [COUNT]: '2' } },
  {
    name: 'after one that was ignored',
    replaced: pod({ conditions: [disrupted] }, { [COUNT]: '1' }),
    counts: { [COUNT]: '1', [IGNORED]: '1' },
  },
  {
    name: 'after both',
    replaced: pod({}, { [COUNT]: '1', [IGNORED]: '3' }),
    counts: { [COUNT]: '2', [IGNORED]: '3' },
  },
])('a pod knows of those before it: $name', ({ replaced, counts }) => {
  expect(failureAnnotations(indexed, replaced)).toEqual(counts)
})

test.for([
  { policy: 'Never', limit: 0, restarts: [5], phase: 'Running', isTooOften: false },
  { policy: 'OnFailure', limit: 0, restarts: [0], phase: 'Running', isTooOften: false },
  { policy: 'OnFailure', limit: 0, restarts: [1], phase: 'Running', isTooOften: true },
  { policy: 'OnFailure', limit: 6, restarts: [3, 2], phase: 'Running', isTooOften: false },
  { policy: 'OnFailure', limit: 6, restarts: [3, 3], phase: 'Pending', isTooOften: true },
  { policy: 'OnFailure', limit: 6, restarts: [9], phase: 'Failed', isTooOften: false },
])('$restarts restarts, $policy, limit $limit: $isTooOften', (row) => {
  const { policy, limit, restarts, phase, isTooOften } = row
  const template = { spec: { restartPolicy: policy } }
  const job = { spec: { backoffLimit: limit, template } } as unknown as Job
  const pods = restarts.map((count, place) => {
    const one = [container('main', undefined, count)]
    return pod(
      place % 2 ? { phase, initContainerStatuses: one } : { phase, containerStatuses: one },
    )
  })
  expect(restartsTooOften(job, pods)).toBe(isTooOften)
})
