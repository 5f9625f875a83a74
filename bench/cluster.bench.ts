/** A large cluster of processes: how soon a rollout is done, and what everything costs then. */
import { readFileSync } from 'node:fs'
import { hasConditionStatus } from '#api/conditions.ts'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Connection } from '#client/connection.ts'
import type { Informer } from '#client/informer.ts'
import { InformerSet } from '#client/informer-set.ts'
import { MultiplexedWatches } from '#client/multiplex.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import { systemRandom as random } from '#daemon/random.ts'
import type { Bench } from './bench.ts'
import { type ClusterProcesses, startClusterProcesses } from './cluster-processes.ts'
import { quietLog as log } from './quiet-log.ts'
import { ADMIN_TOKEN, CERTIFICATE_FILE } from './server-process.ts'
import { processorMicroseconds } from './server-under-load.ts'

interface Size {
  readonly nodes: number
  readonly pods: number
}

const rolloutSize: Size = { nodes: 1000, pods: 3000 }
const fullSize: Size = { nodes: 5000, pods: 10_000 }
/** Until the genuine controller-manager had created as many pods, on two cores of their own. */
const GENUINE_CREATE_S = 8.9
const POLL_MS = 100
/** For what is still being reported after the last pod has become ready. */
const SETTLE_MS = 20_000
const IDLE_MS = 10_000
const NAME = { name: 'web', namespace: 'default' }
const labels = { app: 'web' }

interface Rollout {
  readonly createdS: number
  readonly boundS: number
  readonly countedS: number
  readonly deletedS: number
}

let rollout: Promise<Rollout> | undefined
let costs: Promise<ReadonlyMap<string, Cost>> | undefined

const rolledOut = (): Promise<Rollout> => (rollout ??= inCluster(rolloutSize, measureRollout))
const full = (): Promise<ReadonlyMap<string, Cost>> => (costs ??= inCluster(fullSize, measureCosts))

interface View {
  readonly cluster: ClusterProcesses
  readonly client: Client
  readonly pods: Informer<Pod>
  readonly size: Size
}

async function inCluster<T>(size: Size, measure: (view: View) => Promise<T>): Promise<T> {
  await using started = new AsyncDisposableStack()
  const cluster = started.use(await startClusterProcesses())
  const tls = { ca: readFileSync(CERTIFICATE_FILE) }
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const credentials = {
    headers: async () => headers,
    tls: async () => tls,
    renew: async () => false,
  }
  const { url: server } = cluster.server
  const connection = started.use(new Connection({ server, userAgent: 'bench', clock, credentials }))
  const client = new Client({ connection })
  const transport = started.use(new MultiplexedWatches(connection))
  const informers = started.use(new InformerSet({ client, transport, clock, random, log }))
  const pods = informers.get(Pod)
  await informers.synced(new AbortController().signal)
  await cluster.startNodes('hollow', size.nodes)
  return await measure({ cluster, client, pods, size })
}

const isReady = ({ status }: Pod): boolean => hasConditionStatus(status.conditions, 'Ready', 'True')

/** Nobody starts a service again here that has given up. */
function checkAlive({ programs }: ClusterProcesses): void {
  for (const [name, { hasEnded, problems }] of programs) {
    if (hasEnded) throw new Error(`${name} has ended: ${problems.at(-1) ?? 'without a word'}`)
  }
}

async function rollOut({ cluster, client, pods, size }: View): Promise<Omit<Rollout, 'deletedS'>> {
  const { promise: created, resolve: onCreated } = Promise.withResolvers<number>()
  const { promise: bound, resolve: onBound } = Promise.withResolvers<number>()
  const begunAt = performance.now()
  const since = (): number => (performance.now() - begunAt) / 1000
  const all = new Set<string>()
  const placed = new Set<string>()
  using _listening = pods.onChange(({ object: { metadata, spec } }) => {
    if (all.add(metadata.uid).size === size.pods) onCreated(since())
    if (spec.nodeName && placed.add(metadata.uid).size === size.pods) onBound(since())
  })
  await client.create(Deployment, {
    metadata: NAME,
    spec: {
      replicas: size.pods,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'web:1' }] },
      },
    },
  })
  for (;;) {
    checkAlive(cluster)
    const { status } = await client.get(Deployment, NAME)
    if (status?.availableReplicas === size.pods) break
    await clock.sleep(POLL_MS)
  }
  const countedS = since()
  const ready = pods.cache.list().filter(isReady).length
  if (ready !== size.pods) throw new Error(`count pods: found ${ready} ready, wanted ${size.pods}`)
  return { createdS: await created, boundS: await bound, countedS }
}

async function measureRollout(view: View): Promise<Rollout> {
  const { client } = view
  const rolled = await rollOut(view)
  const begunAt = performance.now()
  await client.delete(Deployment, NAME, { propagationPolicy: 'Foreground' })
  while (await client.find(Deployment, NAME)) {
    checkAlive(view.cluster)
    await clock.sleep(POLL_MS)
  }
  const deletedS = (performance.now() - begunAt) / 1000
  const { namespace } = NAME
  const left = [
    ...(await client.list(ReplicaSet, { namespace })),
    ...(await client.list(Pod, { namespace })),
  ]
  if (left.length > 0) throw new Error(`delete Deployment: found ${left.length} objects left`)
  return { ...rolled, deletedS }
}

interface Cost {
  readonly megabytes: number
  /** Of one core. */
  readonly percent: number
}

async function measureCosts(view: View): Promise<ReadonlyMap<string, Cost>> {
  const { server, programs } = view.cluster
  await rollOut(view)
  await clock.sleep(SETTLE_MS)
  const pids = new Map([...programs].map(([name, { pid }]) => [name, pid]))
  pids.set('apiserver', server.pid)
  const used = new Map(Array.from(pids, ([name, pid]) => [name, processorMicroseconds({ pid })]))
  const begunAt = performance.now()
  await clock.sleep(IDLE_MS)
  const tookMicroseconds = (performance.now() - begunAt) * 1000
  const costOf = ([name, pid]: [string, number]): [string, Cost] => {
    const percent = ((processorMicroseconds({ pid }) - used.get(name)!) / tookMicroseconds) * 100
    return [name, { megabytes: proportionalMegabytes(pid), percent }]
  }
  return new Map(Array.from(pids, costOf))
}

/** What several processes share counts in part for each of them. */
function proportionalMegabytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024
}

const scene = '3,000 pods on 1,000 nodes'
const step = (name: string, field: keyof Rollout): Bench => ({
  name: `${scene}: ${name}`,
  unit: 's',
  better: 'lower',
  measure: async () => (await rolledOut())[field],
})

const fullScene = '10,000 on 5,000'
const services = ['apiserver', 'controller-manager', 'scheduler', 'hollow']

export const benches: readonly Bench[] = [
  {
    ...step('created', 'createdS'),
    against: { name: 'genuine', figure: GENUINE_CREATE_S },
  },
  step('bound', 'boundS'),
  step('available', 'countedS'),
  step('deleted', 'deletedS'),
  ...services.map(
    (name): Bench => ({
      name: `${fullScene}: ${name}`,
      unit: 'MB',
      better: 'lower',
      measure: async () => (await full()).get(name)!.megabytes,
    }),
  ),
  ...services.map(
    (name): Bench => ({
      name: `${fullScene}: ${name}, idle`,
      unit: '%',
      better: 'lower',
      measure: async () => (await full()).get(name)!.percent,
    }),
  ),
]
