/** Agents on nodes: the pods of a DaemonSet, brought to their nodes by the scheduler. */
import { expect, test } from 'vitest'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { startControllers } from '#client/controllers.ts'
import { daemonSetController } from '#controller-manager/controllers/daemonset.ts'
import { targetNode } from '#controller-manager/controllers/daemonset-pod.ts'
import { connect } from './connect.ts'
import { startSchedulingCluster } from './scheduling-cluster.ts'

const ROUNDS_MAX = 200

test('each lands on its own node, a closed one too, and waits where there is no room', async () => {
  await using cluster = await startSchedulingCluster()
  const { client, clock } = cluster
  await using stack = new AsyncDisposableStack()
  const { href } = client.connection.server
  const connected = stack.use(connect(href, { clock, namespace: 'default', carrier: 'socket' }))
  const nobody = { normal: () => undefined, warning: () => undefined }
  const parts = { ...connected, events: { for: () => nobody }, graceMs: 1000 }
  const { signal } = new AbortController()
  stack.use(await startControllers([daemonSetController()], parts, signal))
  await cluster.addNode('n1')
  const cordoned = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const
  await cluster.addNode('n2', { spec: { unschedulable: true, taints: [cordoned] } })
  await cluster.addNode('n3', { allocatable: { cpu: '100m' } })
  await cluster.addNode('n4', { spec: { taints: [{ key: 'own', effect: 'NoSchedule' }] } })
  const agent = { name: 'agent', namespace: 'default' }
  const resources = { requests: { cpu: '500m' } }
  await client.create(DaemonSet, {
    metadata: agent,
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { containers: [{ name: 'main', image: 'agent', resources }] },
      },
    },
  })
  const found = async (): Promise<readonly string[]> =>
    (await client.list(Pod))
      .map((pod) => `${targetNode(pod)} ${pod.spec.nodeName ?? 'waits'}`)
      .toSorted()
  const until = async (wanted: readonly string[]): Promise<void> => {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await cluster.settle()
      if ((await found()).join() === wanted.join()) return
    }
    expect(await found()).toEqual(wanted)
  }
  await until(['n1 n1', 'n2 n2', 'n3 waits'])
  await client.patch(Node, { name: 'n4' }, { spec: { taints: null } })
  await until(['n1 n1', 'n2 n2', 'n3 waits', 'n4 n4'])
  const { status } = await client.get(DaemonSet, agent)
  expect(status).toMatchObject({ desiredNumberScheduled: 4, currentNumberScheduled: 4 })
  expect(connected.logged).toEqual([])
})
