/** Tries the binding of claims and volumes: rules by tables, whole lives on a real server. */
import { expect, test } from 'vitest'
import { Event } from '#api/kinds/core/event.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { claimOf, podUsing, volumeOf } from '#test/volumes.ts'
import { persistentVolumeClaimBinder } from './persistent-volume-claims.ts'
import { claimProtection, volumeProtection } from './persistent-volume-protection.ts'
import { persistentVolumeBinder, planVolume, reclaimFailure } from './persistent-volumes.ts'

const controllers = [
  persistentVolumeClaimBinder,
  persistentVolumeBinder,
  volumeProtection,
  claimProtection,
]

const meant = (uid: string | undefined, more: object = {}) =>
  ({
    metadata: { name: 'v', annotations: {} },
    spec: { claimRef: { name: 'c', namespace: 'n', uid }, ...more },
    status: {},
  }) as never
const having = (uid: string, volumeName?: string, more: object = {}) =>
  ({ metadata: { name: 'c', namespace: 'n', uid }, spec: { volumeName, ...more } }) as never

test.for([
  { case: 'free', volume: { metadata: {}, spec: {} }, claim: undefined, want: 'Available' },
  { case: 'kept for a claim to come', volume: meant(undefined), want: 'Available' },
  { case: 'of a claim that is gone', volume: meant('a'), want: 'reclaim' },
  { case: 'of a claim with a namesake', volume: meant('a'), claim: having('b'), want: 'reclaim' },
  { case: 'whose claim knows it', volume: meant('a'), claim: having('a', 'v'), want: 'Bound' },
  { case: 'whose claim has to act', volume: meant('a'), claim: having('a'), want: 'wait' },
  {
    case: 'of another mode than its claim',
    volume: meant('a', { volumeMode: 'Block' }),
    claim: having('a'),
    want: 'mismatch',
  },
  {
    case: 'whose claim has another volume',
    volume: meant('a'),
    claim: having('a', 'w'),
    want: 'unbind',
  },
])('planVolume(): a volume $case', ({ volume, claim, want }) => {
  const plan = planVolume(volume as PersistentVolume, claim)
  expect(plan.type === 'phase' ? plan.phase : plan.type).toBe(want)
})

test.for([
  { policy: 'Retain', by: undefined, want: undefined },
  { policy: 'Delete', by: 'example.com/x', want: undefined },
  {
    policy: 'Delete',
    by: undefined,
    want: 'error getting deleter volume plugin for volume "v": no deletable volume plugin matched',
  },
  { policy: 'Recycle', by: undefined, want: 'No recycler plugin found for the volume!' },
])('reclaimFailure(): $policy by $by', ({ policy, by, want }) => {
  const annotations = by ? { 'pv.kubernetes.io/provisioned-by': by } : {}
  const volume = {
    metadata: { name: 'v', annotations },
    spec: { persistentVolumeReclaimPolicy: policy },
  } as unknown as PersistentVolume
  expect(reclaimFailure(volume)?.message).toBe(want)
})

