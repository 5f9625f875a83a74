/** Indexed Jobs with their pods, against a real API server. */
import { describe, expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { elapse } from '#test/elapse.ts'
import {
  conditions,
  end,
  indexed,
  indexOf,
  messages,
  place,
  podOf,
  startJobs,
  statusOf,
  TRACKING,
  unfinished,
} from '#test/jobs.ts'

const failureCount = 'batch.kubernetes.io/job-index-failure-count'

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
    expect((await cluster.client.get(Pod, first)).metadata.finalizers).toEqual([TRACKING])
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
