/** What the command line puts into each cluster, and what a controller makes of it. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { describeCluster, usualNames } from '#cli/cluster.ts'
import { applyAddOns, storeToken } from '#cli/supervisor/add-ons.ts'
import { bootstrapSignerController } from '#controller-manager/controllers/bootstrap-signer.ts'
import { startCluster } from './cluster.ts'

const wishes = { name: 'demo', apiPort: 6443, nodeNames: usualNames(1), hollowNodes: 0 }
const description = describeCluster({ ...wishes, subnetNumber: 7 }, 'an-id')
const entry = { server: 'https://172.31.7.1:6443', 'certificate-authority-data': 'Y2E=' }
const INFO = { name: 'cluster-info', namespace: 'kube-public' }

test('who knows a token can tell that what it reads about the cluster is true', async () => {
  await using cluster = await startCluster({ controllers: [bootstrapSignerController] })
  await applyAddOns(cluster.client, description, entry)
  await storeToken(
    cluster.client,
    { id: 'abcdef', secret: '0123456789abcdef' },
    { description: '' },
  )
  await cluster.settle()
  const { data = {} } = await cluster.client.get(ConfigMap, INFO)
  const { kubeconfig = '', 'jws-kubeconfig-abcdef': signature = '' } = data
  expect(JSON.parse(kubeconfig).clusters).toEqual([{ name: '', cluster: entry }])
  const [header = '', , mac] = signature.split('.')
  const signed = `${header}.${Buffer.from(kubeconfig).toString('base64url')}`
  expect(mac).toBe(createHmac('sha256', '0123456789abcdef').update(signed).digest('base64url'))
})

test('what is applied again changes nothing, and what was deleted comes back', async () => {
  await using cluster = await startCluster()
  await applyAddOns(cluster.client, description, entry)
  const before = await cluster.client.get(ConfigMap, INFO)
  await applyAddOns(cluster.client, description, entry)
  const after = await cluster.client.get(ConfigMap, INFO)
  expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
  await cluster.client.delete(ConfigMap, INFO)
  await applyAddOns(cluster.client, description, entry)
  expect((await cluster.client.get(ConfigMap, INFO)).data).toEqual(before.data)
})

test('DNS answers at the gateway, or where a description says', async () => {
  await using cluster = await startCluster()
  const addresses = async (): Promise<unknown> => {
    const name = { name: 'kube-dns', namespace: 'kube-system' }
    return (await cluster.client.get(EndpointSlice, name)).endpoints?.flatMap(
      (each) => each.addresses,
    )
  }
  await applyAddOns(cluster.client, description, entry)
  expect(await addresses()).toEqual(['172.31.7.1'])
  await applyAddOns(cluster.client, { ...description, dnsServer: '172.31.7.3' }, entry)
  expect(await addresses()).toEqual(['172.31.7.3'])
})
