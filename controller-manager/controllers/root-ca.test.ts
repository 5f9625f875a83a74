import { expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { startCluster } from '#test/cluster.ts'
import { rootCaController } from './root-ca.ts'

const controllers = [rootCaController('-----BEGIN CERTIFICATE-----')]
const name = 'kube-root-ca.crt'

test('the authorities are in every namespace', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(Namespace, { metadata: { name: 'new' } })
  await cluster.settle()
  for (const { metadata } of await client.list(Namespace)) {
    const map = await client.get(ConfigMap, { name, namespace: metadata.name })
    expect(map.data).toEqual({ 'ca.crt': '-----BEGIN CERTIFICATE-----' })
  }
})

test('what somebody changes or deletes is put right, and their description stays', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await cluster.settle()
  const annotations = { 'kubernetes.io/description': 'Ours.', note: 'kept' }
  await client.patch(ConfigMap, { name }, { metadata: { annotations }, data: { extra: 'x' } })
  await client.delete(ConfigMap, { name, namespace: 'kube-public' })
  await cluster.settle()
  const map = await client.get(ConfigMap, { name })
  expect(map.data).toEqual({ 'ca.crt': '-----BEGIN CERTIFICATE-----' })
  expect(map.metadata.annotations?.note).toBe('kept')
  expect(await client.find(ConfigMap, { name, namespace: 'kube-public' })).toBeDefined()
  await client.patch(ConfigMap, { name }, { metadata: { annotations: null } })
  await cluster.settle()
  const described = await client.get(ConfigMap, { name })
  expect(described.metadata.annotations?.['kubernetes.io/description']).toContain('CA bundle')
})
