/** Tries that every namespace has its account. */
import { expect, test } from 'vitest'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { startCluster } from '#test/cluster.ts'
import { serviceAccountController } from './service-account.ts'

const controllers = [serviceAccountController]

test('every namespace has the account default, old ones and new ones', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(Namespace, { metadata: { name: 'new' } })
  await cluster.settle()
  const accounts = await client.list(ServiceAccount)
  const places = accounts
    .filter(({ metadata }) => metadata.name === 'default')
    .map(({ metadata }) => metadata.namespace)
  const namespaces = (await client.list(Namespace)).map(({ metadata }) => metadata.name)
  expect(places.toSorted()).toEqual(namespaces.toSorted())
  expect(places).toContain('new')
})

test('an account that is deleted comes back; others do not', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(ServiceAccount, { metadata: { name: 'own' } })
  await cluster.settle()
  const before = await client.get(ServiceAccount, { name: 'default' })
  await client.delete(ServiceAccount, { name: 'default' })
  await client.delete(ServiceAccount, { name: 'own' })
  await cluster.settle()
  const after = await client.get(ServiceAccount, { name: 'default' })
  expect(after.metadata.uid).not.toBe(before.metadata.uid)
  expect(await client.find(ServiceAccount, { name: 'own' })).toBeUndefined()
})

test('a namespace that is going is left alone', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(Namespace, { metadata: { name: 'going' } })
  await cluster.settle()
  await client.delete(Namespace, { name: 'going' })
  await client.delete(ServiceAccount, { name: 'default', namespace: 'going' })
  await cluster.settle()
  expect(await client.list(ServiceAccount, { namespace: 'going' })).toEqual([])
  expect(cluster.logged).toEqual([])
})
