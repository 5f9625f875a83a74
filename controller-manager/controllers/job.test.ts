/** Jobs with their pods, against a real API server; a stand-in reports how pods end. */
import { describe, expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import type { jobSpec } from '#api/parts/batch/job-spec.ts'
import type { Input } from '#api/schema.ts'
import { controllerOf } from '#client/cache.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { elapse } from '#test/elapse.ts'
import { report } from '#test/workloads.ts'
import { jobController } from './job.ts'
import { jobOrphansController } from './job-orphans.ts'

const place = { name: 'work', namespace: 'default' }
const tracking = 'batch.kubernetes.io/job-tracking'
const failureCount = 'batch.kubernetes.io/job-index-failure-count'

const template = {
  spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] },
}
const job = (spec: Partial<Input<typeof jobSpec>> = {}) => ({
  metadata: place,
  spec: { template, ...spec },
})
const indexed = (completions: number, spec: Partial<Input<typeof jobSpec>> = {}) =>
  job({ completionMode: 'Indexed', completions, parallelism: completions, ...spec })

const startJobs = () => startCluster({ controllers: [jobController(), jobOrphansController] })

const statusOf = async ({ client }: Cluster) => (await client.get(Job, place)).status

async function unfinished({ client }: Cluster): Promise<readonly Pod[]> {
  const pods = await client.list(Pod)
  return pods.filter(({ metadata, status }) => !isOver(status.phase) && !metadata.deletionTimestamp)
}

const isOver = (phase: string | undefined) => phase === 'Succeeded' || phase === 'Failed'

async function end(cluster: Cluster, pods: readonly Pod[], phase: 'Succeeded' | 'Failed') {
  for (const pod of pods) await report(cluster, pod, { phase })
  await cluster.settle()
}

async function messages({ client }: Cluster): Promise<readonly string[]> {
  const events = await client.list(Event)
  return events
    .filter(({ reason }) => reason !== 'SuccessfulCreate' && reason !== 'SuccessfulDelete')
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
}

const conditions = async (cluster: Cluster) =>
  ((await statusOf(cluster)).conditions ?? []).map(
    ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
  )

const indexOf = ({ metadata }: Pod) =>
  metadata.annotations?.['batch.kubernetes.io/job-completion-index']

async function podOf(cluster: Cluster, index: number): Promise<Pod> {
  const found = (await unfinished(cluster)).find((pod) => indexOf(pod) === String(index))
  return found!
}

test('a Job runs as many pods as it may until enough have succeeded', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  const made = await client.create(Job, job({ completions: 3, parallelism: 2 }))
  await cluster.settle()
  const first = await client.list(Pod)
  expect(first).toHaveLength(2)
  expect(first[0]!.metadata).toMatchObject({
    generateName: 'work-',
    finalizers: [tracking],
    labels: { 'batch.kubernetes.io/job-name': 'work' },
  })
  expect(controllerOf(first[0]!)).toMatchObject({ kind: 'Job', uid: made.metadata.uid })
  await report(cluster, first[0]!)
  await cluster.settle()
  const startTime = '2030-01-01T00:00:00Z'
  expect(await statusOf(cluster)).toEqual({
    startTime,
    active: 2,
    ready: 1,
    terminating: 0,
    uncountedTerminatedPods: {},
  })
  await elapse(cluster, 5000)
  await end(cluster, first, 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({ active: 1, succeeded: 2 })
  await end(cluster, await unfinished(cluster), 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({
    succeeded: 3,
    ready: 0,
    terminating: 0,
    startTime,
    completionTime: '2030-01-01T00:00:05Z',
    uncountedTerminatedPods: {},
  })
  const because = 'CompletionsReached: Reached expected number of succeeded pods'
  expect(await conditions(cluster)).toEqual([
    `SuccessCriteriaMet=True ${because}`,
    `Complete=True ${because}`,
  ])
  expect(await messages(cluster)).toEqual(['Normal Completed: Job completed'])
  const pods = await client.list(Pod)
  expect(pods.map(({ metadata }) => metadata.finalizers ?? [])).toEqual([[], [], []])
  expect(cluster.logged).toEqual([])
})

test('pods that share a queue end together, once one has found no more work', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ parallelism: 3 }))
  await cluster.settle()
  const [one, ...others] = await unfinished(cluster)
  await end(cluster, [one!], 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({ active: 2, succeeded: 1 })
  await end(cluster, [others[0]!], 'Failed')
  expect(await statusOf(cluster)).toMatchObject({ active: 1, succeeded: 1, failed: 1 })
  expect(await cluster.client.list(Pod)).toHaveLength(3)
  await end(cluster, [others[1]!], 'Succeeded')
  expect(await statusOf(cluster)).toMatchObject({ succeeded: 2, failed: 1 })
  expect(await conditions(cluster)).toHaveLength(2)
})

