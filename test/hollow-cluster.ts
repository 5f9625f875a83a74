/** A real API server and a node that only pretends, in one process, on a clock that the test moves. */
import { Event as CoreEvent } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Input } from '#api/schema.ts'
import { EventReporter } from '#client/events.ts'
import type { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { HollowNode, type HollowNodeParts } from '#kubelet/hollow/hollow-node.ts'
import { HollowRuntime } from '#kubelet/hollow/hollow-runtime.ts'
import { startTestServer } from './api-server.ts'
import { connect } from './connect.ts'

type PodInput = Input<typeof Pod>
type Spec = Partial<NonNullable<PodInput['spec']>>

export interface HollowCluster extends AsyncDisposable {
  readonly client: Client
  readonly clock: ManualClock
  readonly runtime: HollowRuntime
  readonly logged: readonly string[]
  node: HollowNode
  /** Resolves when the kubelet has nothing to do until time passes. */
  settle(): Promise<void>
  /** Lets time pass without waiting for what it sets going. */
  drift(ms: number): Promise<void>
  /** Lets time pass in steps, each of which settles. */
  pass(ms: number): Promise<void>
  /** Runs a pod on the node; it is created, not waited for. */
  run(name: string, spec?: Spec, annotations?: Record<string, string>): Promise<Pod>
  get(name: string): Promise<Pod>
  find(name: string): Promise<Pod | undefined>
  /** What was reported about a pod, as `reason: message`, in order. */
  eventsOf(name: string): Promise<string[]>
  /** What was reported about anything. */
  eventTexts(): Promise<string[]>
  /** Ends the kubelet as a crash would, and starts another one over the same runtime. */
  restart(between?: () => Promise<unknown>): Promise<void>
}

const NODE = 'node-1'
/** Real sockets answer when they please; work that waits for time itself never becomes idle. */
const TURNS_MAX = 100_000
const QUIET_TURNS = 6
const STEP_MS = 1000
const DRIFT_STEP_MS = 250
const DRIFT_TURNS = 2000

export async function startHollowCluster(
  options: { readonly wrap?: (runtime: HollowRuntime) => HollowRuntime } = {},
): Promise<HollowCluster> {
  const clock = new ManualClock()
  await using stack = new AsyncDisposableStack()
  const admission = { disable: ['ServiceAccount', 'TaintNodesByCondition'] }
  const server = stack.use(await startTestServer({ clock, settings: { admission } }))
  const connected = stack.use(
    connect(server.url, { clock, namespace: 'default', carrier: 'socket' }),
  )
  const { client, random, log, logged, informers } = connected
  const events = stack.use(new EventReporter({ client, clock, random, log, host: NODE }))
  const pods = informers.get(Pod, { fieldSelector: `spec.nodeName=${NODE}` })
  const nodes = informers.get(Node)
  const annotations = new Map<string, Readonly<Record<string, string>>>()
  pods.onChange(({ object }) => {
    annotations.set(object.metadata.uid, object.metadata.annotations ?? {})
  })
  let address = 0
  const runtime = new HollowRuntime({
    clock,
    random,
    annotationsOf: (uid) => annotations.get(uid) ?? {},
    nextIp: () => `10.244.0.${++address}`,
  })
  stack.use(runtime)
  const parts: Omit<HollowNodeParts, 'runtime'> = {
    ...{ client, clock, random, log, number: 0, hollow: { cpus: 4 } },
    events: events.for('kubelet'),
    feed: pods,
    seen: () => nodes.cache.get({ name: NODE }),
    settings: {
      name: NODE,
      labels: {},
      taints: [],
      providerId: undefined,
      addresses: [{ type: 'InternalIP', address: '192.168.0.1' }],
      port: 10_250,
      podsMax: 110,
      registers: true,
    },
  }
  const start = async (): Promise<HollowNode> => {
    const node = new HollowNode({ ...parts, runtime: options.wrap?.(runtime) ?? runtime })
    await node.start(new AbortController().signal)
    return node
  }
  const isQuiet = (): boolean => cluster.node.kubelet.isIdle && shows()
  const shows = (): boolean => {
    const resource = server.parts.resources.find('', 'v1', 'pods')!
    const entries = server.parts.store.list(resource.prefix).entries
    const stored = entries
      .map((entry) => resource.parse(entry))
      .filter((each) => pods.shows(each as unknown as Pod))
    return (
      stored.length === pods.cache.size &&
      stored.every(
        ({ metadata }) =>
          pods.cache.get(metadata)?.metadata.resourceVersion === metadata.resourceVersion,
      )
    )
  }
  const quieten = async (turnsMax: number): Promise<void> => {
    for (let quiet = 0, turns = 0; quiet < QUIET_TURNS && turns < turnsMax; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      quiet = isQuiet() ? quiet + 1 : 0
    }
  }
  const everything = stack.move()
  const target = (name: string) => ({ name, namespace: 'default' })
  const cluster: HollowCluster = {
    client,
    clock,
    runtime,
    logged,
    node: await start(),
    async settle() {
      await quieten(Infinity)
      await events.settled()
    },
    async drift(ms) {
      for (let left = ms; left > 0; left -= DRIFT_STEP_MS) {
        clock.jump(Math.min(DRIFT_STEP_MS, left))
        await quieten(DRIFT_TURNS)
      }
    },
    async pass(ms) {
      await quieten(TURNS_MAX)
      for (let left = ms; left > 0; left -= STEP_MS) {
        clock.jump(Math.min(STEP_MS, left))
        await quieten(TURNS_MAX)
      }
    },
    run: (name, spec = {}, notes = {}) =>
      client.create(Pod, {
        metadata: { name, namespace: 'default', annotations: notes },
        spec: { nodeName: NODE, containers: [{ name: 'main', image: 'web:1' }], ...spec },
      }),
    get: (name) => client.get(Pod, target(name)),
    find: (name) => client.find(Pod, target(name)),
    async eventsOf(name) {
      const all = await client.list(CoreEvent, { namespace: 'default' })
      return all
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`)
    },
    async eventTexts() {
      const all = await client.list(CoreEvent, { namespace: 'default' })
      return all.map(({ reason, message }) => `${reason}: ${message}`)
    },
    async restart(between) {
      await cluster.node[Symbol.asyncDispose]()
      await between?.()
      cluster.node = await start()
    },
    async [Symbol.asyncDispose]() {
      await cluster.node[Symbol.asyncDispose]()
      await everything.disposeAsync()
    },
  }
  return cluster
}
