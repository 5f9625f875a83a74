/** ReplicationControllers against a real API server. */
import { expect, test } from 'vitest'
import { Pod } from '#api/kinds/core/pod.ts'
import { ReplicationController } from '#api/kinds/core/replication-controller.ts'
import { controllerOf } from '#client/cache.ts'
import { startCluster } from '#test/cluster.ts'
import { runPods, template } from '#test/workloads.ts'
import { replicationControllerController } from './replicationcontroller.ts'

test('a ReplicationController keeps its number of pods, and adopts what it selects', async () => {
  await using cluster = await startCluster({ controllers: [replicationControllerController] })
  const { client } = cluster
  const metadata = { name: 'orphan', namespace: 'default', labels: { app: 'web' } }
  await client.create(Pod, { ...template(), metadata })
  const made = await client.create(ReplicationController, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 3, template: template() },
  })
  await runPods(cluster)
  const pods = await client.list(Pod)
  expect(pods.map((pod) => controllerOf(pod)?.kind)).toEqual(
    Array.from({ length: 3 }, () => 'ReplicationController'),
  )
  expect((await client.get(ReplicationController, made)).status).toEqual({
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    observedGeneration: 1,
  })
  await client.patch(ReplicationController, made, { spec: { replicas: 0 } })
  await cluster.settle()
  expect(await client.list(Pod)).toEqual([])
  expect((await client.get(ReplicationController, made)).status.replicas).toBe(0)
  expect(cluster.logged).toEqual([])
})