test('failed pods are replaced after 10, 20, 40 s, and too many of them fail the Job', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ backoffLimit: 2 }))
  await cluster.settle()
  for (const [failures, delayMs] of [
    [1, 10_000],
    [2, 20_000],
  ] as const) {
    await end(cluster, await unfinished(cluster), 'Failed')
    expect(await statusOf(cluster)).toMatchObject({ failed: failures })
    await elapse(cluster, delayMs - 1)
    expect(await unfinished(cluster)).toHaveLength(0)
    await elapse(cluster, 1)
    expect(await unfinished(cluster)).toHaveLength(1)
  }
  await end(cluster, await unfinished(cluster), 'Failed')
  expect(await statusOf(cluster)).toMatchObject({ failed: 3 })
  const because = 'BackoffLimitExceeded: Job has reached the specified backoff limit'
  expect(await conditions(cluster)).toEqual([
    `FailureTarget=True ${because}`,
    `Failed=True ${because}`,
  ])
  expect(await messages(cluster)).toEqual([`Warning ${because}`])
  expect(cluster.logged).toEqual([])
})

test('a failed Job removes the pods that it still has, and counts them', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ completions: 3, parallelism: 3, backoffLimit: 0 }))
  await cluster.settle()
  const [one] = await unfinished(cluster)
  await end(cluster, [one!], 'Failed')
  expect(await statusOf(cluster)).toMatchObject({ failed: 3, terminating: 0 })
  expect((await statusOf(cluster)).active).toBeUndefined()
  expect(await cluster.client.list(Pod)).toHaveLength(1)
  expect(await conditions(cluster)).toHaveLength(2)
})

test('a deadline counts from the start, and not while a Job is suspended', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  await client.create(Job, job({ activeDeadlineSeconds: 60, suspend: true }))
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ conditions: [{ type: 'Suspended' }] })
  expect((await statusOf(cluster)).startTime).toBeUndefined()
  await elapse(cluster, 100_000)
  await client.patch(Job, place, { spec: { suspend: false } })
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ active: 1, startTime: '2030-01-01T00:01:40Z' })
  await elapse(cluster, 30_000)
  await client.patch(Job, place, { spec: { suspend: true } })
  await cluster.settle()
  expect(await client.list(Pod)).toEqual([])
  expect((await statusOf(cluster)).startTime).toBeUndefined()
  await elapse(cluster, 100_000)
  await client.patch(Job, place, { spec: { suspend: false } })
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ active: 1, startTime: '2030-01-01T00:03:50Z' })
  expect(await messages(cluster)).toEqual([
    'Normal Suspended: Job suspended',
    'Normal Resumed: Job resumed',
  ])
  await elapse(cluster, 59_999)
  expect(await conditions(cluster)).toEqual(['Suspended=False JobResumed: Job resumed'])
  await elapse(cluster, 1)
  expect((await conditions(cluster)).slice(1)).toEqual([
    'FailureTarget=True DeadlineExceeded: Job was active longer than specified deadline',
    'Failed=True DeadlineExceeded: Job was active longer than specified deadline',
  ])
  expect(await client.list(Pod)).toEqual([])
})

test('a Job that may not lose any pod ends when it is suspended', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  await client.create(Job, job({ backoffLimit: 0 }))
  await cluster.settle()
  await client.patch(Job, place, { spec: { suspend: true } })
  await elapse(cluster, 60_000)
  expect(await messages(cluster)).toEqual([
    'Normal Suspended: Job suspended',
    'Warning BackoffLimitExceeded: Job has reached the specified backoff limit',
  ])
  expect(await statusOf(cluster)).toMatchObject({ failed: 1, startTime: '2030-01-01T00:00:00Z' })
  expect(cluster.logged).toEqual([])
})

test('a suspended Job may go on with other resources on other nodes', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  await client.create(Job, job())
  await cluster.settle()
  const resources = { requests: { cpu: '2' }, limits: { memory: '1Gi' } }
  const containers = [{ ...template.spec.containers[0], resources }]
  const spec = { template: { spec: { containers, nodeSelector: { zone: 'a' } } } }
  const change = () => client.patch(Job, place, { spec }, { type: 'strategic' })
  await expect(change()).rejects.toThrow('spec.template: Invalid value')
  await client.patch(Job, place, { spec: { suspend: true } })
  await cluster.settle()
  await change()
  await client.patch(Job, place, { spec: { suspend: false } })
  await elapse(cluster, 10_000)
  const [pod] = await unfinished(cluster)
  expect(pod!.spec).toMatchObject({ nodeSelector: { zone: 'a' }, containers: [{ resources }] })
})

