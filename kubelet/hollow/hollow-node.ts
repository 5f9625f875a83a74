/** One node that runs no containers, and shares every other step with those that do. */
import type { Node } from '#api/kinds/core/node.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { ImagePuller } from '../images.ts'
import { Kubelet } from '../kubelet.ts'
import { capacityOf } from '../node/capacity.ts'
import { NodeAgent } from '../node/node-agent.ts'
import type { NodeSettings } from '../node/node-facts.ts'
import type { PodFeed } from '../pod-feed.ts'
import type { NodeContext } from '../pod-parts.ts'
import { noProvisions } from '../provisions.ts'
import { hollowProber } from './hollow-prober.ts'
import { type HollowOptions, HollowRuntime } from './hollow-runtime.ts'

export interface HollowNodeParts {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly events: EventRecorder
  readonly feed: PodFeed
  readonly seen: () => Node | undefined
  readonly settings: NodeSettings
  /** Of this node among its like, for addresses. */
  readonly number: number
  readonly hollow: Pick<HollowOptions, 'behaviour' | 'failureShare' | 'cpus' | 'memoryBytes'>
  /** Lets others ask the node, and gives the port; nobody can unless given. */
  readonly serve?: (node: HollowNode) => Promise<number>
  /** One that has pods already; a new one unless given. */
  readonly runtime?: HollowRuntime
}

const DISK_BYTES = 200 * 2 ** 30
const noSecrets = { secret: async () => undefined }

export class HollowNode implements AsyncDisposable {
  readonly runtime: HollowRuntime
  readonly kubelet: Kubelet
  readonly #parts: HollowNodeParts
  readonly #started = new AsyncDisposableStack()
  #address = 0

  constructor(parts: HollowNodeParts) {
    this.#parts = parts
    const { client, clock, random, log, events, feed, seen, hollow } = parts
    this.runtime = parts.runtime ?? this.#newRuntime(hollow)
    const { runtime } = this
    const { images } = runtime
    this.kubelet = new Kubelet({
      ...{ client, runtime, events, clock, random, log, feed, thisNode: seen },
      images: new ImagePuller({ images, sources: noSecrets, events, clock }),
      provisions: noProvisions,
      prober: hollowProber(runtime),
      node: this.context,
      admission: { allowedSysctls: ['*'], acceptsRuntimeClass: () => true },
      pressures: () => [],
    })
  }

  /** Resolves when the node is registered and its pods are known. */
  async start(signal: AbortSignal): Promise<void> {
    const { client, clock, random, log, events, seen, settings } = this.#parts
    const { runtime } = this
    const info = await runtime.info()
    const { name } = settings
    const ids = { machineID: name, systemUUID: name, bootID: name }
    const fixed = { info, ids, problems: [], pressures: new Set<string>() }
    const read = async () => ({ ...fixed, images: await runtime.images.list() })
    const capacity = this.#capacity()
    const amounts = () => ({ capacity, allocatable: capacity })
    const port = (await this.#parts.serve?.(this)) ?? settings.port
    const about = { ...settings, port }
    const agent = new NodeAgent({
      ...{ client, clock, random, log, events, settings: about, seen, amounts, read },
    })
    this.#started.use(agent)
    await agent.start(signal)
    await this.kubelet.start(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kubelet[Symbol.asyncDispose]()
    await this.#started.disposeAsync()
    if (!this.#parts.runtime) await this.runtime[Symbol.asyncDispose]()
  }

  #newRuntime(hollow: HollowNodeParts['hollow']): HollowRuntime {
    const { clock, random } = this.#parts
    return new HollowRuntime({
      ...{ clock, random, ...hollow },
      annotationsOf: (uid) =>
        this.kubelet.all().find(({ metadata }) => metadata.uid === uid)?.metadata.annotations ?? {},
      nextIp: () => this.#nextIp(),
    })
  }

  /** Two bytes for the node and one for the pod; they are numbers, and nobody answers there. */
  #nextIp(): string {
    const { number } = this.#parts
    this.#address = (this.#address % 254) + 1
    return `10.${128 + ((number >> 8) & 0x7f)}.${number & 0xff}.${this.#address}`
  }

  #capacity(): Readonly<Record<string, string>> {
    const { hollow, settings } = this.#parts
    const { cpus = 8, memoryBytes = 32 * 2 ** 30 } = hollow
    return capacityOf({
      info: { cpus, memoryBytes },
      diskBytes: DISK_BYTES,
      podsMax: settings.podsMax,
    })
  }

  get context(): NodeContext {
    const { settings, hollow } = this.#parts
    const { memoryBytes = 32 * 2 ** 30 } = hollow
    return {
      nodeName: settings.name,
      clusterDomain: 'cluster.local',
      hostIps: settings.addresses.flatMap(({ type, address }) =>
        type === 'InternalIP' ? [address] : [],
      ),
      runtime: 'hollow',
      resources: { memoryBytes },
      security: { seccompFolder: '/', seccompDefault: false },
      allocatable: this.#capacity(),
    }
  }
}
