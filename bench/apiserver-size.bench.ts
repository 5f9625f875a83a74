/** What a server process takes: memory for pods, and time until it serves. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { sendMany } from './http-connection.ts'
import { startServerProcess } from './server-process.ts'
import {
  IN_FLIGHT,
  openConnections,
  type Peer,
  podRequest,
  residentMegabytes,
  withServer,
} from './server-under-load.ts'
import { withDirectory } from './stored-pods.ts'

const FILL = fileURLToPath(new URL('./fill-store.ts', import.meta.url))
const PODS = 10_000
const MANY = 150_000

export const benches: readonly Bench[] = [
  start('server: start with an empty store', 0, () => startedBare()),
  start('server: start with 10,000 pods', PODS, 500),
  start('server: start with 150,000 pods', MANY),
  {
    name: 'server: resident with 10,000 pods',
    unit: 'MB',
    better: 'lower',
    against: { name: 'genuine with etcd', figure: 720 },
    measure: async () => (await resident('ours')).after,
  },
  {
    name: 'server: resident for each of 10,000 pods',
    unit: 'bytes',
    better: 'lower',
    against: { name: 'a bare server', figure: () => perPod('bare') },
    measure: () => perPod('ours'),
  },
]

function start(name: string, pods: number, peer?: number | (() => Promise<number>)): Bench {
  const peerName = typeof peer === 'number' ? 'the goal' : 'a bare server'
  return {
    name,
    unit: 'ms',
    better: 'lower',
    ...(peer !== undefined && { against: { name: peerName, figure: peer } }),
    measure: () =>
      withDirectory(async (directory) => {
        const filled = spawnSync(process.execPath, [FILL, directory, `${pods}`], {
          stdio: 'inherit',
        })
        if (filled.status !== 0) throw new Error(`fill store: exit ${filled.status}`)
        await using server = await startServerProcess({ dataDirectory: directory })
        return server.startMs
      }),
  }
}

async function startedBare(): Promise<number> {
  const begunAt = performance.now()
  return await withServer('bare', true, async () => performance.now() - begunAt)
}

interface Resident {
  readonly before: number
  readonly after: number
}

const measured = new Map<Peer, Promise<Resident>>()

const resident = (peer: Peer): Promise<Resident> =>
  measured.getOrInsertComputed(peer, () => fill(peer))

function fill(peer: Peer): Promise<Resident> {
  return withServer(peer, true, async (target) => {
    const before = residentMegabytes(target)
    await using open = await openConnections(target, IN_FLIGHT)
    await sendMany(open.connections, PODS, podRequest, 201)
    return { before, after: residentMegabytes(target) }
  })
}

async function perPod(peer: Peer): Promise<number> {
  const { before, after } = await resident(peer)
  return ((after - before) * 1024 * 1024) / PODS
}
