/** Keeps the routes from this node to the pods of all others, as nodes come, move and go. */
import type { IpFamily } from '#api/ip.ts'
import { Node } from '#api/kinds/core/node.ts'
import type { Informer } from '#client/informer.ts'
import type { InformerSet } from '#client/informer-set.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { Commands } from './commands.ts'
import { applyRoutes, followRoutes, linkAddresses } from './ip.ts'
import { ensureForwarding } from './kernel.ts'
import { type Overlay, planRoutes, routeFacts } from './routes.ts'
import { Worker } from './worker.ts'

export interface NodeRoutesParts {
  readonly informers: InformerSet
  readonly commands: Commands
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly nodeName: string
  readonly families: readonly IpFamily[]
  readonly overlay: Exclude<Overlay, 'none'>
}

/** Routes go together, as when a link goes down, which may be about to come up again. */
const REPAIR_DELAY_MS = 500
const FOLLOW_AGAIN_MS = 10_000

export class NodeRoutes implements AsyncDisposable {
  readonly #parts: NodeRoutesParts
  readonly #nodes: Informer<Node>
  readonly #worker: Worker
  readonly #stack = new DisposableStack()
  #wanted = new Set<string>()
  #devices = new Set<string>()
  #told = ''
  #following: Disposable | undefined
  #repair: Timer | undefined

  constructor(parts: NodeRoutesParts) {
    const { informers, clock, random, log } = parts
    this.#parts = parts
    this.#nodes = informers.get(Node)
    this.#worker = new Worker({
      clock,
      random,
      work: () => this.#sync(),
      failed: (error) => log.error('cannot set the routes to other nodes', { error }),
    })
  }

  /** Resolves when the routes are there for the first time. */
  async start(signal: AbortSignal): Promise<void> {
    const { commands, families, log } = this.#parts
    await this.#parts.informers.synced(signal)
    for (const family of families) {
      const error = await ensureForwarding(commands, family)
      if (error) {
        log.error('pods reach nobody: found forwarding of packets off, wanted it switched on', {
          family,
          error,
        })
      }
    }
    this.#stack.use(
      this.#nodes.onChange(({ object, previous }) => {
        // Nodes report their health all day; only their addresses matter here.
        if (previous && routeFacts(previous) === routeFacts(object)) return
        this.#worker.wake()
      }),
    )
    this.#worker.wake()
    await this.#worker.settled()
  }

  /** Resolves when the routes follow all nodes that were seen so far. */
  settled(): Promise<void> {
    return this.#worker.settled()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stack.dispose()
    this.#repair?.cancel()
    await this.#worker[Symbol.asyncDispose]()
    this.#following?.[Symbol.dispose]()
  }

  async #sync(): Promise<void> {
    const { commands, families, nodeName, overlay, log } = this.#parts
    this.#following ??= followRoutes(
      commands,
      ({ destination, device }) => {
        // The links of pods come and go all day, and lead to no other node.
        const isOurs = destination ? this.#wanted.has(destination) : this.#devices.has(device!)
        if (isOurs) this.#again(REPAIR_DELAY_MS)
      },
      (why) => {
        log.warn('cannot see whether routes go, will look again', { why })
        this.#following = undefined
        this.#again(FOLLOW_AGAIN_MS)
      },
    )
    const problems: string[] = []
    const [wanted, devices] = [new Set<string>(), new Set<string>()]
    for (const family of families) {
      const links = await linkAddresses(commands, family)
      for (const { device } of links) devices.add(device)
      const nodes = this.#nodes.cache.list()
      const plan = planRoutes({ nodes, nodeName, links, overlay, family })
      for (const { node, why } of plan.unreachable) problems.push(`${node}: ${why}`)
      for (const { destination } of plan.routes) wanted.add(destination)
      await applyRoutes(commands, family, plan)
    }
    this.#wanted = wanted
    this.#devices = devices
    const told = problems.join('; ')
    if (told && told !== this.#told) log.warn('pods of some nodes cannot be reached', { problems })
    this.#told = told
  }

  #again(delayMs: number): void {
    this.#repair?.cancel()
    this.#repair = this.#parts.clock.setTimeout(() => this.#worker.wake(), delayMs)
  }
}
