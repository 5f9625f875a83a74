/** A server whose disk is full: writes are refused and say why, all else goes on, it recovers. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { SimulatedDisk } from './crash/simulated-disk.ts'
import { httpEvents, taken, told } from './events-of.ts'
import { type Call, jsonClient } from './json-client.ts'

/** A little more than the time between two attempts to recover. */
const RECOVERY_MS = 1_100
/** Turns of the event loop within which the simulated disk has done all that was asked. */
const DISK_TURNS = 60

const maps = '/api/v1/namespaces/default/configmaps'
const services = '/api/v1/namespaces/default/services'
const pods = '/api/v1/namespaces/default/pods'
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
const strategic = 'application/strategic-merge-patch+json'
const apply = 'application/apply-patch+yaml'

interface Started extends AsyncDisposable {
  readonly server: TestServer
  readonly call: Call
  readonly fill: () => void
  readonly makeRoom: () => Promise<void>
}

async function started(): Promise<Started> {
  const disk = new SimulatedDisk(seededRandom(3))
  const clock = new ManualClock()
  const server = await startTestServer({ clock, directory: '/data', settings: { disk } })
  const call = jsonClient(server.url)
  await prepare(call)
  return {
    server,
    call,
    fill() {
      disk.fault = (action) => (action === 'write' ? { code: 'ENOSPC' } : undefined)
    },
    async makeRoom() {
      disk.fault = () => undefined
      await clock.advance(RECOVERY_MS)
      for (let turn = 0; turn < DISK_TURNS; turn++) await clock.settle()
    },
    async [Symbol.asyncDispose]() {
      disk.fault = () => undefined
      await server[Symbol.asyncDispose]()
    },
  }
}

const container = { name: 'c', image: 'registry.example.com/c:1' }
const map = (name: string, data = {}) => ({ metadata: { name }, data })
const pod = { metadata: { name: 'p' }, spec: { containers: [container] } }
const nodePort = (name: string, port: number) => ({
  metadata: { name },
  spec: { type: 'NodePort', ports: [{ port: 80, nodePort: port }] },
})

async function prepare(call: Call): Promise<void> {
  const objects = [
    [maps, map('a')],
    [pods, pod],
    [services, nodePort('s', 30_001)],
    [leases, { metadata: { name: 'l' } }],
  ] as const
  for (const [path, body] of objects) expect((await call('POST', path, body)).status).toBe(201)
}

/** Every kind of write; the first finds out that the disk is full, the others are told. */
const writes: readonly Parameters<Call>[] = [
  ['POST', maps, map('b')],
  ['POST', maps, { metadata: { generateName: 'b-' } }],
  ['POST', leases, { metadata: { name: 'm' } }],
  ['POST', services, nodePort('t', 30_002)],
  ['PUT', `${maps}/a`, map('a', { text: 'new' })],
  ['PUT', `${leases}/m`, { metadata: { name: 'm' } }],
  ['PATCH', `${maps}/a`, { data: { text: 'new' } }, strategic],
  ['PATCH', `${maps}/d?fieldManager=tests`, { ...map('d'), ...typeOf('ConfigMap') }, apply],
  ['PATCH', `${pods}/p/status`, { status: { phase: 'Running' } }, strategic],
  ['POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }],
  ['POST', `${pods}/p/eviction`, { metadata: { name: 'p' } }],
  ['DELETE', `${maps}/a`],
  ['DELETE', `${services}/s`],
  ['DELETE', maps],
]

function typeOf(kind: string) {
  return { apiVersion: 'v1', kind }
}

/** Which need no disk. */
const others: readonly (readonly [number, ...Parameters<Call>])[] = [
  [200, 'GET', `${maps}/a`],
  [200, 'GET', maps],
  [200, 'GET', `${maps}?resourceVersion=0`],
  [200, 'GET', '/apis'],
  [201, 'POST', `${maps}?dryRun=All`, map('b')],
  [200, 'DELETE', `${maps}/a?dryRun=All`],
  // A write that changes nothing is none.
  [200, 'PATCH', `${maps}/a`, {}, strategic],
  [404, 'DELETE', `${maps}/b`],
  [
    201,
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } },
  ],
]

describe('a full disk', () => {
  test('refuses every write and says why, and the same write is taken once there is room', async () => {
    for (const write of writes) {
      await using open = await started()
      const { call } = open
      open.fill()
      const before = await everything(call)
      for (const attempt of [1, 2]) {
        const { status, body } = await call(...write)
        expect([status, body], `${write.slice(0, 2)}, attempt ${attempt}`).toEqual([
          503,
          {
            ...typeOf('Status'),
            metadata: {},
            status: 'Failure',
            reason: 'ServiceUnavailable',
            message: expect.stringContaining('read-only until the disk works again: ENOSPC'),
            code: 503,
          },
        ])
      }
      expect(await everything(call)).toEqual(before)
      await open.makeRoom()
      const { status, body } = await call(...write)
      expect([status, body]).toEqual([expect.toSatisfy((code) => code < 300), expect.anything()])
    }
  })

  test('is no reason to refuse what needs none', async () => {
    await using open = await started()
    open.fill()
    expect((await open.call('POST', maps, map('b'))).status).toBe(503)
    for (const [wanted, ...request] of others) {
      const { status, body } = await open.call(...request)
      expect([status, request, body]).toEqual([wanted, request, body])
    }
  })

  test('makes the server not ready until there is room, which it finds by itself', async () => {
    await using open = await started()
    const { call } = open
    expect((await call('GET', '/readyz')).status).toBe(200)
    open.fill()
    expect((await call('POST', maps, map('b'))).status).toBe(503)
    const unready = await call('GET', '/readyz')
    expect(unready.status).toBe(500)
    expect(unready.body).toContain('[-]etcd failed: reason withheld')
    expect(open.server.logged.join()).toContain('ENOSPC')
    await open.makeRoom()
    expect((await call('GET', '/readyz')).body).toBe('ok')
  })

  test('leaves watches open, and they hear of what is written afterwards and of no more', async () => {
    await using open = await started()
    const { call, server } = open
    const events = httpEvents(`${server.url}${maps}?watch=1`)
    expect((await taken(events, 1)).map(told)).toEqual(['ADDED a'])
    open.fill()
    expect((await call('POST', maps, map('refused'))).status).toBe(503)
    const late = httpEvents(`${server.url}${maps}?watch=1`)
    expect((await taken(late, 1)).map(told)).toEqual(['ADDED a'])
    await open.makeRoom()
    expect((await call('POST', maps, map('b'))).status).toBe(201)
    expect((await taken(events, 1)).map(told)).toEqual(['ADDED b'])
    expect((await taken(late, 1)).map(told)).toEqual(['ADDED b'])
    await Promise.all([events.return(), late.return()])
  })
})

async function everything(call: Call): Promise<unknown> {
  const lists = await Promise.all([maps, services, pods, leases].map((path) => call('GET', path)))
  return lists.map(({ body }) => body.items)
}
