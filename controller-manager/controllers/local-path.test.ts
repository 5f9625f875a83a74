/** Tries volumes in directories of nodes, with a stand-in for what a kubelet does about them. */
import { expect, test } from 'vitest'
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { LOCAL_PATH_DIRECTORY, LOCAL_PATH_FINALIZER } from '#api/rules/local-path-volume.ts'
import { SELECTED_NODE } from '#api/rules/volume-binding.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { claimOf } from '#test/volumes.ts'
import { localPathProvisioner, localPathRemover } from './local-path.ts'
import { planRemoval, refusalOf } from './local-path-plan.ts'
import { persistentVolumeClaimBinder } from './persistent-volume-claims.ts'
import { claimProtection, volumeProtection } from './persistent-volume-protection.ts'
import { persistentVolumeBinder } from './persistent-volumes.ts'
import { volumeExpandController } from './volume-expand.ts'

const controllers = [
  persistentVolumeClaimBinder,
  persistentVolumeBinder,
  localPathProvisioner,
  localPathRemover,
  volumeProtection,
  claimProtection,
  volumeExpandController,
]

const late = { volumeBindingMode: 'WaitForFirstConsumer' }
const chosen = { metadata: { annotations: { [SELECTED_NODE]: 'n' } } }
test.for([
  { what: 'a claim that has its node', spec: {}, want: undefined },
  { what: 'a parameter', of: { parameters: { a: 'b' } }, want: 'parameter "a"' },
  { what: 'mount options', of: { mountOptions: ['ro'] }, want: 'mount options' },
  { what: 'a block device', spec: { volumeMode: 'Block' }, want: 'block volumes' },
  { what: 'many nodes', spec: { accessModes: ['ReadWriteMany'] }, want: 'access mode' },
  { what: 'a selector', spec: { selector: {} }, want: 'Selector is not supported' },
  { what: 'a source', spec: { dataSource: {} }, want: 'data sources' },
  { what: 'attributes', spec: { volumeAttributesClassName: 'x' }, want: 'attributes classes' },
  { what: 'no node', meta: {}, want: 'no node was specified' },
])('refusalOf(): $what', ({ spec, of, meta, want }) => {
  const claim = { metadata: meta ?? chosen.metadata, spec: spec ?? {} } as never
  const refusal = refusalOf(claim, { ...late, ...of } as never)
  if (want === undefined) expect(refusal).toBeUndefined()
  else expect(refusal).toContain(want)
})

const removable = (more: { phase?: string; policy?: string; finalizers?: string[] } = {}) =>
  ({
    metadata: {
      annotations: { 'pv.kubernetes.io/provisioned-by': 'nanokube.io/local-path' },
      ...(more.finalizers && { deletionTimestamp: 'now', finalizers: more.finalizers }),
    },
    spec: { persistentVolumeReclaimPolicy: more.policy ?? 'Delete' },
    status: { phase: more.phase ?? 'Released' },
  }) as unknown as PersistentVolume
const ours = [LOCAL_PATH_FINALIZER]
const held = ['kubernetes.io/pv-protection', ...ours]
test.for([
  { what: 'released', volume: removable(), want: 'delete' },
  { what: 'bound', volume: removable({ phase: 'Bound' }), want: 'none' },
  { what: 'retained', volume: removable({ policy: 'Retain' }), want: 'none' },
  { what: 'going, with a node', volume: removable({ finalizers: ours }), want: 'none' },
  {
    what: 'going without node',
    volume: removable({ finalizers: ours }),
    hasNode: false,
    want: 'release',
  },
  {
    what: 'going while it is protected',
    volume: removable({ finalizers: held }),
    hasNode: false,
    want: 'none',
  },
  {
    what: 'going with its data retained',
    volume: removable({ finalizers: ours, policy: 'Retain' }),
    want: 'release',
  },
])('planRemoval(): a volume that is $what', ({ volume, hasNode = true, want }) => {
  expect(planRemoval(volume, hasNode).type).toBe(want)
})

async function addNode({ client }: Cluster, directory?: string) {
  const annotations = directory === undefined ? {} : { [LOCAL_PATH_DIRECTORY]: directory }
  const labels = { 'kubernetes.io/hostname': 'host-1' }
  return client.create(Node, { metadata: { name: 'node-1', labels, annotations } })
}

const select = ({ client }: Cluster, node = 'node-1') =>
  client.patch(
    PersistentVolumeClaim,
    { name: 'data' },
    { metadata: { annotations: { [SELECTED_NODE]: node } } },
  )

async function bound(cluster: Cluster, spec: object = {}) {
  await addNode(cluster, '/var/lib/local/')
  await cluster.client.create(PersistentVolumeClaim, claimOf('data', '1Gi', spec))
  await cluster.settle()
  await select(cluster)
  await cluster.settle()
  const claim = await cluster.client.get(PersistentVolumeClaim, { name: 'data' })
  const volume = await cluster.client.get(PersistentVolume, { name: claim.spec.volumeName ?? '' })
  return { claim, volume }
}

