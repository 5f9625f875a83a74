/** Quotas under a real API server: exact, whoever asks, and given back when nothing came of it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'
import { type Call, jsonClient } from './json-client.ts'

let server: TestServer
let call: Call

beforeAll(async () => {
  server = await startTestServer()
  call = jsonClient(server.url)
})
afterAll(() => server[Symbol.asyncDispose]())

let count = 0
const merge = 'application/merge-patch+json'

/** A namespace whose quotas are known to be unused, as a controller would find. */
async function namespace(...quotas: [spec: object, used: Record<string, string>][]) {
  const name = `n${++count}`
  await call('POST', '/api/v1/namespaces', { metadata: { name } })
  const path = `/api/v1/namespaces/${name}`
  for (const [at, [spec, used]] of quotas.entries()) {
    await call('POST', `${path}/resourcequotas`, { metadata: { name: `q${at}` }, spec })
    const { hard } = spec as { hard: object }
    const status = { status: { hard, used } }
    await call('PATCH', `${path}/resourcequotas/q${at}/status`, status, merge)
  }
  return path
}

async function used(path: string, name = 'q0'): Promise<Record<string, string>> {
  return (await call('GET', `${path}/resourcequotas/${name}`)).body.status.used
}

const pod = (name: string, cpu = '100m', more: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...more },
})

test('of a hundred at once exactly as many get through as there is room for', async () => {
  const path = await namespace([
    { hard: { pods: '40', 'requests.cpu': '3' } },
    { pods: '0', 'requests.cpu': '0' },
  ])
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) => call('POST', `${path}/pods`, pod(`p${at}`))),
  )
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 201)).toHaveLength(30)
  expect(statuses.filter((status) => status === 403)).toHaveLength(70)
  const { body } = await call('GET', `${path}/pods`)
  expect(body.items).toHaveLength(30)
  expect(await used(path)).toEqual({ pods: '30', 'requests.cpu': '3' })
  const refused = answers.find(({ status }) => status === 403)
  expect(refused!.body.message).toMatch(
    /^pods "p\d+" is forbidden: exceeded quota: q0, requested: requests.cpu=100m, used: requests.cpu=3, limited: requests.cpu=3$/,
  )
})

test('many at once share the writes of the quota', async () => {
  const path = await namespace([{ hard: { configmaps: '500' } }, { configmaps: '0' }])
  const first = server.parts.store.revision
  await Promise.all(
    Array.from({ length: 100 }, (_, at) =>
      call('POST', `${path}/configmaps`, { metadata: { name: `m${at}` } }),
    ),
  )
  expect(await used(path)).toEqual({ configmaps: '100' })
  // One revision for each object, and far fewer than one for each charge.
  expect(server.parts.store.revision - first).toBeLessThan(180)
})

test('what fails after it was charged is given back', async () => {
  const path = await namespace([{ hard: { configmaps: '2' } }, { configmaps: '0' }])
  const create = (name: string) => call('POST', `${path}/configmaps`, { metadata: { name } })
  expect((await create('a')).status).toBe(201)
  expect((await create('a')).status).toBe(409)
  expect((await create('a')).status).toBe(409)
  expect(await used(path)).toEqual({ configmaps: '1' })
  expect((await create('b')).status).toBe(201)
  expect((await create('c')).status).toBe(403)
})

test('a dry run is judged and costs nothing', async () => {
  const path = await namespace([{ hard: { configmaps: '1' } }, { configmaps: '0' }])
  const dry = `${path}/configmaps?dryRun=All`
  for (const name of ['a', 'b']) {
    expect((await call('POST', dry, { metadata: { name } })).status).toBe(201)
  }
  expect(await used(path)).toEqual({ configmaps: '0' })
  await call('POST', `${path}/configmaps`, { metadata: { name: 'a' } })
  expect((await call('POST', dry, { metadata: { name: 'b' } })).status).toBe(403)
})

