/** Claims of StatefulSets: made, used again, and given up, against a real API server. */
import { expect, test } from 'vitest'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Event } from '#api/kinds/core/event.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Client } from '#client/rest.ts'
import { startCluster } from '#test/cluster.ts'
import { runPods, template, webSelector } from '#test/workloads.ts'
import { garbageCollectorController } from './garbage-collector.ts'
import { statefulSetController } from './statefulset.ts'

const controllers = [statefulSetController]
const web = { name: 'web', namespace: 'default' }
const named = (name: string) => ({ name, namespace: 'default' })

const dataClaim = {
  metadata: { name: 'data', labels: { tier: 'db' } },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

const statefulSet = (replicas: number, more: object = {}) => ({
  metadata: web,
  spec: {
    replicas,
    serviceName: 'web',
    selector: webSelector,
    template: template(),
    volumeClaimTemplates: [dataClaim as never],
    ...more,
  },
})

const scale = (client: Client, replicas: number) =>
  client.patch(StatefulSet, web, { spec: { replicas } })

const podNames = async (client: Client): Promise<string[]> =>
  (await client.list(Pod)).map(({ metadata }) => metadata.name).toSorted()

const claims = async (client: Client): Promise<readonly string[]> =>
  (await client.list(PersistentVolumeClaim)).map(({ metadata }) => metadata.name).toSorted()
const owners = async (client: Client, name: string): Promise<readonly string[]> =>
  ((await client.get(PersistentVolumeClaim, named(name))).metadata.ownerReferences ?? []).map(
    (each) => `${each.kind}/${each.name}`,
  )
test('claims come before their pods, and are used again', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(StatefulSet, statefulSet(2))
  await runPods(cluster)
  expect(await claims(client)).toEqual(['data-web-0', 'data-web-1'])
  const claim = await client.get(PersistentVolumeClaim, named('data-web-1'))
  expect(claim.metadata.labels).toEqual({ app: 'web', tier: 'db' })
  expect(claim.metadata.ownerReferences).toBeUndefined()
  expect((await client.get(Pod, named('web-1'))).spec.volumes?.[0]).toEqual({
    name: 'data',
    persistentVolumeClaim: { claimName: 'data-web-1' },
  })
  const messages = (await client.list(Event)).map(({ message }) => message)
  expect(messages).toContain('create Claim data-web-1 Pod web-1 in StatefulSet web success')
  await scale(client, 1)
  await cluster.settle()
  await scale(client, 2)
  await runPods(cluster)
  const again = await client.get(PersistentVolumeClaim, named('data-web-1'))
  expect(again.metadata.uid).toBe(claim.metadata.uid)
  expect(cluster.logged).toEqual([])
})

test('claims that are missing come again while their pod is pending', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(StatefulSet, statefulSet(1))
  await cluster.settle()
  const claim = await client.get(PersistentVolumeClaim, named('data-web-0'))
  const change = { metadata: { finalizers: null } }
  await client.patch(PersistentVolumeClaim, claim, change)
  await client.delete(PersistentVolumeClaim, claim)
  await cluster.settle()
  const after = await client.get(PersistentVolumeClaim, named('data-web-0'))
  expect(after.metadata.uid).not.toBe(claim.metadata.uid)
})

test('claims go with the set, or with the number, where that is wanted', async () => {
  await using cluster = await startCluster({
    controllers: [...controllers, garbageCollectorController],
  })
  const { client } = cluster
  const policy = { whenDeleted: 'Delete', whenScaled: 'Delete' }
  const finalizers = ['test.example/hold']
  const held = { ...template(), metadata: { ...template().metadata, finalizers } }
  await client.create(
    StatefulSet,
    statefulSet(2, {
      template: held,
      persistentVolumeClaimRetentionPolicy: policy,
    }) as never,
  )
  await runPods(cluster)
  expect(await owners(client, 'data-web-1')).toEqual(['StatefulSet/web'])
  await scale(client, 1)
  await cluster.settle()
  expect(await owners(client, 'data-web-1')).toEqual(['Pod/web-1'])
  for (const { metadata } of await client.list(PersistentVolumeClaim)) {
    const change = { metadata: { finalizers: ['test.example/in-use'] } }
    await client.patch(PersistentVolumeClaim, metadata, change)
  }
  await client.patch(Pod, named('web-1'), { metadata: { finalizers: null } })
  await scale(client, 2)
  await cluster.settle()
  // The pod waits for a claim of its own: the old one is on its way out.
  expect(await podNames(client)).toEqual(['web-0'])
  const old = await client.get(PersistentVolumeClaim, named('data-web-1'))
  expect(old.metadata.deletionTimestamp).toBeDefined()
  await client.patch(PersistentVolumeClaim, old, { metadata: { finalizers: null } })
  await cluster.settle()
  expect(await podNames(client)).toEqual(['web-0', 'web-1'])
  expect(await owners(client, 'data-web-1')).toEqual(['StatefulSet/web'])
  await client.delete(StatefulSet, web)
  await cluster.settle()
  const staying = (await client.list(PersistentVolumeClaim)).filter(
    ({ metadata }) => !metadata.deletionTimestamp,
  )
  expect(staying).toEqual([])
})

test('claims follow the policy when it changes', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(StatefulSet, statefulSet(1))
  await runPods(cluster)
  const policy = (whenDeleted: string) =>
    client.patch(StatefulSet, web, {
      spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted } },
    })
  await policy('Delete')
  await cluster.settle()
  expect(await owners(client, 'data-web-0')).toEqual(['StatefulSet/web'])
  await policy('Retain')
  await cluster.settle()
  expect(await owners(client, 'data-web-0')).toEqual([])
  expect(cluster.logged).toEqual([])
})
