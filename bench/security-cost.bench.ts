/** What TLS, RBAC and admission cost of the speed of a server process. */
import { defaultPluginNames } from '#apiserver/admission/plugins.ts'
import { type Bench, median } from './bench.ts'
import { sendMany } from './http-connection.ts'
import { startServerProcess, WORKER_TOKEN } from './server-process.ts'
import {
  IN_FLIGHT,
  openConnections,
  PODS_PATH,
  podRequest,
  processorMicroseconds,
  request,
  type Target,
} from './server-under-load.ts'

const WARM_UP = 2_000
const CREATES = 8_000
const GETS = 30_000
/** So that a moment in which the machine did something else decides nothing. */
const ROUNDS = 4

/** As by default, or with everything let through unseen. */
type Care = 'careful' | 'careless'

const careless = {
  'authorization-mode': 'AlwaysAllow',
  'disable-admission-plugins': defaultPluginNames.join(','),
}

interface Figures {
  /** A second, with everything else that the machine does at the time. */
  readonly createRate: number
  readonly getRate: number
  /** Microseconds of processor time that the server took for each: what others do is left out. */
  readonly createCost: number
  readonly getCost: number
}

const servers = [
  ['careful', true],
  ['careless', true],
  ['careless', false],
] as const

const lines = [
  ['create', 'createRate', '/s', 'higher'],
  ['create, processor time', 'createCost', 'us', 'lower'],
  ['GET', 'getRate', '/s', 'higher'],
  ['GET, processor time', 'getCost', 'us', 'lower'],
] as const

export const benches: readonly Bench[] = lines.flatMap(([name, what, unit, better]) => {
  const line = (title: string, peer: string, peerTls: boolean): Bench => ({
    name: `security: ${name}, ${title}`,
    unit,
    better,
    against: { name: peer, figure: async () => (await figures('careless', peerTls))[what] },
    measure: async () => (await figures('careful', true))[what],
  })
  return [line('all of it', 'without any of it', false), line('beside TLS', 'TLS alone', true)]
})

const measured = new Map<string, Promise<ReadonlyMap<string, Figures>>>()

async function figures(care: Care, tls: boolean): Promise<Figures> {
  const all = await measured.getOrInsertComputed('all', measureAll)
  return all.get(`${care} ${tls}`)!
}

/** Round by round, there and back again: a machine that slows down does so for all. */
async function measureAll(): Promise<ReadonlyMap<string, Figures>> {
  const rounds = new Map<string, Figures[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [care, tls] of round % 2 ? servers.toReversed() : servers) {
      rounds.getOrInsertComputed(`${care} ${tls}`, () => []).push(await measureOne(care, tls))
    }
  }
  return new Map([...rounds].map(([name, all]) => [name, medians(all)]))
}

function medians(all: readonly Figures[]): Figures {
  const of = (what: keyof Figures): number => median(all.map((each) => each[what]))
  return {
    createRate: of('createRate'),
    getRate: of('getRate'),
    createCost: of('createCost'),
    getCost: of('getCost'),
  }
}

async function measureOne(care: Care, tls: boolean): Promise<Figures> {
  await using server = await startServerProcess({
    tls,
    serviceAccounts: true,
    ...(care === 'careless' && { flags: careless }),
  })
  await prepare(server)
  await using open = await openConnections(server, IN_FLIGHT)
  const timed = async (count: number, next: (index: number) => Buffer, status: number) => {
    const [begunAt, costBefore] = [performance.now(), processorMicroseconds(server)]
    await sendMany(open.connections, count, next, status)
    const seconds = (performance.now() - begunAt) / 1000
    return [count / seconds, (processorMicroseconds(server) - costBefore) / count] as const
  }
  const create = (index: number): Buffer => podRequest(index, WORKER_TOKEN)
  const gets = Array.from({ length: IN_FLIGHT }, (_, index) =>
    request('GET', `${PODS_PATH}/web-${index}`, '', WORKER_TOKEN),
  )
  const get = (index: number): Buffer => gets[index % IN_FLIGHT]!
  await timed(WARM_UP, create, 201)
  const nextCreate = (index: number): Buffer => create(WARM_UP + index)
  const [createRate, createCost] = await timed(CREATES, nextCreate, 201)
  await timed(WARM_UP, get, 200)
  const [getRate, getCost] = await timed(GETS, get, 200)
  return { createRate, createCost, getRate, getCost }
}

/** What a controller would make for pods, and what lets the worker work. */
async function prepare(server: Target): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings'
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' }
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'worker' }]
  const objects = [
    ['/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } }],
    [rbac, { metadata: { name: 'worker' }, roleRef, subjects }],
  ] as const
  await using open = await openConnections(server, 1)
  for (const [path, object] of objects) {
    const { status } = await open.connections[0]!.send(
      request('POST', path, JSON.stringify(object)),
    )
    if (status !== 201) throw new Error(`POST ${path}: answered ${status}`)
  }
}
