/** What the debug page tells of pods that are pending. */
import { expect, test } from 'vitest'
import { aNode, aPod, viewOf } from '#bench/scheduling-view.ts'
import { startSchedulingCluster } from '#test/scheduling-cluster.ts'
import { DebugPage } from './debug-page.ts'
import { explain } from './explain.ts'
import { plugins } from './plugins.ts'
import { podInfo } from './pod-info.ts'

test('each filter about each node, each score, and the last attempt', async () => {
  await using cluster = await startSchedulingCluster()
  const debug = new DebugPage()
  const ask = (pod?: string) => debug.page(new URLSearchParams(pod ? { pod } : {}))
  expect(ask()).toEqual({
    status: 503,
    body: { error: 'this replica does not lead, or has not begun' },
  })
  debug.watch(cluster.scheduler)
  await cluster.addNode('small', { allocatable: { cpu: '1' } })
  await cluster.addNode('closed', { spec: { unschedulable: true } })
  const resources = { requests: { cpu: '2' } }
  await cluster.addPod('web', { containers: [{ name: 'main', image: 'image', resources }] })
  await cluster.settle()
  const message = expect.stringContaining('0/2 nodes are available: 1 Insufficient cpu, 1 node(s)')
  const attempt = { attempts: 1, message, at: expect.stringMatching(/T.*Z$/) }
  expect(ask()).toMatchObject({ status: 200, body: { pods: [{ pod: 'default/web', ...attempt }] } })
  const { body } = ask('default/web') as {
    body: { lastAttempt: { nodes: object[] }; now: { nodes: object[] } }
  }
  expect(body.lastAttempt).toMatchObject(attempt)
  expect(body.lastAttempt.nodes).toContainEqual({
    name: 'small',
    plugin: 'NodeResourcesFit',
    reasons: ['Insufficient cpu'],
    isUnresolvable: true,
  })
  const ok = { NodeName: 'ok', TaintToleration: 'ok', PodTopologySpread: 'ok' }
  expect(body.now.nodes).toMatchObject([
    {
      name: 'small',
      isFeasible: false,
      filters: { ...ok, NodeUnschedulable: 'ok', NodeResourcesFit: 'Insufficient cpu' },
    },
    {
      name: 'closed',
      isFeasible: false,
      filters: { NodeUnschedulable: 'node(s) were unschedulable', NodeResourcesFit: 'ok' },
    },
  ])
  expect(ask('default/other').status).toBe(404)
})

test('nodes that would do have their scores', async () => {
  const view = viewOf({ nodes: [aNode('n1'), aNode('full', { allocatable: { pods: '0' } })] })
  const rows = explain(podInfo(aPod({ requests: { cpu: '1' } })), plugins, view)
  const scores = { TaintToleration: 300, NodeResourcesFit: 86, NodeResourcesBalancedAllocation: 87 }
  expect(rows).toMatchObject([
    { name: 'n1', isFeasible: true, scores, total: 473 },
    { name: 'full', isFeasible: false },
  ])
  expect(rows[1]).not.toHaveProperty('scores')
})