const volumeIn = ({ client }: Cluster, name: string) => client.get(PersistentVolume, { name })
const claimIn = ({ client }: Cluster, name = 'data') => client.get(PersistentVolumeClaim, { name })
const told = async ({ client }: Cluster, about: string) =>
  (await client.list(Event, { namespace: 'default' }))
    .filter(({ involvedObject }) => involvedObject.name === about)
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`)

test('a claim gets the smallest volume that will do, and both say so', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(PersistentVolume, volumeOf('small', '500Mi'))
  await client.create(PersistentVolume, volumeOf('large', '10Gi'))
  await client.create(PersistentVolume, volumeOf('right', '2Gi'))
  const shared = volumeOf('shared', '1Gi', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] })
  await client.create(PersistentVolume, shared)
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', { storageClassName: '' }))
  await cluster.settle()
  const claim = await claimIn(cluster)
  expect(claim.spec.volumeName).toBe('right')
  expect(claim.status).toMatchObject({ phase: 'Bound', capacity: { storage: '2Gi' } })
  expect(claim.metadata.annotations).toEqual({
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  })
  const volume = await volumeIn(cluster, 'right')
  expect(volume.status.phase).toBe('Bound')
  expect(volume.spec.claimRef).toMatchObject({ name: 'data', uid: claim.metadata.uid })
  expect((await volumeIn(cluster, 'large')).status.phase).toBe('Available')
})

test('many claims at once each get a volume of their own', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const names = Array.from({ length: 8 }, (_, at) => `x${at}`)
  await Promise.all([
    ...names.map((name) =>
      client.create(PersistentVolumeClaim, claimOf(name, '1Gi', { storageClassName: '' })),
    ),
    ...names.map((name) => client.create(PersistentVolume, volumeOf(name, '1Gi'))),
  ])
  await cluster.settle()
  const claims = await client.list(PersistentVolumeClaim)
  expect(new Set(claims.map(({ spec }) => spec.volumeName)).size).toBe(names.length)
  expect(claims.every(({ status }) => status.phase === 'Bound')).toBe(true)
})

test('labels, class and what was chosen by hand decide', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(PersistentVolume, volumeOf('gold', '1Gi', { storageClassName: 'gold' }))
  const kept = { claimRef: { namespace: 'default', name: 'kept' } }
  await client.create(PersistentVolume, volumeOf('kept', '9Gi', kept))
  const labelled = volumeOf('labelled', '5Gi')
  await client.create(PersistentVolume, {
    ...labelled,
    metadata: { name: 'labelled', labels: { disk: 'fast' } },
  })
  const none = { storageClassName: '' }
  const selector = { matchLabels: { disk: 'fast' } }
  await client.create(PersistentVolumeClaim, claimOf('fast', '1Gi', { ...none, selector }))
  await client.create(PersistentVolumeClaim, claimOf('kept', '1Gi', none))
  await client.create(
    PersistentVolumeClaim,
    claimOf('gold', '1Gi', { storageClassName: 'gold', volumeName: 'gold' }),
  )
  await client.create(
    PersistentVolumeClaim,
    claimOf('big', '2Gi', { storageClassName: 'gold', volumeName: 'gold' }),
  )
  await cluster.settle()
  const volumes = (await client.list(PersistentVolumeClaim)).map(({ metadata, status, spec }) => [
    metadata.name,
    status.phase,
    spec.volumeName,
  ])
  expect(volumes).toEqual([
    ['big', 'Pending', 'gold'],
    ['fast', 'Bound', 'labelled'],
    ['gold', 'Bound', 'gold'],
    ['kept', 'Bound', 'kept'],
  ])
  const { annotations } = (await volumeIn(cluster, 'kept')).metadata
  expect(annotations?.['pv.kubernetes.io/bound-by-controller']).toBeUndefined()
  const messages = await told(cluster, 'big')
  expect(messages[0]).toMatch(/requested PV is too small|already bound to a different claim/)
})

test('a volume is released with its claim, kept by Retain, and for anybody when unclaimed', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(PersistentVolume, volumeOf('v', '1Gi'))
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', { storageClassName: '' }))
  await cluster.settle()
  await client.delete(PersistentVolumeClaim, { name: 'data' })
  await cluster.settle()
  expect((await volumeIn(cluster, 'v')).status.phase).toBe('Released')
  await client.patch(PersistentVolume, { name: 'v' }, { spec: { claimRef: null } })
  await cluster.settle()
  expect((await volumeIn(cluster, 'v')).status.phase).toBe('Available')
})

test('a volume that nobody can delete fails, and says why', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const spec = { persistentVolumeReclaimPolicy: 'Delete' } as const
  await client.create(PersistentVolume, volumeOf('v', '1Gi', spec))
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', { storageClassName: '' }))
  await cluster.settle()
  await client.delete(PersistentVolumeClaim, { name: 'data' })
  await cluster.settle()
  const { status } = await volumeIn(cluster, 'v')
  const why =
    'error getting deleter volume plugin for volume "v": no deletable volume plugin matched'
  expect(status).toMatchObject({ phase: 'Failed', message: why })
  expect(await told(cluster, 'v')).toEqual([`Warning VolumeFailedDelete: ${why}`])
})

test('a claim whose volume is gone is lost', async () => {
  await using cluster = await startCluster({ controllers: [persistentVolumeClaimBinder] })
  const { client } = cluster
  await client.create(PersistentVolume, volumeOf('v', '1Gi'))
  await client.patch(
    PersistentVolume,
    { name: 'v' },
    { status: { phase: 'Available' } },
    { subresource: 'status' },
  )
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', { storageClassName: '' }))
  await cluster.settle()
  await client.patch(PersistentVolume, { name: 'v' }, { metadata: { finalizers: null } })
  await client.delete(PersistentVolume, { name: 'v' })
  await cluster.settle()
  expect((await claimIn(cluster)).status).toEqual({ phase: 'Lost' })
  const why = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
  expect(await told(cluster, 'data')).toContain(`Warning ClaimLost: ${why}`)
})

test.for([
  { after: 'the volume', undo: ['claim'] },
  { after: 'nothing but the phase of the volume', undo: ['claim', 'phase'] },
])('a binding that was cut off after $after is completed', async ({ undo }) => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const claim = await client.create(
    PersistentVolumeClaim,
    claimOf('data', '1Gi', { storageClassName: '' }),
  )
  const { uid, namespace } = claim.metadata
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name: 'data', uid }
  const volume = volumeOf('v', '1Gi', { claimRef } as never)
  const annotations = { 'pv.kubernetes.io/bound-by-controller': 'yes' }
  await client.create(PersistentVolume, { ...volume, metadata: { name: 'v', annotations } })
  if (!undo.includes('phase')) {
    const patch = { status: { phase: 'Bound' } }
    await client.patch(PersistentVolume, { name: 'v' }, patch, { subresource: 'status' })
  }
  await cluster.settle()
  expect((await claimIn(cluster)).status.phase).toBe('Bound')
  expect((await volumeIn(cluster, 'v')).status.phase).toBe('Bound')
})

test('claims wait for a consumer, a class, or a provisioner, and say for which', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const late = {
    metadata: { name: 'late' },
    provisioner: 'example.com/x',
    volumeBindingMode: 'WaitForFirstConsumer',
  } as const
  await client.create(StorageClass, late)
  await client.create(StorageClass, { metadata: { name: 'now' }, provisioner: 'example.com/x' })
  await client.create(StorageClass, {
    metadata: { name: 'hand' },
    provisioner: 'kubernetes.io/no-provisioner',
  })
  for (const name of ['late', 'now', 'hand', 'missing', '']) {
    const spec = { storageClassName: name }
    await client.create(PersistentVolumeClaim, claimOf(name || 'none', '1Gi', spec))
  }
  await cluster.settle()
  expect(await told(cluster, 'late')).toEqual([
    'Normal WaitForFirstConsumer: waiting for first consumer to be created before binding',
  ])
  expect((await told(cluster, 'now'))[0]).toContain(
    "Normal ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/x'",
  )
  expect(await told(cluster, 'hand')).toEqual([
    'Warning ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner',
  ])
  expect(await told(cluster, 'missing')).toEqual([
    'Warning ProvisioningFailed: storageclass.storage.k8s.io "missing" not found',
  ])
  expect(await told(cluster, 'none')).toEqual([
    'Normal FailedBinding: no persistent volumes available for this claim and no storage class is set',
  ])
  expect((await claimIn(cluster, 'now')).metadata.annotations).toMatchObject({
    'volume.kubernetes.io/storage-provisioner': 'example.com/x',
  })
  await client.create(Pod, podUsing('consumer', 'late'))
  await cluster.settle()
  expect(await told(cluster, 'late')).toContain(
    'Normal WaitForPodScheduled: waiting for pod consumer to be scheduled',
  )
})

test('a claim without class gets the default one that comes later', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.delete(StorageClass, { name: 'local-path' })
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi'))
  await cluster.settle()
  expect((await claimIn(cluster)).spec.storageClassName).toBeUndefined()
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  const metadata = { name: 'fine', annotations }
  await client.create(StorageClass, { metadata, provisioner: 'example.com/x' })
  await cluster.settle()
  expect((await claimIn(cluster)).spec.storageClassName).toBe('fine')
})

test('a claim that a pod uses stays until the pod is gone, and its volume as long', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(PersistentVolume, volumeOf('v', '1Gi'))
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', { storageClassName: '' }))
  await client.create(Pod, podUsing('user', 'data', 'node'))
  await client.create(Pod, podUsing('late', 'data'))
  await cluster.settle()
  await client.delete(PersistentVolumeClaim, { name: 'data' })
  await client.delete(PersistentVolume, { name: 'v' })
  await cluster.settle()
  expect((await claimIn(cluster)).metadata.deletionTimestamp).toBeDefined()
  expect((await volumeIn(cluster, 'v')).metadata.deletionTimestamp).toBeDefined()
  await client.delete(Pod, { name: 'user' }, { gracePeriodSeconds: 0 })
  await cluster.settle()
  expect(await client.find(PersistentVolumeClaim, { name: 'data' })).toBeUndefined()
  expect(await client.find(PersistentVolume, { name: 'v' })).toBeUndefined()
})
