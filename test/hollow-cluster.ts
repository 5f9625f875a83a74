/** A real API server and a node that only pretends, on a clock that the test moves. */
import { Event as CoreEvent } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Input } from '#api/schema.ts'
import { EventReporter } from '#client/events.ts'
import type { Informer } from '#client/informer.ts'
import type { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { HollowNode, type HollowNodeParts } from '#kubelet/hollow/hollow-node.ts'
import { HollowRuntime } from '#kubelet/hollow/hollow-runtime.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { type Connected, connect } from './connect.ts'

type PodInput = Input<typeof Pod>
type Spec = Partial<NonNullable<PodInput['spec']>>

const NODE = 'node-1'
/** Real sockets answer when they please; work that waits for time itself never becomes idle. */
const TURNS_MAX = 100_000
const QUIET_TURNS = 6
const STEP_MS = 1000
const DRIFT_STEP_MS = 250
const DRIFT_TURNS = 2000

interface Options {
  readonly wrap?: (runtime: HollowRuntime) => HollowRuntime
}

export async function startHollowCluster(options: Options = {}): Promise<HollowCluster> {
  const clock = new ManualClock()
  const admission = { disable: ['ServiceAccount', 'TaintNodesByCondition'] }
  const server = await startTestServer({ clock, settings: { admission } })
  const connected = connect(server.url, { clock, namespace: 'default', carrier: 'socket' })
  const cluster = new HollowCluster(server, connected, options)
  await cluster.restart()
  return cluster
}

export class HollowCluster implements AsyncDisposable {
  readonly client: Client
  readonly clock: ManualClock
  readonly runtime: HollowRuntime
  readonly log: Log
  readonly logged: readonly string[]
  readonly #server: TestServer
  readonly #connected: Connected
  readonly #options: Options
  readonly #events: EventReporter
  readonly #pods: Informer<Pod>
  #node: HollowNode | undefined
  #address = 0

  constructor(server: TestServer, connected: Connected, options: Options) {
    const { client, clock, random, log, logged, informers } = connected
    this.#server = server
    this.#connected = connected
    this.#options = options
    this.client = client
    this.clock = clock
    this.log = log
    this.logged = logged
    this.#events = new EventReporter({ client, clock, random, log, host: NODE })
    this.#pods = informers.get(Pod, { fieldSelector: `spec.nodeName=${NODE}` })
    const annotations = new Map<string, Readonly<Record<string, string>>>()
    this.#pods.onChange(({ object }) => {
      annotations.set(object.metadata.uid, object.metadata.annotations ?? {})
    })
    this.runtime = new HollowRuntime({
      ...{ clock, random },
      annotationsOf: (uid) => annotations.get(uid) ?? {},
      nextIp: () => `10.244.0.${++this.#address}`,
    })
  }

  get node(): HollowNode {
    if (!this.#node) throw new Error('hollow cluster: it has no node, wanted restart() first')
    return this.#node
  }

  /** Resolves when the kubelet has nothing to do until time passes. */
  async settle(): Promise<void> {
    await this.#quieten(Infinity)
    await this.#events.settled()
  }

  /** Lets time pass without waiting for what it sets going. */
  async drift(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= DRIFT_STEP_MS) {
      this.clock.jump(Math.min(DRIFT_STEP_MS, left))
      await this.#quieten(DRIFT_TURNS)
    }
  }

  /** Lets time pass in steps, each of which settles. */
  async pass(ms: number): Promise<void> {
    await this.#quieten(TURNS_MAX)
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.jump(Math.min(STEP_MS, left))
      await this.#quieten(TURNS_MAX)
    }
  }

  /** Runs a pod on the node; it is created, not waited for. */
  run(name: string, spec: Spec = {}, annotations: Record<string, string> = {}): Promise<Pod> {
    return this.client.create(Pod, {
      metadata: { name, namespace: 'default', annotations },
      spec: { nodeName: NODE, containers: [{ name: 'main', image: 'web:1' }], ...spec },
    })
  }

  get(name: string): Promise<Pod> {
    return this.client.get(Pod, { name, namespace: 'default' })
  }

  find(name: string): Promise<Pod | undefined> {
    return this.client.find(Pod, { name, namespace: 'default' })
  }

  /** What was reported about a pod, as `reason: message`, in order. */
  async eventsOf(name: string): Promise<string[]> {
    const all = await this.client.list(CoreEvent, { namespace: 'default' })
    return all
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`)
  }

  /** What was reported about anything. */
  async eventTexts(): Promise<string[]> {
    const all = await this.client.list(CoreEvent, { namespace: 'default' })
    return all.map(({ reason, message }) => `${reason}: ${message}`)
  }

  /** Ends the kubelet as a crash would, and starts another one over the same runtime. */
  async restart(between?: () => Promise<unknown>): Promise<void> {
    await this.#node?.[Symbol.asyncDispose]()
    await between?.()
    const runtime = this.#options.wrap?.(this.runtime) ?? this.runtime
    this.#node = new HollowNode({ ...this.#nodeParts(), runtime })
    await this.#node.start(new AbortController().signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node?.[Symbol.asyncDispose]()
    await this.runtime[Symbol.asyncDispose]()
    await this.#events[Symbol.asyncDispose]()
    await this.#connected[Symbol.asyncDispose]()
    await this.#server[Symbol.asyncDispose]()
  }

  #nodeParts(): Omit<HollowNodeParts, 'runtime'> {
    const { client, clock, random, log, informers } = this.#connected
    const nodes = informers.get(Node)
    return {
      ...{ client, clock, random, log, number: 0, hollow: { cpus: 4 } },
      events: this.#events.for('kubelet'),
      feed: this.#pods,
      seen: () => nodes.cache.get({ name: NODE }),
      settings: {
        ...{ name: NODE, labels: {}, taints: [], providerId: undefined },
        ...{ port: 10_250, podsMax: 110, registers: true },
        addresses: [{ type: 'InternalIP', address: '192.168.0.1' }],
      },
    }
  }

  async #quieten(turnsMax: number): Promise<void> {
    for (let quiet = 0, turns = 0; quiet < QUIET_TURNS && turns < turnsMax; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      quiet = this.node.kubelet.isIdle && this.#isShown() ? quiet + 1 : 0
    }
  }

  /** The cache of pods is what lies in the store. */
  #isShown(): boolean {
    const { parts } = this.#server
    const resource = parts.resources.find('', 'v1', 'pods')!
    const stored = parts.store.list(resource.prefix).entries.map((each) => resource.parse(each))
    const shown = stored.filter((each) => this.#pods.shows(each as unknown as Pod))
    const { cache } = this.#pods
    if (shown.length !== cache.size) return false
    return shown.every(({ metadata }) => {
      const { resourceVersion } = cache.get(metadata)?.metadata ?? {}
      return resourceVersion === metadata.resourceVersion
    })
  }
}
