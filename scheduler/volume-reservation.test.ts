/** Tries pods whose volumes are bound, or made, when their node is chosen. */
import { expect, test } from 'vitest'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { SELECTED_NODE } from '#api/rules/volume-binding.ts'
import { type SchedulingCluster, startSchedulingCluster } from '#test/scheduling-cluster.ts'
import { claimOf, podUsing, volumeOf } from '#test/volumes.ts'

const near = (node: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node] },
          ],
        },
      ],
    },
  },
})
const late = { storageClassName: 'late' }
const addClass = ({ client }: SchedulingCluster, provisioner: string) =>
  client.create(StorageClass, {
    metadata: { name: 'late' },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  })

async function addVolume({ client }: SchedulingCluster, name: string, spec: object = {}) {
  await client.create(PersistentVolume, volumeOf(name, '1Gi', spec))
  const patch = { status: { phase: 'Available' } }
  await client.patch(PersistentVolume, { name }, patch, { subresource: 'status' })
}

/** What the binder of volumes does when the scheduler has chosen. */
async function completeBinding({ client }: SchedulingCluster, claim: string, volumeName: string) {
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' }
  const patch = { metadata: { annotations }, spec: { volumeName } }
  await client.patch(PersistentVolumeClaim, { name: claim }, patch)
}

const claimIn = ({ client }: SchedulingCluster, name = 'data') =>
  client.get(PersistentVolumeClaim, { name })

test('a volume is given to the claim, and the pod is bound when the claim knows it', async () => {
  await using cluster = await startSchedulingCluster()
  const { client } = cluster
  await addClass(cluster, 'kubernetes.io/no-provisioner')
  await cluster.addNode('a')
  await cluster.addNode('b')
  await addVolume(cluster, 'v', { ...late, ...near('b') })
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', late))
  await client.create(Pod, podUsing('web', 'data'))
  await cluster.settle()
  const { spec, metadata } = await client.get(PersistentVolume, { name: 'v' })
  expect(spec.claimRef).toMatchObject({ name: 'data', namespace: 'default' })
  expect(metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' })
  expect(await cluster.nodeOf('web')).toBe('')
  await completeBinding(cluster, 'data', 'v')
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('b')
})

test('a provisioner is told the node, and a second pod goes where the first one goes', async () => {
  await using cluster = await startSchedulingCluster()
  const { client } = cluster
  await addClass(cluster, 'example.com/x')
  await cluster.addNode('a')
  await cluster.addNode('b')
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', late))
  await client.create(Pod, podUsing('one', 'data'))
  await client.create(Pod, podUsing('two', 'data'))
  await cluster.settle()
  const node = (await claimIn(cluster)).metadata.annotations?.[SELECTED_NODE] ?? ''
  expect(['a', 'b']).toContain(node)
  await addVolume(cluster, 'v', { ...late, ...near(node) })
  await completeBinding(cluster, 'data', 'v')
  await cluster.settle()
  expect([await cluster.nodeOf('one'), await cluster.nodeOf('two')]).toEqual([node, node])
})

test('while one pod waits for its volume others are bound', async () => {
  await using cluster = await startSchedulingCluster()
  await addClass(cluster, 'example.com/x')
  await cluster.addNode('a')
  for (let at = 0; at < 40; at++) {
    await cluster.client.create(PersistentVolumeClaim, claimOf(`c${at}`, '1Gi', late))
    await cluster.client.create(Pod, podUsing(`waits-${at}`, `c${at}`))
  }
  await cluster.addPod('plain')
  await cluster.settle()
  expect(await cluster.nodeOf('plain')).toBe('a')
  expect(await cluster.nodeOf('waits-0')).toBe('')
})

test('a choice that is taken back, or comes to nothing in time, is made again', async () => {
  await using cluster = await startSchedulingCluster()
  const { client, clock } = cluster
  await addClass(cluster, 'example.com/x')
  await cluster.addNode('a')
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', late))
  await client.create(Pod, podUsing('web', 'data'))
  await cluster.settle()
  const patch = { metadata: { annotations: { [SELECTED_NODE]: null } } }
  await client.patch(PersistentVolumeClaim, { name: 'data' }, patch)
  await cluster.settle()
  const [event] = await cluster.eventsOf('web')
  expect(event).toBe(
    'FailedScheduling: running PreBind plugin "VolumeBinding": binding volumes: selectedNode annotation value "" not set to scheduled node "a"',
  )
  clock.jump(1000)
  await cluster.settle()
  expect((await claimIn(cluster)).metadata.annotations?.[SELECTED_NODE]).toBe('a')
  clock.jump(600_000)
  await cluster.settle()
  expect((await cluster.eventsOf('web')).join()).toContain('context deadline exceeded')
})

test('a pod that goes while it waits leaves its volume to others', async () => {
  await using cluster = await startSchedulingCluster()
  const { client } = cluster
  await addClass(cluster, 'example.com/x')
  await cluster.addNode('a', { allocatable: { pods: '1' } })
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', late))
  await client.create(Pod, podUsing('web', 'data'))
  await cluster.settle()
  await client.delete(Pod, { name: 'web' }, { gracePeriodSeconds: 0 })
  await cluster.addPod('next')
  await cluster.settle()
  expect(await cluster.nodeOf('next')).toBe('a')
})

test('a pod that found no volume is tried when there is one', async () => {
  await using cluster = await startSchedulingCluster()
  const { client } = cluster
  await addClass(cluster, 'kubernetes.io/no-provisioner')
  await cluster.addNode('a')
  await client.create(Pod, podUsing('web', 'data'))
  await cluster.settle()
  expect(await cluster.eventsOf('web')).toEqual([
    'FailedScheduling: 0/1 nodes are available: persistentvolumeclaim "data" not found. ' +
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  ])
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', late))
  await cluster.settle()
  expect(cluster.scheduler.verdicts.get('default/web')?.message).toBe(
    "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind. " +
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  )
  await addVolume(cluster, 'v', late)
  await cluster.settle()
  expect((await client.get(PersistentVolume, { name: 'v' })).spec.claimRef?.name).toBe('data')
})