describe('an Indexed Job', () => {
  test('gives each pod its index, and writes down which are done', async () => {
    await using cluster = await startJobs()
    await cluster.client.create(Job, indexed(5))
    await cluster.settle()
    const pod = await podOf(cluster, 3)
    expect(pod.metadata.generateName).toBe('work-3-')
    expect(pod.metadata.labels?.['batch.kubernetes.io/job-completion-index']).toBe('3')
    expect(pod.metadata.annotations?.[failureCount]).toBeUndefined()
    expect(pod.spec.hostname).toBe('work-3')
    expect(pod.spec.containers?.[0]?.env).toEqual([
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: {
          fieldRef: {
            apiVersion: 'v1',
            fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
          },
        },
      },
    ])
    for (const index of [4, 0, 2]) await end(cluster, [await podOf(cluster, index)], 'Succeeded')
    expect(await statusOf(cluster)).toMatchObject({ completedIndexes: '0,2,4', succeeded: 3 })
    await end(cluster, [await podOf(cluster, 3)], 'Succeeded')
    expect(await statusOf(cluster)).toMatchObject({ completedIndexes: '0,2-4', succeeded: 4 })
    await end(cluster, [await podOf(cluster, 1)], 'Failed')
    await elapse(cluster, 10_000)
    await end(cluster, [await podOf(cluster, 1)], 'Succeeded')
    expect(await statusOf(cluster)).toMatchObject({ completedIndexes: '0-4', failed: 1 })
    expect(await conditions(cluster)).toHaveLength(2)
    expect(cluster.logged).toEqual([])
  })

  test('grows and shrinks', async () => {
    await using cluster = await startJobs()
    await cluster.client.create(Job, indexed(4))
    await cluster.settle()
    await end(cluster, [await podOf(cluster, 3)], 'Succeeded')
    await cluster.client.patch(Job, place, { spec: { completions: 2, parallelism: 2 } })
    await cluster.settle()
    expect((await unfinished(cluster)).map(indexOf).toSorted()).toEqual(['0', '1'])
    expect((await statusOf(cluster)).completedIndexes).toBeUndefined()
    await cluster.client.patch(Job, place, { spec: { completions: 3, parallelism: 3 } })
    await cluster.settle()
    expect((await unfinished(cluster)).map(indexOf).toSorted()).toEqual(['0', '1', '2'])
  })

  test('counts failures of each index where it has a limit for them', async () => {
    await using cluster = await startJobs()
    await cluster.client.create(Job, indexed(3, { backoffLimitPerIndex: 1 }))
    await cluster.settle()
    const first = await podOf(cluster, 1)
    expect(first.metadata.annotations?.[failureCount]).toBe('0')
    await end(cluster, [first], 'Failed')
    // It keeps its finalizer until the next one knows of it.
    expect((await cluster.client.get(Pod, first)).metadata.finalizers).toEqual([tracking])
    await elapse(cluster, 10_000)
    expect((await cluster.client.get(Pod, first)).metadata.finalizers ?? []).toEqual([])
    const second = await podOf(cluster, 1)
    expect(second.metadata.annotations?.[failureCount]).toBe('1')
    await end(cluster, [second], 'Failed')
    expect(await statusOf(cluster)).toMatchObject({ failedIndexes: '1', failed: 2, active: 2 })
    await end(cluster, await unfinished(cluster), 'Succeeded')
    expect(await statusOf(cluster)).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1' })
    expect(await messages(cluster)).toEqual(['Warning FailedIndexes: Job has failed indexes'])
  })

  test('fails at once when more indexes fail than it allows', async () => {
    await using cluster = await startJobs()
    const limits = { backoffLimitPerIndex: 0, maxFailedIndexes: 1 }
    await cluster.client.create(Job, indexed(4, limits))
    await cluster.settle()
    await end(cluster, [await podOf(cluster, 0)], 'Failed')
    expect(await statusOf(cluster)).toMatchObject({ failedIndexes: '0', active: 3 })
    await end(cluster, [await podOf(cluster, 3)], 'Failed')
    expect(await statusOf(cluster)).toMatchObject({ failedIndexes: '0,3', failed: 4 })
    expect(await messages(cluster)).toEqual([
      'Warning MaxFailedIndexesExceeded: Job has exceeded the specified maximal number of failed indexes',
    ])
  })

  test('ends early where its success policy says so', async () => {
    await using cluster = await startJobs()
    const rules = [{ succeededIndexes: '0,2-3', succeededCount: 2 }]
    await cluster.client.create(Job, indexed(5, { successPolicy: { rules } }))
    await cluster.settle()
    await end(cluster, [await podOf(cluster, 1), await podOf(cluster, 2)], 'Succeeded')
    expect(await statusOf(cluster)).toMatchObject({ active: 3 })
    await end(cluster, [await podOf(cluster, 0)], 'Succeeded')
    expect(await conditions(cluster)).toEqual([
      'SuccessCriteriaMet=True SuccessPolicy: Matched rules at index 0',
      'Complete=True SuccessPolicy: Matched rules at index 0',
    ])
    expect(await statusOf(cluster)).toMatchObject({ completedIndexes: '0-2', terminating: 0 })
    expect(await unfinished(cluster)).toEqual([])
  })
})