test('all quotas that are concerned are charged, or none', async () => {
  const path = await namespace(
    [{ hard: { pods: '5' } }, { pods: '0' }],
    [{ hard: { pods: '1' }, scopes: ['NotTerminating'] }, { pods: '0' }],
  )
  expect((await call('POST', `${path}/pods`, pod('a'))).status).toBe(201)
  expect((await call('POST', `${path}/pods`, pod('b'))).status).toBe(403)
  const ending = pod('c', '1', { activeDeadlineSeconds: 5 })
  expect((await call('POST', `${path}/pods`, ending)).status).toBe(201)
  expect([await used(path, 'q0'), await used(path, 'q1')]).toEqual([{ pods: '2' }, { pods: '1' }])
})

test('a quota of priority classes counts the pods of those', async () => {
  const matchExpressions = [
    { scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] },
  ]
  const path = await namespace([
    { hard: { pods: '0' }, scopeSelector: { matchExpressions } },
    { pods: '0' },
  ])
  expect((await call('POST', `${path}/pods`, pod('a'))).status).toBe(201)
  const critical = pod('b', '1', { priorityClassName: 'system-node-critical' })
  expect((await call('POST', `${path}/pods`, critical)).status).toBe(403)
})

test.for<[object, Record<string, string>, object, string]>([
  [
    { hard: { 'limits.cpu': '1' } },
    { 'limits.cpu': '0' },
    pod('p'),
    'failed quota: q0: must specify limits.cpu for: c',
  ],
  [
    { hard: { pods: '1', 'requests.cpu': '1' } },
    { pods: '0' },
    pod('p'),
    'status unknown for quota: q0, resources: pods,requests.cpu',
  ],
])('%j with %j refuses the pod', async ([spec, known, body, why]) => {
  const path = await namespace([spec, known])
  const { status, body: answer } = await call('POST', `${path}/pods`, body)
  expect([status, answer.message]).toEqual([403, `pods "p" is forbidden: ${why}`])
})

test('a Service is charged for what it becomes', async () => {
  const path = await namespace([
    { hard: { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' } },
    { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' },
  ])
  const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } }
  expect((await call('POST', `${path}/services`, service)).status).toBe(201)
  const become = (type: string) => call('PATCH', `${path}/services/s`, { spec: { type } }, merge)
  expect((await become('NodePort')).status).toBe(200)
  expect((await become('LoadBalancer')).body.message).toBe(
    'services "s" is forbidden: exceeded quota: q0, requested: services.loadbalancers=1, ' +
      'used: services.loadbalancers=0, limited: services.loadbalancers=0',
  )
  expect(await used(path)).toEqual({
    services: '1',
    'services.loadbalancers': '0',
    'services.nodeports': '1',
  })
})

test('a claim that grows is charged for the growth', async () => {
  const path = await namespace([
    { hard: { 'requests.storage': '3Gi' } },
    { 'requests.storage': '0' },
  ])
  await call('POST', '/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: 'grows' },
    provisioner: 'p',
    allowVolumeExpansion: true,
  })
  const claims = `${path}/persistentvolumeclaims`
  const size = (storage: string) => ({ resources: { requests: { storage } } })
  await call('POST', claims, {
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'grows', ...size('1Gi') },
  })
  const grow = (storage: string) => call('PATCH', `${claims}/c`, { spec: size(storage) }, merge)
  // Of one that is not bound nothing changes at all.
  expect((await grow('2Gi')).status).toBe(422)
  await call('PATCH', `${claims}/c`, { spec: { volumeName: 'v' } }, merge)
  await call('PATCH', `${claims}/c/status`, { status: { phase: 'Bound' } }, merge)
  expect((await grow('2Gi')).status).toBe(200)
  expect((await grow('4Gi')).status).toBe(403)
  expect(await used(path)).toEqual({ 'requests.storage': '2Gi' })
})

test('a quota that is changed while it is charged loses nothing', async () => {
  const path = await namespace([{ hard: { configmaps: '1k' } }, { configmaps: '0' }])
  const label = (at: number) =>
    call('PATCH', `${path}/resourcequotas/q0`, { metadata: { labels: { at: String(at) } } }, merge)
  const create = (at: number) =>
    call('POST', `${path}/configmaps`, { metadata: { name: `m${at}` } })
  const both = Array.from({ length: 40 }, (_, at) => [create(at), label(at)]).flat()
  const answers = await Promise.all(both)
  expect(answers.filter(({ status }) => status >= 400)).toEqual([])
  expect(await used(path)).toEqual({ configmaps: '40' })
})
