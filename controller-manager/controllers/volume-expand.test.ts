/** Tries what becomes of claims that grow where nobody here can help. */
import { expect, test } from 'vitest'
import { Event } from '#api/kinds/core/event.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { startCluster } from '#test/cluster.ts'
import { claimOf, volumeOf } from '#test/volumes.ts'
import { persistentVolumeClaimBinder } from './persistent-volume-claims.ts'
import { persistentVolumeBinder } from './persistent-volumes.ts'
import { volumeExpandController } from './volume-expand.ts'

const csi = { driver: 'example.com', volumeHandle: 'disk-1' }
const message = 'waiting for an external controller to expand this PVC'
test.for([
  { what: 'of a driver', source: { csi, hostPath: null }, type: 'Normal' },
  { what: 'that nobody can grow', source: {}, type: 'Warning' },
])('a volume $what stays as it is', async ({ source, type }) => {
  const controllers = [persistentVolumeClaimBinder, persistentVolumeBinder, volumeExpandController]
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const storageClassName = 'growing'
  await client.create(StorageClass, {
    metadata: { name: storageClassName },
    provisioner: 'example.com',
    allowVolumeExpansion: true,
  })
  const volume = volumeOf('v', '2Gi', { ...source, storageClassName } as never)
  await client.create(PersistentVolume, volume)
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi', { storageClassName }))
  await cluster.settle()
  const ask = async (storage: string) => {
    const patch = { spec: { resources: { requests: { storage } } } }
    await client.patch(PersistentVolumeClaim, { name: 'data' }, patch)
    await cluster.settle()
  }
  const told = async () =>
    (await client.list(Event, { namespace: 'default' }))
      .filter(({ reason }) => reason === 'ExternalExpanding')
      .map((event) => `${event.type} ${event.message}`)
  // There is more than was asked for.
  await ask('2Gi')
  expect(await told()).toEqual([])
  await ask('3Gi')
  expect(await told()).toEqual([`${type} ${message}`])
  const { spec } = await client.get(PersistentVolume, { name: 'v' })
  expect(spec.capacity).toEqual({ storage: '2Gi' })
})
