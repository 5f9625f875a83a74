/** What a server makes at its first start, and what it mends at later ones. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodePortKey } from '#apiserver/allocation/node-ports.ts'
import { serviceNetwork } from '#apiserver/allocation/service-network.ts'
import { startTestServer, type TestServer, type TestServerOptions } from './api-server.ts'
import { jsonClient } from './json-client.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nanokube-bootstrap-'))
})
afterEach(() => rm(directory, { recursive: true }))

const start = (options: TestServerOptions = {}): Promise<TestServer> =>
  startTestServer({ directory, ...options })

async function names({ url }: TestServer, path: string): Promise<string[]> {
  const { body } = await jsonClient(url)('GET', path)
  return body.items.map((each: { metadata: { name: string } }) => each.metadata.name)
}

test('a fresh server has what every cluster has', async () => {
  await using server = await start()
  expect(await names(server, '/api/v1/namespaces')).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ])
  expect(await names(server, '/apis/scheduling.k8s.io/v1/priorityclasses')).toEqual([
    'system-cluster-critical',
    'system-node-critical',
  ])
  const flows = '/apis/flowcontrol.apiserver.k8s.io/v1'
  expect(await names(server, `${flows}/flowschemas`)).toHaveLength(13)
  expect(await names(server, `${flows}/prioritylevelconfigurations`)).toEqual([
    'catch-all',
    'exempt',
    'global-default',
    'leader-election',
    'node-high',
    'system',
    'workload-high',
    'workload-low',
  ])
  const { body } = await jsonClient(server.url)('GET', `${flows}/flowschemas/probes`)
  expect(body.status.conditions).toMatchObject([{ type: 'Dangling', status: 'False' }])
  expect(server.logged).toEqual([])
})

test('a second start writes nothing', async () => {
  let revision: number
  {
    await using server = await start()
    revision = server.parts.store.revision
  }
  await using again = await start()
  expect(again.parts.store.revision).toBe(revision)
})

test('the Service kubernetes leads to the address that is advertised', async () => {
  const read = async (server: TestServer) => {
    const call = jsonClient(server.url)
    const endpoints = await call('GET', '/api/v1/namespaces/default/endpoints/kubernetes')
    const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes'
    const slice = await call('GET', path)
    return [endpoints.body.subsets[0].addresses[0].ip, slice.body.endpoints[0].addresses[0]]
  }
  {
    await using server = await start({ advertised: { address: '10.1.2.3', port: 6443 } })
    expect(await read(server)).toEqual(['10.1.2.3', '10.1.2.3'])
  }
  await using moved = await start({ advertised: { address: '10.1.2.4', port: 6443 } })
  expect(await read(moved)).toEqual(['10.1.2.4', '10.1.2.4'])
})

test('the Service kubernetes comes back with its address and its endpoints when it is deleted', async () => {
  await using server = await start({ advertised: { address: '10.1.2.3', port: 6443 } })
  const call = jsonClient(server.url)
  const paths = [
    '/api/v1/namespaces/default/services/kubernetes',
    '/api/v1/namespaces/default/endpoints/kubernetes',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes',
  ]
  const before = await call('GET', paths[0]!)
  for (const path of [...paths, ...paths]) {
    await call('DELETE', path)
    let status = 404
    while (status === 404) ({ status } = await call('GET', path))
  }
  for (const path of paths) expect((await call('GET', path)).status).toBe(200)
  const after = await call('GET', paths[0]!)
  expect(after.body.spec).toEqual(before.body.spec)
  expect(server.logged).toEqual([])
})

test('addresses and ports are mended after the Services', async () => {
  let ip: string
  let port: number
  {
    await using server = await start()
    const call = jsonClient(server.url)
    const spec = { type: 'NodePort', ports: [{ port: 80 }] }
    const service = { metadata: { name: 's', namespace: 'default' }, spec }
    const { body } = await call('POST', '/api/v1/namespaces/default/services', service)
    ip = body.spec.clusterIP
    port = body.spec.ports[0].nodePort
    await call('DELETE', `/apis/networking.k8s.io/v1/ipaddresses/${ip}`)
    await call('POST', '/apis/networking.k8s.io/v1/ipaddresses', {
      metadata: {
        name: '10.96.0.99',
        labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' },
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'gone' } },
    })
    const { store } = server.parts
    await store.delete(nodePortKey(port))
    await store.create({ key: nodePortKey(30_001), value: Buffer.from('{}') })
  }
  await using server = await start()
  expect(await names(server, '/apis/networking.k8s.io/v1/ipaddresses')).toEqual(
    ['10.96.0.1', ip].sort(),
  )
  const { store } = server.parts
  expect(store.get(nodePortKey(port))).toBeDefined()
  expect(store.get(nodePortKey(30_001))).toBeUndefined()
  expect(server.logged).toEqual(['repaired service allocations {"changes":4}'])
})

test('two families: one address of each where that is wanted', async () => {
  const network = serviceNetwork('10.5.0.0/24,fd00:5::/112', '30000-30010')
  await using server = await start({ serviceNetwork: network })
  const call = jsonClient(server.url)
  const path = '/api/v1/namespaces/default/services'
  const service = (name: string, spec: object) => ({
    metadata: { name },
    spec: { ports: [{ port: 1 }], ...spec },
  })
  const create = (name: string, spec: object) => call('POST', path, service(name, spec))
  const { body: single } = await create('single', {})
  expect(single.spec).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
  const { body: both } = await create('both', { ipFamilyPolicy: 'PreferDualStack' })
  expect(both.spec.ipFamilies).toEqual(['IPv4', 'IPv6'])
  expect(both.spec.clusterIPs).toMatchObject(
    [/^10\.5\.0\./, /^fd00:5::/].map((each) => expect.stringMatching(each)),
  )
  const { body: asked } = await create('asked', { clusterIP: 'fd00:5::9' })
  expect(asked.spec.ipFamilies).toEqual(['IPv6'])
  const patch = { spec: { ipFamilyPolicy: 'SingleStack' } }
  const { body: fewer } = await call('PATCH', `${path}/both`, patch, 'application/merge-patch+json')
  expect(fewer.spec.clusterIPs).toEqual([both.spec.clusterIP])
  expect(await names(server, '/apis/networking.k8s.io/v1/ipaddresses')).not.toContain(
    both.spec.clusterIPs[1],
  )
  const more = { spec: { ipFamilyPolicy: 'RequireDualStack' } }
  const { body: grown } = await call(
    'PATCH',
    `${path}/single`,
    more,
    'application/merge-patch+json',
  )
  expect(grown.spec.clusterIPs[0]).toBe(single.spec.clusterIP)
  expect(grown.spec.clusterIPs).toHaveLength(2)
})

test('a range that is used up says so', async () => {
  const network = serviceNetwork('10.5.0.0/30', '30000-30001')
  await using server = await start({ serviceNetwork: network })
  const call = jsonClient(server.url)
  const create = (name: string) =>
    call('POST', '/api/v1/namespaces/default/services', {
      metadata: { name },
      spec: { ports: [{ port: 1 }] },
    })
  expect((await create('a')).body.spec.clusterIP).toBe('10.5.0.2')
  const { status, body } = await create('b')
  expect(status).toBe(500)
  expect(body.message).toBe(
    'Internal error occurred: failed to allocate a serviceIP: range is full',
  )
})
