/** Services and the addresses and ports they take, against a real API server. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'
import { type Call, jsonClient } from './json-client.ts'

let server: TestServer
let call: Call

beforeAll(async () => {
  server = await startTestServer()
  call = jsonClient(server.url)
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'n' } })
})
afterAll(() => server[Symbol.asyncDispose]())

const path = '/api/v1/namespaces/n/services'
const service = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
})
const addresses = async (): Promise<string[]> => {
  const { body } = await call('GET', '/apis/networking.k8s.io/v1/ipaddresses')
  return body.items.map((each: { metadata: { name: string } }) => each.metadata.name)
}

test('a fresh server has the Service kubernetes, its address and its range', async () => {
  const { body } = await call('GET', '/api/v1/namespaces/default/services/kubernetes')
  expect(body.spec).toMatchObject({
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }],
  })
  const { body: ip } = await call('GET', '/apis/networking.k8s.io/v1/ipaddresses/10.96.0.1')
  expect(ip.spec.parentRef).toEqual({
    resource: 'services',
    namespace: 'default',
    name: 'kubernetes',
  })
  const { body: range } = await call('GET', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes')
  expect(range.spec.cidrs).toEqual(['10.96.0.0/16'])
  expect(range.status.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' })
})

test('an address is taken with the Service and given back with it', async () => {
  const { body } = await call('POST', path, service('a', {}))
  expect(await addresses()).toContain(body.spec.clusterIP)
  await call('DELETE', `${path}/a`)
  expect(await addresses()).not.toContain(body.spec.clusterIP)
})

test('one address belongs to one Service', async () => {
  await call('POST', path, service('one', { clusterIP: '10.96.0.50' }))
  const { status, body } = await call('POST', path, service('two', { clusterIP: '10.96.0.50' }))
  expect(status).toBe(422)
  expect(body.message).toBe(
    'Service "two" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.50"]: ' +
      'failed to allocate IP 10.96.0.50: provided IP is already allocated',
  )
})

test('an address must lie in the range', async () => {
  const { status, body } = await call('POST', path, service('far', { clusterIP: '10.1.1.1' }))
  expect(status).toBe(422)
  expect(body.message).toContain('failed to allocate IP 10.1.1.1')
})

test('a refused Service takes nothing', async () => {
  const before = await addresses()
  const { status } = await call('POST', path, service('bad', { ports: [{ port: 0 }] }))
  expect(status).toBe(422)
  expect(await addresses()).toEqual(before)
})

test('a dry run takes nothing', async () => {
  const before = await addresses()
  const { body } = await call('POST', `${path}?dryRun=All`, service('dry', { type: 'NodePort' }))
  expect(body.spec.clusterIP).toMatch(/^10\.96\./)
  expect(body.spec.ports[0].nodePort).toBeGreaterThanOrEqual(30000)
  expect(await addresses()).toEqual(before)
})

test('ports on the nodes: drawn, shared by protocols, refused twice, given back', async () => {
  const ports = [
    { name: 'tcp', port: 53, protocol: 'TCP' },
    { name: 'udp', port: 53, protocol: 'UDP' },
  ]
  const { body } = await call('POST', path, service('dns', { type: 'NodePort', ports }))
  const [tcp, udp] = body.spec.ports
  expect(tcp.nodePort).toBeGreaterThanOrEqual(30000)
  expect(tcp.nodePort).toBe(udp.nodePort)
  const again = service('taken', { type: 'NodePort', ports: [{ port: 1, nodePort: tcp.nodePort }] })
  const refused = await call('POST', path, again)
  expect(refused.body.message).toBe(
    `Service "taken" is invalid: spec.ports[0].nodePort: Invalid value: ${tcp.nodePort}: ` +
      'provided port is already allocated',
  )
  await call('DELETE', `${path}/dns`)
  expect((await call('POST', path, again)).status).toBe(201)
  await call('DELETE', `${path}/taken`)
})

test('a port out of range is refused', async () => {
  const wanted = service('low', { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] })
  const { body } = await call('POST', path, wanted)
  expect(body.message).toBe(
    'Service "low" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is ' +
      'not in the valid range. The range of valid ports is 30000-32767',
  )
})

test('another type gives back what it has no use for', async () => {
  const { body } = await call('POST', path, service('moves', { type: 'NodePort' }))
  const { clusterIP } = body.spec
  const { nodePort } = body.spec.ports[0]
  const patch = (spec: object) =>
    call('PATCH', `${path}/moves`, { spec }, 'application/merge-patch+json')
  const external = await patch({ type: 'ExternalName', externalName: 'x.example.com' })
  expect(external.body.spec.clusterIP).toBeUndefined()
  expect(await addresses()).not.toContain(clusterIP)
  const free = service('next', { type: 'NodePort', clusterIP, ports: [{ port: 1, nodePort }] })
  expect((await call('POST', path, free)).status).toBe(201)
})

test('a load balancer that keeps sources gets a port for health checks', async () => {
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }
  const { body } = await call('POST', path, service('lb', spec))
  const port = body.spec.healthCheckNodePort
  expect(port).toBeGreaterThanOrEqual(30000)
  expect(port).not.toBe(body.spec.ports[0].nodePort)
  const { body: later } = await call(
    'PATCH',
    `${path}/lb`,
    { spec: { externalTrafficPolicy: 'Cluster' } },
    'application/merge-patch+json',
  )
  expect(later.spec.healthCheckNodePort).toBeUndefined()
})

test('headless Services and those elsewhere take no address', async () => {
  const before = await addresses()
  const headless = await call('POST', path, service('headless', { clusterIP: 'None' }))
  expect(headless.body.spec).toMatchObject({
    clusterIPs: ['None'],
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'RequireDualStack',
  })
  const spec = { type: 'ExternalName', externalName: 'x.example.com' }
  expect((await call('POST', path, service('elsewhere', spec))).body.spec.clusterIP).toBeUndefined()
  expect(await addresses()).toEqual(before)
})

test('many Services at once get addresses of their own', async () => {
  const names = Array.from({ length: 60 }, (_, at) => `many-${at}`)
  const all = await Promise.all(
    names.map((name) => call('POST', path, service(name, { type: 'NodePort' }))),
  )
  expect(all.map(({ status }) => status)).toEqual(names.map(() => 201))
  expect(new Set(all.map(({ body }) => body.spec.clusterIP)).size).toBe(names.length)
  expect(new Set(all.map(({ body }) => body.spec.ports[0].nodePort)).size).toBe(names.length)
})

test('a range that is added can be used at once', async () => {
  const range = { metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/28'] } }
  expect((await call('POST', '/apis/networking.k8s.io/v1/servicecidrs', range)).status).toBe(201)
  const { body } = await call('POST', path, service('there', { clusterIP: '10.200.0.3' }))
  expect(body.spec.clusterIP).toBe('10.200.0.3')
  const edge = await call('POST', path, service('edge', { clusterIP: '10.200.0.15' }))
  expect(edge.body.message).toContain('provided IP 10.200.0.15 is not in the valid range')
})

test('more ports than one write can take are refused', async () => {
  const ports = Array.from({ length: 150 }, (_, at) => ({ name: `p${at}`, port: at + 1 }))
  const { status, body } = await call('POST', path, service('wide', { type: 'NodePort', ports }))
  expect(status).toBe(422)
  expect(body.message).toContain('spec.ports: Too many: 151')
})
