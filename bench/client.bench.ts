/** What a component pays for each event that it watches, and for each key that it works on. */
import { Pod } from '#api/kinds/core/pod.ts'
import { Connection } from '#client/connection.ts'
import { Informer } from '#client/informer.ts'
import { WorkQueue } from '#client/queue.ts'
import { Client } from '#client/rest.ts'
import { eventFrom, LineSplitter, type WatchTransport } from '#client/watch-transport.ts'
import { systemClock } from '#daemon/clock.ts'
import { createLog } from '#daemon/log.ts'
import { systemRandom } from '#daemon/random.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'
import { typicalPod } from './typical-pod.ts'

const PODS = 10_000
/** As sockets hand them on. */
const CHUNK_BYTES = 64 * 1024

function frame(type: string, object: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`)
}

const frames = Array.from({ length: PODS }, (_, index) => {
  const metadata = {
    ...typicalPod.metadata,
    name: `pod-${index}`,
    namespace: `n${index % 50}`,
    uid: `uid-${index}`,
    resourceVersion: String(index + 1),
  }
  return frame('ADDED', { ...typicalPod, metadata })
})
const annotations = { 'k8s.io/initial-events-end': 'true' }
const end = frame('BOOKMARK', { metadata: { resourceVersion: String(PODS), annotations } })
const stream = Buffer.concat([...frames, end])

export const benches: readonly Bench[] = [
  {
    name: 'watched pods into a cache',
    unit: '/s',
    better: 'higher',
    against: { name: 'parsed and kept', figure: parsedPerSecond },
    measure: cachedPerSecond,
  },
  {
    name: 'key through the work queue',
    unit: 'ns',
    better: 'lower',
    measure: () => nanosecondsPerCall(passKey),
  },
]

function parsedPerSecond(): number {
  const begunAt = performance.now()
  const kept = frames.map((each) => JSON.parse(each.toString()))
  return (kept.length / (performance.now() - begunAt)) * 1000
}

async function cachedPerSecond(): Promise<number> {
  const transport: WatchTransport = {
    async *open({ signal }) {
      const lines = new LineSplitter()
      for (let at = 0; at < stream.length; at += CHUNK_BYTES) {
        const events = lines.push(stream.subarray(at, at + CHUNK_BYTES)).map(eventFrom)
        if (events.length > 0) yield events
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    },
  }
  const [clock, random] = [systemClock, systemRandom]
  const sink = { write: () => undefined }
  const log = createLog({
    service: 'bench',
    level: 'info',
    format: 'json',
    colours: false,
    clock,
    sink,
  })
  await using connection = new Connection({ server: 'http://[::1]', userAgent: 'bench', clock })
  const client = new Client({ connection })
  const begunAt = performance.now()
  await using informer = new Informer({ client, transport, clock, random, log }, Pod)
  await informer.synced
  return (informer.cache.size / (performance.now() - begunAt)) * 1000
}

const queue = new WorkQueue({ clock: systemClock })

async function passKey(): Promise<void> {
  queue.add('namespace/name')
  const key = await queue.take()
  if (key !== undefined) queue.done(key)
}
