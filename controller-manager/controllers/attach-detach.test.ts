/** Tries that volumes of CSI drivers are where the pods are that use them. */
import { expect, test } from 'vitest'
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { CSIDriver } from '#api/kinds/storage/csi-driver.ts'
import { VolumeAttachment } from '#api/kinds/storage/volume-attachment.ts'
import { epochToTime } from '#api/time.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { claimOf, podUsing, volumeOf } from '#test/volumes.ts'
import { attachDetachController } from './attach-detach.ts'
import { persistentVolumeClaimBinder } from './persistent-volume-claims.ts'
import { persistentVolumeBinder } from './persistent-volumes.ts'

const controllers = [attachDetachController, persistentVolumeClaimBinder, persistentVolumeBinder]
const managed = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }
const inUse = 'kubernetes.io/csi/example.com^disk-1'

async function start(attachRequired = true): Promise<Cluster> {
  const cluster = await startCluster({ controllers })
  const { client } = cluster
  for (const name of ['a', 'b']) {
    await client.create(Node, { metadata: { name, annotations: managed } })
  }
  await client.create(Node, { metadata: { name: 'alone' } })
  await client.create(CSIDriver, { metadata: { name: 'example.com' }, spec: { attachRequired } })
  const csi = { driver: 'example.com', volumeHandle: 'disk-1' }
  const volume = volumeOf('v', '1Gi', { csi, hostPath: null } as never)
  await client.create(PersistentVolume, volume)
  const claim = claimOf('data', '1Gi', { storageClassName: '' })
  await client.create(PersistentVolumeClaim, claim)
  await cluster.settle()
  return cluster
}

const attachments = async ({ client }: Cluster) => client.list(VolumeAttachment)
const nodesIn = async (cluster: Cluster) =>
  (await attachments(cluster)).map(({ spec }) => spec.nodeName)
const told = async ({ client }: Cluster, about: string) =>
  (await client.list(Event, { namespace: 'default' }))
    .filter(({ involvedObject }) => involvedObject.name === about)
    .map(({ reason, message }) => `${reason}: ${message}`)
const report = ({ client }: Cluster, attachment: VolumeAttachment, status: object) =>
  client.patch(VolumeAttachment, attachment, { status }, { subresource: 'status' })
const setNode = ({ client }: Cluster, name: string, status: object) =>
  client.patch(Node, { name }, { status }, { subresource: 'status' })
const remove = ({ client }: Cluster, name: string) =>
  client.delete(Pod, { name }, { gracePeriodSeconds: 0 })

test('a volume is attached for a pod, told to its node, and detached when it is not used', async () => {
  await using cluster = await start()
  await cluster.client.create(Pod, podUsing('web', 'data', 'a'))
  await cluster.settle()
  const [attachment] = await attachments(cluster)
  expect(attachment).toMatchObject({
    spec: { attacher: 'example.com', nodeName: 'a', source: { persistentVolumeName: 'v' } },
  })
  // The name that others compute, too.
  expect(attachment?.metadata.name).toMatch(/^csi-[0-9a-f]{64}$/)
  await report(cluster, attachment!, { attached: true })
  await cluster.settle()
  const { status } = await cluster.client.get(Node, { name: 'a' })
  expect(status.volumesAttached).toEqual([{ name: inUse, devicePath: '' }])
  expect(await told(cluster, 'web')).toEqual([
    'SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "v" ',
  ])
  await setNode(cluster, 'a', { volumesInUse: [inUse] })
  await remove(cluster, 'web')
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual(['a'])
  expect((await cluster.client.get(Node, { name: 'a' })).status.volumesAttached).toBeUndefined()
  await setNode(cluster, 'a', { volumesInUse: null })
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual([])
})

test('a volume for one node comes to the next one when it has left the first', async () => {
  await using cluster = await start()
  await cluster.client.create(Pod, podUsing('one', 'data', 'a'))
  await cluster.settle()
  await cluster.client.create(Pod, podUsing('two', 'data', 'b'))
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual(['a'])
  expect(await told(cluster, 'two')).toEqual([
    'FailedAttachVolume: Multi-Attach error for volume "v" Volume is already used by pod(s) one',
  ])
  await remove(cluster, 'one')
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual(['b'])
})

test('a silent node is waited for, and one that is out of service or gone is not', async () => {
  await using cluster = await start()
  const { client, clock } = cluster
  await client.create(Pod, podUsing('web', 'data', 'a'))
  await cluster.settle()
  const lastTransitionTime = epochToTime(Math.floor(clock.now() / 1000))
  const silent = { type: 'Ready', status: 'Unknown', lastTransitionTime }
  await setNode(cluster, 'a', { volumesInUse: [inUse], conditions: [silent] })
  await remove(cluster, 'web')
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual(['a'])
  clock.jump(6 * 60_000)
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual([])
  await client.create(Pod, podUsing('web', 'data', 'b'))
  await cluster.settle()
  await setNode(cluster, 'b', { volumesInUse: [inUse] })
  await remove(cluster, 'web')
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual(['b'])
  await client.delete(Node, { name: 'b' })
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual([])
})

test('drivers and nodes may do without it, and failures of drivers are told', async () => {
  await using without = await start(false)
  await without.client.create(Pod, podUsing('web', 'data', 'a'))
  await without.settle()
  expect(await nodesIn(without)).toEqual([])
  await using cluster = await start()
  await cluster.client.create(Pod, podUsing('alone', 'data', 'alone'))
  await cluster.settle()
  expect(await nodesIn(cluster)).toEqual([])
  await cluster.client.create(Pod, podUsing('web', 'data', 'a'))
  await cluster.settle()
  const [attachment] = await attachments(cluster)
  await report(cluster, attachment!, { attached: false, attachError: { message: 'no room' } })
  await cluster.settle()
  expect(await told(cluster, 'web')).toContain(
    'FailedAttachVolume: AttachVolume.Attach failed for volume "v" : no room',
  )
})
