/** Tries that pods everywhere can find the authorities to trust. */
import { expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { startCluster } from '#test/cluster.ts'
import { publishedIn, rootCaController } from './root-ca.ts'

const controllers = [rootCaController('-----BEGIN CERTIFICATE-----')]
const name = 'kube-root-ca.crt'

const description = { 'kubernetes.io/description': 'Some.' }
test.for([
  { case: 'as it should be', data: { 'ca.crt': 'new' }, annotations: description, isRight: true },
  { case: 'older authorities', data: { 'ca.crt': 'old' }, annotations: description },
  { case: 'more than that', data: { 'ca.crt': 'new', x: 'y' }, annotations: description },
  { case: 'no description', data: { 'ca.crt': 'new' }, annotations: {} },
])('publishedIn(): $case', ({ data, annotations, isRight = false }) => {
  const present = { metadata: { name, annotations }, data } as unknown as ConfigMap
  const wanted = publishedIn(present, 'new')
  expect(wanted === undefined).toBe(isRight)
  if (wanted) expect(wanted.data).toEqual({ 'ca.crt': 'new' })
})

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