describe('a pod failure policy', () => {
  const exit = (exitCode: number) => ({
    phase: 'Failed',
    containerStatuses: [
      {
        name: 'main',
        image: 'work:1',
        imageID: 'work:1',
        restartCount: 0,
        ready: false,
        state: { terminated: { exitCode, finishedAt: '2030-01-01T00:00:00Z' } },
      },
    ],
  })
  const failWith = async (cluster: Cluster, pod: Pod, status: object) => {
    const options = { type: 'strategic', subresource: 'status' } as const
    await cluster.client.patch(Pod, pod, { status }, options)
    await cluster.settle()
  }

  test('may fail the Job, and ignore disruptions', async () => {
    await using cluster = await startJobs()
    const disruption = { type: 'DisruptionTarget' as const, status: 'True' as const }
    const rules = [
      { action: 'Ignore' as const, onPodConditions: [disruption] },
      { action: 'FailJob' as const, onExitCodes: { operator: 'In' as const, values: [42] } },
    ]
    await cluster.client.create(Job, job({ backoffLimit: 0, podFailurePolicy: { rules } }))
    await cluster.settle()
    const [first] = await unfinished(cluster)
    await failWith(cluster, first!, { ...exit(137), conditions: [disruption] })
    expect((await statusOf(cluster)).failed).toBeUndefined()
    expect((await cluster.client.get(Pod, first!)).metadata.finalizers ?? []).toEqual([])
    await elapse(cluster, 10_000)
    const [second] = await unfinished(cluster)
    await failWith(cluster, second!, exit(42))
    const { name } = second!.metadata
    const because = `PodFailurePolicy: Container main for pod default/${name} failed with exit code 42 matching FailJob rule at index 1`
    expect(await conditions(cluster)).toEqual([
      `FailureTarget=True ${because}`,
      `Failed=True ${because}`,
    ])
  })

  test('may fail an index at once', async () => {
    await using cluster = await startJobs()
    const onExitCodes = { operator: 'NotIn' as const, values: [1, 2] }
    const rules = [{ action: 'FailIndex' as const, onExitCodes }]
    const spec = { backoffLimitPerIndex: 3, podFailurePolicy: { rules } }
    await cluster.client.create(Job, indexed(2, spec))
    await cluster.settle()
    await failWith(cluster, await podOf(cluster, 0), exit(3))
    expect(await statusOf(cluster)).toMatchObject({ failedIndexes: '0', failed: 1, active: 1 })
    await failWith(cluster, await podOf(cluster, 1), exit(2))
    expect(await statusOf(cluster)).toMatchObject({ failedIndexes: '0' })
  })
})

describe('pods that are deleted', () => {
  test('are replaced at once, or when they have ended where the Job wants that', async () => {
    await using cluster = await startJobs()
    const { client } = cluster
    await client.create(Job, job({ podReplacementPolicy: 'Failed' }))
    await cluster.settle()
    const [pod] = await unfinished(cluster)
    await client.delete(Pod, pod!)
    await cluster.settle()
    expect(await statusOf(cluster)).toMatchObject({ terminating: 1 })
    expect(await unfinished(cluster)).toEqual([])
    await end(cluster, [pod!], 'Failed')
    expect(await statusOf(cluster)).toMatchObject({ terminating: 0, failed: 1 })
    await elapse(cluster, 10_000)
    expect(await unfinished(cluster)).toHaveLength(1)
  })

  test('are remembered as failures although they are gone', async () => {
    await using cluster = await startJobs()
    await cluster.client.create(Job, job())
    await cluster.settle()
    await cluster.client.delete(Pod, (await unfinished(cluster))[0]!)
    await cluster.settle()
    expect(await cluster.client.list(Pod)).toEqual([])
    expect(await statusOf(cluster)).toMatchObject({ failed: 1, terminating: 0 })
    await elapse(cluster, 10_000)
    expect(await unfinished(cluster)).toHaveLength(1)
  })
})