const told = async ({ client }: Cluster, about: string) =>
  (await client.list(Event, { namespace: 'default' }))
    .filter(({ involvedObject }) => involvedObject.name === about)
    .map(({ reason, message }) => `${reason}: ${message}`)

/** Its part of the contract: the data goes first, and then this. */
const nodeRemoved = ({ client }: Cluster, volume: PersistentVolume) =>
  client.patch(PersistentVolume, volume, {
    metadata: { finalizers: null },
  })

test('a claim of the default class gets a directory of the node that was chosen', async () => {
  await using cluster = await startCluster({ controllers })
  const { claim, volume } = await bound(cluster)
  expect(claim.status.phase).toBe('Bound')
  expect(claim.spec.storageClassName).toBe('local-path')
  const name = `pvc-${claim.metadata.uid}`
  expect(volume).toMatchObject({
    metadata: {
      name,
      labels: { 'nanokube.io/local-path-node': 'node-1' },
      annotations: { 'pv.kubernetes.io/provisioned-by': 'nanokube.io/local-path' },
      finalizers: [LOCAL_PATH_FINALIZER, 'kubernetes.io/pv-protection'],
    },
    spec: {
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      hostPath: { path: `/var/lib/local/${name}`, type: 'DirectoryOrCreate' },
    },
    status: { phase: 'Bound' },
  })
  const [term] = volume.spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  expect(term?.matchExpressions).toEqual([
    { key: 'kubernetes.io/hostname', operator: 'In', values: ['host-1'] },
  ])
  expect(await told(cluster, 'data')).toContain(
    `ProvisioningSucceeded: Successfully provisioned volume ${name}`,
  )
})

test('the volume of a claim that is gone waits for its node, and then is gone', async () => {
  await using cluster = await startCluster({ controllers })
  const { volume } = await bound(cluster)
  await cluster.client.delete(PersistentVolumeClaim, { name: 'data' })
  await cluster.settle()
  const going = await cluster.client.get(PersistentVolume, volume)
  expect(going.metadata.deletionTimestamp).toBeDefined()
  expect(going.metadata.finalizers).toEqual([LOCAL_PATH_FINALIZER])
  await nodeRemoved(cluster, volume)
  await cluster.settle()
  expect(await cluster.client.find(PersistentVolume, volume)).toBeUndefined()
})

test('a node that is gone keeps no volume', async () => {
  await using cluster = await startCluster({ controllers })
  const { volume } = await bound(cluster)
  await cluster.client.delete(PersistentVolumeClaim, { name: 'data' })
  await cluster.settle()
  await cluster.client.delete(Node, { name: 'node-1' })
  await cluster.settle()
  expect(await cluster.client.find(PersistentVolume, volume)).toBeUndefined()
  expect((await told(cluster, volume.metadata.name)).at(-1)).toContain('node "node-1" is gone')
})

test('a volume to be retained leaves with its data where it is', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(StorageClass, {
    metadata: { name: 'keep' },
    provisioner: 'nanokube.io/local-path',
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  const { volume } = await bound(cluster, { storageClassName: 'keep' })
  await client.delete(PersistentVolumeClaim, { name: 'data' })
  await cluster.settle()
  expect((await client.get(PersistentVolume, volume)).status.phase).toBe('Released')
  await client.delete(PersistentVolume, volume)
  await cluster.settle()
  expect(await client.find(PersistentVolume, volume)).toBeUndefined()
})

test('a node is waited for, or another one is asked for', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi'))
  await select(cluster, 'nowhere')
  await cluster.settle()
  cluster.clock.jump(5000)
  await cluster.settle()
  const { metadata } = await client.get(PersistentVolumeClaim, { name: 'data' })
  expect(metadata.annotations?.[SELECTED_NODE]).toBeUndefined()
  await addNode(cluster)
  await select(cluster)
  await cluster.settle()
  expect((await told(cluster, 'data')).at(-1)).toContain('offers no directory')
  const annotations = { [LOCAL_PATH_DIRECTORY]: '/data' }
  await client.patch(Node, { name: 'node-1' }, { metadata: { annotations } })
  await cluster.settle()
  const claim = await client.get(PersistentVolumeClaim, { name: 'data' })
  expect(claim.status.phase).toBe('Bound')
})

test('a claim that grows has a volume that grows', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const { volume } = await bound(cluster)
  const patch = { spec: { resources: { requests: { storage: '5Gi' } } } }
  await client.patch(PersistentVolumeClaim, { name: 'data' }, patch)
  await cluster.settle()
  const { status } = await client.get(PersistentVolumeClaim, { name: 'data' })
  expect(status).toMatchObject({ phase: 'Bound', capacity: { storage: '5Gi' } })
  expect(status.conditions ?? []).toEqual([])
  expect((await client.get(PersistentVolume, volume)).spec.capacity).toEqual({ storage: '5Gi' })
  expect(await told(cluster, 'data')).toContain('VolumeResizeSuccessful: Resize volume succeeded')
})
