/** How fast a server process answers over the network, beside a bare one on the same machine. */
import type { Socket } from 'node:net'
import type { Bench } from './bench.ts'
import { openSocket, sendMany } from './http-connection.ts'
import { ADMIN_TOKEN, CERTIFICATE_FILE } from './server-process.ts'
import {
  IN_FLIGHT,
  openConnections,
  type Peer,
  PODS_PATH,
  podRequest,
  request,
  type Target,
  withServer,
} from './server-under-load.ts'

const WARM_UP = 2_000
const CREATES = 8_000
const GETS = 40_000
/** Pods whose status changes again and again, as kubelets report it. */
const REPORTED = 1_000
const PATCHES = 8_000
const LISTED = 9_500
const LISTS = 10
const WATCHERS = 1_000
const CHANGES = 100

type Measure = (peer: Peer, tls: boolean) => Promise<number>

export const benches: readonly Bench[] = [
  ...overBoth('durable pod creates, 32 in flight', '/s', 'higher', creates),
  ...overBoth('p99 of a durable pod create', 'ms', 'lower', createP99),
  ...overBoth('durable status patches, 32 in flight', '/s', 'higher', patches),
  ...overBoth('GET of one pod, 32 in flight', '/s', 'higher', gets),
  ...overBoth('LIST of 9,500 pods', 'MB/s', 'higher', lists),
  ...overBoth('watch events to 1,000 watchers', '/s', 'higher', fanOut),
]

function overBoth(
  name: string,
  unit: string,
  better: Bench['better'],
  measure: Measure,
): readonly Bench[] {
  return [true, false].map((tls) => ({
    name: `server: ${name}${tls ? ', TLS' : ''}`,
    unit,
    better,
    against: { name: 'a bare server', figure: () => measure('bare', tls) },
    measure: () => measure('ours', tls),
  }))
}

interface Creates {
  readonly latencies: readonly number[]
  readonly ms: number
}

const runs = new Map<string, Promise<Creates>>()

/** One run gives two figures. */
function createRun(peer: Peer, tls: boolean): Promise<Creates> {
  return runs.getOrInsertComputed(`${peer} ${tls}`, () => createMany(peer, tls))
}

const createMany = (peer: Peer, tls: boolean): Promise<Creates> =>
  withServer(peer, tls, async (target) => {
    await using open = await openConnections(target, IN_FLIGHT)
    await sendMany(open.connections, WARM_UP, podRequest, 201)
    const begunAt = performance.now()
    const next = (index: number): Buffer => podRequest(WARM_UP + index)
    const latencies = await sendMany(open.connections, CREATES, next, 201)
    return { latencies, ms: performance.now() - begunAt }
  })

async function creates(peer: Peer, tls: boolean): Promise<number> {
  const { ms } = await createRun(peer, tls)
  return CREATES / (ms / 1000)
}

async function createP99(peer: Peer, tls: boolean): Promise<number> {
  const { latencies } = await createRun(peer, tls)
  return latencies.toSorted((left, right) => left - right)[Math.floor(CREATES * 0.99)]!
}

function patches(peer: Peer, tls: boolean): Promise<number> {
  return withServer(peer, tls, async (target) => {
    await using open = await openConnections(target, IN_FLIGHT)
    await sendMany(open.connections, REPORTED, podRequest, 201)
    await sendMany(open.connections, WARM_UP, patchRequest, 200)
    const begunAt = performance.now()
    const next = (index: number): Buffer => patchRequest(WARM_UP + index)
    await sendMany(open.connections, PATCHES, next, 200)
    return PATCHES / ((performance.now() - begunAt) / 1000)
  })
}

function patchRequest(index: number): Buffer {
  const name = `web-${index % REPORTED}`
  const patch = JSON.stringify({ metadata: { name }, status: { message: `report ${index}` } })
  const path = `${PODS_PATH}/${name}/status`
  return request('PATCH', path, patch, ADMIN_TOKEN, 'application/merge-patch+json')
}

function gets(peer: Peer, tls: boolean): Promise<number> {
  return withServer(peer, tls, async (target) => {
    await using open = await openConnections(target, IN_FLIGHT)
    await sendMany(open.connections, IN_FLIGHT, podRequest, 201)
    const one = (index: number): Buffer => request('GET', `${PODS_PATH}/web-${index % IN_FLIGHT}`)
    const prepared = Array.from({ length: IN_FLIGHT }, (_, index) => one(index))
    const next = (index: number): Buffer => prepared[index % IN_FLIGHT]!
    await sendMany(open.connections, WARM_UP, next, 200)
    const begunAt = performance.now()
    await sendMany(open.connections, GETS, next, 200)
    return GETS / ((performance.now() - begunAt) / 1000)
  })
}

function lists(peer: Peer, tls: boolean): Promise<number> {
  return withServer(peer, tls, async (target) => {
    await using open = await openConnections(target, IN_FLIGHT)
    await sendMany(open.connections, LISTED, podRequest, 201)
    const [connection] = open.connections
    const list = request('GET', PODS_PATH)
    await connection!.send(list)
    let bytes = 0
    const begunAt = performance.now()
    for (let turn = 0; turn < LISTS; turn++) {
      const { status, bodyBytes } = await connection!.send(list)
      if (status !== 200 || !(bodyBytes > LISTED)) throw new Error(`list: answered ${status}`)
      bytes += bodyBytes
    }
    return bytes / 1e6 / ((performance.now() - begunAt) / 1000)
  })
}

function fanOut(peer: Peer, tls: boolean): Promise<number> {
  return withServer(peer, tls, async (target) => {
    const events = new EventCount()
    const sockets = await openWatches(target, events)
    await using open = await openConnections(target, 1)
    await sendMany(open.connections, 1, podRequest, 201)
    await events.reached(WATCHERS)
    const begunAt = performance.now()
    const next = (index: number): Buffer => podRequest(1 + index)
    await sendMany(open.connections, CHANGES, next, 201)
    await events.reached(WATCHERS * (1 + CHANGES))
    const seconds = (performance.now() - begunAt) / 1000
    for (const socket of sockets) socket.destroy()
    return (WATCHERS * CHANGES) / seconds
  })
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Each event ends with a line feed, each part of HTTP's framing with a carriage return and one. */
class EventCount {
  #count = 0
  #wanted: { readonly count: number; readonly resolve: () => void } | undefined

  add(chunk: Buffer): void {
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) {
      if (at > 0 && chunk[at - 1] !== CARRIAGE_RETURN) this.#count++
    }
    if (this.#wanted && this.#count >= this.#wanted.count) this.#wanted.resolve()
  }

  reached(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wanted = { count, resolve }
    if (this.#count >= count) resolve()
    return promise
  }
}

async function openWatches(target: Target, events: EventCount): Promise<Socket[]> {
  const sockets: Socket[] = []
  for (let index = 0; index < WATCHERS; index++) {
    const socket = await openSocket(target.url, CERTIFICATE_FILE)
    const answered = new Promise((resolve) => socket.once('data', resolve))
    socket.write(request('GET', `${PODS_PATH}?watch=1`))
    await answered
    socket.on('data', (chunk: Buffer) => events.add(chunk))
    sockets.push(socket)
  }
  return sockets
}
