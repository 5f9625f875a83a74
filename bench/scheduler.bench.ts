/** How many pods get their nodes in a second: as decisions alone, and bound durably on a server. */
import { readFile } from 'node:fs/promises'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { PriorityClass } from '#api/kinds/scheduling/priority-class.ts'
import { Connection } from '#client/connection.ts'
import type { Credentials } from '#client/credentials.ts'
import { Client } from '#client/rest.ts'
import { systemClock } from '#daemon/clock.ts'
import { createLog } from '#daemon/log.ts'
import { systemRandom } from '#daemon/random.ts'
import { Decider } from '#scheduler/decide.ts'
import { plugins } from '#scheduler/plugins.ts'
import { podInfo } from '#scheduler/pod-info.ts'
import { defaultProfile } from '#scheduler/profile.ts'
import { runScheduler } from '#scheduler/run.ts'
import type { Bench } from './bench.ts'
import { aNode, aPod, type PodSpecInput, type PodWish, viewOf } from './scheduling-view.ts'
import { ADMIN_TOKEN, CERTIFICATE_FILE, startServerProcess } from './server-process.ts'

const IN_FLIGHT = 32
const LOOK_MS = 5

const labels = { app: 'web' }
const labelSelector = { matchLabels: labels }
const topologyKey = 'topology.kubernetes.io/zone'
const whenUnsatisfiable = 'DoNotSchedule'
const zone = { labelSelector, topologyKey }
const host = { labelSelector, topologyKey: 'kubernetes.io/hostname' }
const spread: PodSpecInput = {
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector }],
}
const apart: PodSpecInput = {
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [host] } },
}
const together: PodSpecInput = {
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [zone] } },
}

interface Scene {
  readonly nodes: number
  readonly pods: number
  readonly spec?: PodSpecInput
  /** Every node is full of less important pods before. */
  readonly isFull?: boolean
}

const usual: Scene = { nodes: 1000, pods: 3000 }
const large: Scene = { nodes: 5000, pods: 10_000 }
const full: Scene = { nodes: 500, pods: 500, isFull: true }

/**
 * Recorded on a machine of this kind as 259 to 286: its better end. How it was measured is not ours
 * to repeat here, and may differ in when the clock starts; ours starts when all pods wait.
 */
const measured = { name: 'recorded kube-scheduler with etcd', figure: 286 }

export const benches: readonly Bench[] = [
  bindings('pods bound, 3,000 on 1,000 nodes', usual, measured),
  bindings('pods bound, 10,000 on 5,000 nodes', large),
  bindings('pods bound, 3,000 spread over 3 zones', { ...usual, spec: spread }),
  bindings('pods bound, 1,000 apart from each other', { nodes: 1000, pods: 1000, spec: apart }),
  bindings('pods bound, 500 in place of others', full),
  decisions('pods decided, 3,000 on 1,000 nodes', usual),
  decisions('pods decided, 10,000 on 5,000 nodes', large),
  decisions('pods decided, 3,000 spread over 3 zones', { ...usual, spec: spread }),
  decisions('pods decided, 1,000 apart from each other', { nodes: 1000, pods: 1000, spec: apart }),
  decisions('pods decided, 3,000 together in a zone', { ...usual, spec: together }),
  decisions('pods decided, 500 in place of others', full),
  {
    name: 'a node becomes possible: until its pod is bound',
    unit: 'ms',
    better: 'lower',
    measure: wakeMs,
  },
]

const requests = { cpu: '100m', memory: '128Mi' }
const [LOW, HIGH] = [0, 1000]
/** Of such pods four fill a node. */
const heavy = { cpu: '1', memory: '128Mi' }
const FILLERS = 4

const nodeAt = (index: number) =>
  aNode(`node-${index}`, { labels: { [topologyKey]: `zone-${index % 3}` } })

function decisions(name: string, scene: Scene): Bench {
  return { name, unit: '/s', better: 'higher', measure: () => decidedPerSecond(scene) }
}

function bindings(name: string, scene: Scene, against?: Bench['against']): Bench {
  const measure = () => boundPerSecond(scene)
  return { name, unit: '/s', better: 'higher', measure, ...(against && { against }) }
}

function decidedPerSecond({ nodes, pods, spec = {}, isFull = false }: Scene): number {
  const all = Array.from({ length: nodes }, (_, index) => nodeAt(index))
  const fillers = Array.from({ length: isFull ? FILLERS * nodes : 0 }, (_, index) =>
    aPod({ name: `filler-${index}`, node: `node-${index % nodes}`, requests: heavy }),
  )
  const view = viewOf({ nodes: all, pods: fillers })
  const decider = new Decider({ plugins, view, random: systemRandom })
  const wanted = isFull
    ? { requests: heavy, spec: { ...spec, priority: HIGH } }
    : { requests, spec }
  const begunAt = performance.now()
  for (let index = 0; index < pods; index++) {
    const pod = podInfo(aPod({ name: `pod-${index}`, labels, ...wanted }))
    const decision = decider.decide(pod)
    if (decision.type === 'placed') {
      view.snapshot.assume(pod, decision.nodeName)
      continue
    }
    const { rescue } = decision
    if (!rescue) throw new Error(decision.message)
    for (const { key } of rescue.victims) view.snapshot.removePod(key)
    view.snapshot.assume(pod, rescue.nodeName)
  }
  return (pods / (performance.now() - begunAt)) * 1000
}

