/** Failures of the pods of Jobs, against a real API server. */
import { describe, expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Cluster } from '#test/cluster.ts'
import { elapse } from '#test/elapse.ts'
import {
  conditions,
  end,
  indexed,
  job,
  podOf,
  startJobs,
  statusOf,
  unfinished,
} from '#test/jobs.ts'

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
