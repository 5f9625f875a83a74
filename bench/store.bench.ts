/** How fast the store writes, reads, lists and tells its watches, on this machine's disk. */
import type { Store, WatchReceiver } from '#apiserver/store/store.ts'
import { systemClock } from '#daemon/clock.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'
import {
  createPods,
  IN_FLIGHT,
  openBenchStore,
  PODS,
  podDraft,
  withDirectory,
} from './stored-pods.ts'

const CREATES = 20_000
const LISTED = 10_000
const WATCHES = 1_000
const NODE_WATCHES = 5_000
const CHANGES = 500

/** Genuine Kubernetes on two cores, over TLS and with all the work around the store. */
const genuine = (figure: number) => ({ name: 'genuine over TLS', figure })

export const benches: readonly Bench[] = [
  {
    name: `store: durable creates, ${IN_FLIGHT} in flight`,
    unit: '/s',
    better: 'higher',
    against: genuine(944),
    measure: () => withPods(0, async (store) => CREATES / (await secondsOf(creates(store)))),
  },
  {
    name: `store: p99 of a durable create, ${IN_FLIGHT} in flight`,
    unit: 'ms',
    better: 'lower',
    against: genuine(157),
    measure: () => withPods(0, async (store) => quantile(await creates(store)(), 0.99)),
  },
  {
    name: 'store: durable creates, one after the other',
    unit: '/s',
    better: 'higher',
    measure: () =>
      withPods(0, async (store) => 2_000 / (await secondsOf(() => createPods(store, 0, 2_000, 1)))),
  },
  {
    name: 'store: relaxed updates (leases), one in flight',
    unit: '/s',
    better: 'higher',
    measure: () =>
      withPods(1, async (store) => 5_000 / (await secondsOf(() => renew(store, 5_000)))),
  },
  {
    name: 'store: get',
    unit: '/s',
    better: 'higher',
    against: genuine(4_650),
    measure: () =>
      withPods(LISTED, async (store) => 1e9 / (await nanosecondsPerCall(reader(store)))),
  },
  {
    name: 'store: list 10,000 pods, spliced into one body',
    unit: 'MB/s',
    better: 'higher',
    against: { name: 'the Node floor', figure: 1_500 },
    measure: () => withPods(LISTED, async (store) => spliced(store)),
  },
  {
    name: 'store: watch events to 1,000 watches',
    unit: '/s',
    better: 'higher',
    measure: () => withPods(1, (store) => fanOut(store, WATCHES, undefined)),
  },
  {
    name: 'store: commits seen by 5,000 node watches',
    unit: '/s',
    better: 'higher',
    measure: async () => {
      const match = (index: number) => ({ field: 'spec.nodeName', value: `node-${index}` })
      const events = await withPods(1, (store) => fanOut(store, NODE_WATCHES, match))
      return events
    },
  },
]

function withPods(count: number, body: (store: Store) => Promise<number>): Promise<number> {
  return withDirectory(async (directory) => {
    await using store = await openBenchStore(directory)
    await createPods(store, 0, count, 1_000)
    return await body(store)
  })
}

function creates(store: Store): () => Promise<number[]> {
  return () => createPods(store, 0, CREATES)
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begunAt = systemClock.monotonic()
  await work()
  return (systemClock.monotonic() - begunAt) / 1000
}

function quantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN
}

async function renew(store: Store, count: number): Promise<void> {
  const key = podDraft(0).key
  for (let turn = 0; turn < count; turn++) {
    const value = Buffer.from(`lease ${turn}`)
    await store.modify(key, () => ({ key, value }), { relaxed: true })
  }
}

function reader(store: Store): () => unknown {
  const keys = Array.from({ length: LISTED }, (_, index) => podDraft(index).key)
  let next = 0
  return () => {
    next = (next + 7_919) % LISTED
    return store.get(keys[next] as string)?.value
  }
}

async function spliced(store: Store): Promise<number> {
  const comma = Buffer.from(',')
  let bytes = 0
  const ns = await nanosecondsPerCall(() => {
    const parts = store.list(PODS).entries.flatMap(({ value }) => [value, comma])
    bytes = Buffer.concat(parts).length
  })
  return (bytes / ns) * 1e3
}

/** Events delivered in a second; with `match`, commits in a second that each concern one watch. */
async function fanOut(
  store: Store,
  watches: number,
  match: ((index: number) => { field: string; value: string }) | undefined,
): Promise<number> {
  let heard = 0
  const receiver: WatchReceiver = { change: () => ++heard > 0, end: () => {} }
  for (let index = 0; index < watches; index++) {
    const options = { prefix: PODS, after: store.revision, ...(match && { match: match(index) }) }
    store.watch(options, receiver)
  }
  const seconds = await secondsOf(() => createPods(store, 1, CHANGES))
  return heard / seconds
}