interface BoundCluster extends AsyncDisposable {
  readonly client: Client
  readonly createPod: (name: string, wish: PodWish) => Promise<void>
  /** Runs a scheduler until so many pods are bound; says how long that took. */
  readonly schedule: (count: number, meanwhile?: () => Promise<void>) => Promise<number>
}

async function boundPerSecond({ nodes, pods, spec = {}, isFull }: Scene): Promise<number> {
  await using cluster = await startBoundCluster(nodes)
  if (isFull) {
    const fillers = FILLERS * nodes
    const wish = { requests: heavy, spec: { priority: LOW, terminationGracePeriodSeconds: 0 } }
    await inParallel(fillers, (index) => cluster.createPod(`filler-${index}`, wish))
    await cluster.schedule(fillers)
  }
  const priorityClassName = 'important'
  const wish = isFull ? { requests: heavy, spec: { priorityClassName } } : { requests, spec }
  await inParallel(pods, (index) => cluster.createPod(`pod-${index}`, { labels, ...wish }))
  const tookMs = await cluster.schedule(pods)
  const waiting = await cluster.client.list(Pod, { fieldSelector: 'spec.nodeName=' })
  if (waiting.length > 0) throw new Error(`bound: ${waiting.length} pods have no node`)
  return (pods / tookMs) * 1000
}

const CHANGES = 50

/** The middle of many times, each from the label that a node is given to the binding. */
async function wakeMs(): Promise<number> {
  await using cluster = await startBoundCluster(CHANGES)
  const { client } = cluster
  await inParallel(CHANGES, (index) =>
    cluster.createPod(`pod-${index}`, { spec: { nodeSelector: { place: `${index}` } } }),
  )
  const times: number[] = []
  await cluster.schedule(CHANGES, async () => {
    while ((await client.list(Pod, { fieldSelector: 'spec.nodeName=' })).some(isUntried)) {
      await systemClock.sleep(LOOK_MS)
    }
    for (let index = 0; index < CHANGES; index++) {
      const begunAt = performance.now()
      const patch = { metadata: { labels: { place: `${index}` } } }
      await client.patch(Node, { name: `node-${index}` }, patch)
      const name = { name: `pod-${index}`, namespace: 'default' }
      while (!(await client.get(Pod, name)).spec.nodeName) await systemClock.sleep(1)
      times.push(performance.now() - begunAt)
    }
  })
  return times.toSorted((a, b) => a - b)[CHANGES / 2]!
}

const isUntried = ({ status }: Pod): boolean => !status.conditions?.length

async function startBoundCluster(nodes: number): Promise<BoundCluster> {
  const [clock, random] = [systemClock, systemRandom]
  const flags = { 'disable-admission-plugins': 'ServiceAccount,TaintNodesByCondition' }
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startServerProcess({ flags }))
  const ca = await readFile(CERTIFICATE_FILE, 'utf8')
  const credentials: Credentials = {
    headers: async () => ({ authorization: `Bearer ${ADMIN_TOKEN}` }),
    tls: async () => ({ ca }),
    renew: async () => false,
  }
  const target = { server: server.url, userAgent: 'bench', credentials }
  const client = new Client({ connection: stack.use(new Connection({ ...target, clock })) })
  await client.create(PriorityClass, { metadata: { name: 'important' }, value: HIGH })
  await inParallel(nodes, async (index) => {
    const { metadata, status } = nodeAt(index)
    await client.create(Node, { metadata, status })
  })
  const sink = { write: () => undefined }
  const format = { service: 'bench', level: 'warn', format: 'json', colours: false } as const
  const log = createLog({ ...format, clock, sink })
  const everything = stack.move()
  return {
    client,
    async createPod(name, { labels: own = {}, requests: wanted, spec }) {
      const resources = wanted ? { requests: wanted } : {}
      const containers = [{ name: 'main', image: 'image', resources }]
      const metadata = { name, namespace: 'default', labels: own }
      await client.create(Pod, { metadata, spec: { containers, ...spec } })
    },
    async schedule(count, meanwhile) {
      let bound = 0
      const nothing = (): undefined => undefined
      const idle = { attempted: nothing, preempted: nothing, watch: nothing }
      const metrics = { ...idle, bound: () => void bound++ }
      const ending = new AbortController()
      const parts = { client, clock, random, log, metrics, profiles: [defaultProfile] }
      const begunAt = performance.now()
      const running = runScheduler({ ...parts, instance: 'bench' }, ending.signal)
      await meanwhile?.()
      while (bound < count) await clock.sleep(LOOK_MS)
      const tookMs = performance.now() - begunAt
      ending.abort()
      await running
      return tookMs
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}
