/** Puts addresses of balancers on the links of this node, and takes them off again. */
import { Node } from '#api/kinds/core/node.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import type { InformerSet } from '#client/informer-set.ts'
import { keyOf, referenceFromKey } from '#client/resource.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { Commands } from './commands.ts'
import { planHeldAddresses } from './held-addresses.ts'
import { applyHeldAddresses, linkAddresses } from './ip.ts'
import { byService, OURS } from './watched.ts'
import { Worker } from './worker.ts'

export interface AddressHolderParts {
  readonly informers: InformerSet
  readonly commands: Commands
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly nodeName: string
}

export class AddressHolder implements AsyncDisposable {
  readonly #parts: AddressHolderParts
  readonly #worker: Worker
  readonly #listeners = new DisposableStack()

  constructor(parts: AddressHolderParts) {
    const { clock, random, log } = parts
    this.#parts = parts
    this.#worker = new Worker({
      clock,
      random,
      work: () => this.#sync(),
      failed: (error) => log.error('cannot take the addresses of balancers', { error }),
    })
  }

  /** Resolves when the addresses are there for the first time. */
  async start(signal: AbortSignal): Promise<void> {
    const { informers } = this.#parts
    const nodes = informers.get(Node)
    const services = informers.get(Service, { labelSelector: OURS })
    const slices = informers.get(EndpointSlice, { labelSelector: OURS })
    await informers.synced(signal)
    this.#listeners.use(
      services.onChange(({ object, previous }) => {
        const isOne = [object, previous].some((each) => each?.spec.type === 'LoadBalancer')
        if (isOne) this.#worker.wake()
      }),
    )
    this.#listeners.use(
      slices.onChange(({ object }) => {
        const [key] = byService.values(object)
        const service = key && services.cache.get(referenceFromKey(key))
        if (service && service.spec.type === 'LoadBalancer') this.#worker.wake()
      }),
    )
    this.#listeners.use(
      nodes.onChange(({ object, previous }) => {
        if (!previous || holdingFacts(previous) !== holdingFacts(object)) this.#worker.wake()
      }),
    )
    this.#worker.wake()
    await this.#worker.settled()
  }

  /** Resolves when the addresses follow all that was seen so far. */
  settled(): Promise<void> {
    return this.#worker.settled()
  }

  /** They stay, as the rules do: whoever takes over finds them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.dispose()
    await this.#worker[Symbol.asyncDispose]()
  }

  async #sync(): Promise<void> {
    const { commands, informers, nodeName } = this.#parts
    const slices = informers.get(EndpointSlice, { labelSelector: OURS }).cache
    const wanted = planHeldAddresses({
      services: informers.get(Service, { labelSelector: OURS }).cache.list(),
      slicesOf: (service) => slices.by(byService, keyOf(service)),
      nodes: informers.get(Node).cache.list(),
      nodeName,
      links: await linkAddresses(commands, 'IPv4'),
    })
    await applyHeldAddresses(commands, wanted)
  }
}

/** Nodes report all day; only whether one is fit to hold addresses matters here. */
function holdingFacts({ metadata, status }: Node): string {
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready')
  const addresses = (status.addresses ?? []).map(({ address }) => address)
  return JSON.stringify([ready?.status, metadata.deletionTimestamp, metadata.labels, addresses])
}
