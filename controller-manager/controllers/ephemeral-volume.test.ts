/** Tries claims that are made for pods. */
import { expect, test } from 'vitest'
import { Event } from '#api/kinds/core/event.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { startCluster } from '#test/cluster.ts'
import { claimOf } from '#test/volumes.ts'
import { ephemeralVolumeController } from './ephemeral-volume.ts'

const controllers = [ephemeralVolumeController]
const { spec } = claimOf('any', '1Gi')
const pod = {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    containers: [{ name: 'main', image: 'image' }],
    volumes: [
      { name: 'plain', emptyDir: {} },
      {
        name: 'scratch',
        ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec } },
      },
    ],
  },
}

test('a pod has a claim of its own for each such volume, again when somebody deletes it', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const { metadata } = await client.create(Pod, pod)
  await cluster.settle()
  const [claim, ...others] = await client.list(PersistentVolumeClaim)
  expect(others).toEqual([])
  expect(claim?.metadata).toMatchObject({
    name: 'web-scratch',
    labels: { a: 'b' },
    ownerReferences: [{ kind: 'Pod', name: 'web', uid: metadata.uid, controller: true }],
  })
  await client.patch(PersistentVolumeClaim, claim!, { metadata: { finalizers: null } })
  await client.delete(PersistentVolumeClaim, claim!)
  await cluster.settle()
  const again = await client.get(PersistentVolumeClaim, { name: 'web-scratch' })
  expect(again.metadata.uid).not.toBe(claim?.metadata.uid)
})

test('a claim of somebody else is not taken', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(PersistentVolumeClaim, claimOf('web-scratch', '1Gi'))
  await client.create(Pod, pod)
  await expect(cluster.settle()).rejects.toThrow('still fails')
  const [event] = await client.list(Event, { namespace: 'default' })
  expect(event).toMatchObject({
    reason: 'FailedBinding',
    message:
      'ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)',
  })
})