describe('the tracking finalizer', () => {
  test('comes with adoption, and goes when the pod is not selected any more', async () => {
    await using cluster = await startJobs()
    const { client } = cluster
    const orphan = { name: 'orphan', namespace: 'default' }
    const labels = { app: 'work' }
    await client.create(Pod, { metadata: { ...orphan, labels }, spec: template.spec })
    const selected = { ...template, metadata: { labels } }
    const selector = { matchLabels: labels }
    await client.create(Job, job({ manualSelector: true, selector, template: selected }))
    await cluster.settle()
    expect(await client.list(Pod)).toHaveLength(1)
    const adopted = await client.get(Pod, orphan)
    expect(adopted.metadata).toMatchObject({ finalizers: [tracking] })
    expect(controllerOf(adopted)?.name).toBe('work')
    await client.patch(Pod, orphan, { metadata: { labels: { app: null } } })
    await cluster.settle()
    const released = await client.get(Pod, orphan)
    expect(released.metadata.finalizers ?? []).toEqual([])
    expect(controllerOf(released)).toBeUndefined()
    expect(await client.list(Pod)).toHaveLength(2)
    expect(cluster.logged).toEqual([])
  })

  test('is taken off pods whose Job is gone, or forgotten', async () => {
    await using cluster = await startJobs()
    const { client } = cluster
    await client.create(Job, job({ completions: 2, parallelism: 2 }))
    await cluster.settle()
    const [one, other] = await unfinished(cluster)
    await client.patch(Pod, one!, { metadata: { ownerReferences: null, labels: null } })
    await cluster.settle()
    expect((await client.get(Pod, one!)).metadata.finalizers ?? []).toEqual([])
    expect((await client.get(Pod, other!)).metadata.finalizers).toEqual([tracking])
    await client.delete(Job, place, { propagationPolicy: 'Background' })
    await cluster.settle()
    expect((await client.get(Pod, other!)).metadata.finalizers ?? []).toEqual([])
    expect(cluster.logged).toEqual([])
  })

  test('is taken off all pods of a Job that is being deleted', async () => {
    await using cluster = await startJobs()
    const { client } = cluster
    await client.create(Job, job())
    await cluster.settle()
    await client.delete(Job, place, { propagationPolicy: 'Foreground' })
    await cluster.settle()
    const [pod, ...others] = await client.list(Pod)
    expect(others).toEqual([])
    expect(pod!.metadata.finalizers ?? []).toEqual([])
  })
})

test.for([false, true])(
  'a Job that has nothing to do is over at once, suspended: %s',
  async (suspend) => {
    await using cluster = await startJobs()
    await cluster.client.create(Job, job({ completions: 0, suspend }))
    await cluster.settle()
    expect(await statusOf(cluster)).toMatchObject({ completionTime: '2030-01-01T00:00:00Z' })
    expect(await cluster.client.list(Pod)).toEqual([])
    expect(cluster.logged).toEqual([])
  },
)

test('a Job that cannot create its pods says so, and goes on when it can', async () => {
  await using cluster = await startJobs()
  const { client } = cluster
  const spec = { hard: { pods: '1' } }
  const place = { name: 'few', namespace: 'default' }
  const quota = await client.create(ResourceQuota, { metadata: place, spec })
  await client.updateStatus(ResourceQuota, quota, { ...spec, used: { pods: '0' } })
  await client.create(Job, job({ completions: 3, parallelism: 3 }))
  await expect(cluster.settle()).rejects.toThrow('work still fails')
  expect(await statusOf(cluster)).toMatchObject({ active: 1 })
  const failed = (await client.list(Event)).find(({ reason }) => reason === 'FailedCreate')
  expect(failed?.message).toMatch(/^Error creating: pods "work-.*" is forbidden: exceeded quota/)
  await client.delete(ResourceQuota, place)
  await cluster.settle()
  expect(await statusOf(cluster)).toMatchObject({ active: 3 })
})

test('somebody else manages it: nothing is done', async () => {
  await using cluster = await startJobs()
  await cluster.client.create(Job, job({ managedBy: 'example.com/other' }))
  await cluster.settle()
  expect(await cluster.client.list(Pod)).toEqual([])
  expect(await statusOf(cluster)).toEqual({})
})
