/** Registers a node, and keeps saying that it lives and how it is. */
import { findCondition } from '#api/conditions.ts'
import { Lease } from '#api/kinds/coordination/lease.ts'
import { Node } from '#api/kinds/core/node.ts'
import type { NodeStatus } from '#api/parts/core/node-status.ts'
import { isReason } from '#api/status.ts'
import type { EventRecorder } from '#client/events.ts'
import { microTime } from '#client/micro-time.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { NodeSettings, NodeState } from './node-facts.ts'
import {
  type Amounts,
  conditionEvents,
  isNews,
  newNode,
  nodePatch,
  nodeStatusOf,
} from './node-object.ts'

export interface NodeAgentParts {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly events: EventRecorder
  readonly settings: NodeSettings
  /** As the watch has it. */
  readonly seen: () => Node | undefined
  readonly amounts: () => Amounts
  read(): Promise<NodeState>
}

/** As upstream: looked at so often, reported when there is news, or after so long without. */
const STATUS_MS = 10_000
/** A node that is not ready, such as one without addresses for pods yet, is about to be. */
const UNREADY_MS = 500
const REPORT_MS = 300_000
const RETRY_MS = 2000
const LEASE_NAMESPACE = 'kube-node-lease'
const LEASE_SECONDS = 40
const LEASE_MS = 10_000

export class NodeAgent implements AsyncDisposable {
  readonly #parts: NodeAgentParts
  readonly #stopping = new AbortController()
  #running: Promise<void>[] = []
  #reported: NodeStatus | undefined
  #reportedAtMs = -Infinity
  #wasUnschedulable = false
  #lease: Lease | undefined
  #isWoken = Promise.withResolvers<void>()

  constructor(parts: NodeAgentParts) {
    this.#parts = parts
  }

  /** Resolves once the API server has the node; then goes on by itself. */
  async start(signal: AbortSignal): Promise<void> {
    const { log, clock, settings } = this.#parts
    for (;;) {
      try {
        await this.#register()
        break
      } catch (error) {
        signal.throwIfAborted()
        log.warn('node not registered, trying again', { node: settings.name, error })
        await clock.sleep(RETRY_MS, signal)
      }
    }
    this.#running = [this.#keepReporting(), this.#keepLease()]
  }

  /** Something has changed that should be known soon. */
  wake(): void {
    this.#isWoken.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the kubelet is stopping', 'AbortError'))
    await settleAll(this.#running)
  }

  async #register(): Promise<void> {
    const { client, settings, read, events } = this.#parts
    const { info } = await read()
    const { name } = settings
    let node = await client.find(Node, { name })
    if (!node) {
      if (!settings.registers) throw new Error(`node ${name}: not there, and may not be created`)
      node = await client.create(Node, newNode(settings, info.architecture)).catch((error) => {
        if (isReason(error, 'AlreadyExists')) return client.get(Node, { name })
        throw error
      })
    }
    const patch = nodePatch(node, settings, info.architecture)
    if (patch) node = await client.patch(Node, { name }, patch, { type: 'strategic' })
    events.normal(node, 'Starting', 'Starting kubelet.')
    await this.#report(node)
  }

  async #keepReporting(): Promise<void> {
    const { log, settings, random } = this.#parts
    const { signal } = this.#stopping
    // Nodes that were started together shall not report together for ever.
    let delayMs = isReady(this.#reported) ? random.jitter(STATUS_MS / 2, 1) : UNREADY_MS
    while (!signal.aborted) {
      await this.#pause(delayMs)
      if (signal.aborted) return
      delayMs = STATUS_MS
      try {
        await this.#report()
        if (!isReady(this.#reported)) delayMs = UNREADY_MS
      } catch (error) {
        if (signal.aborted) return
        log.warn('status of the node not reported', { node: settings.name, error })
        // Whoever deletes a node means it: only a kubelet that starts registers it again.
        delayMs = isReason(error, 'NotFound') ? STATUS_MS : RETRY_MS
      }
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#stopping
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    await Promise.race([clock.sleep(delayMs, either).catch(() => undefined), this.#isWoken.promise])
    over.abort()
    this.#isWoken = Promise.withResolvers()
  }

  async #report(known?: Node): Promise<void> {
    const { client, clock, settings, read, amounts, seen } = this.#parts
    const state = await read()
    const node = known ?? seen() ?? (await client.get(Node, { name: settings.name }))
    this.#tellWhetherSchedulable(node)
    const before = node.status
    const status = nodeStatusOf(before, settings, state, amounts(), clock.now())
    const isDue = clock.monotonic() - this.#reportedAtMs >= REPORT_MS
    if (!isDue && this.#reported && !isNews(this.#reported, status) && !isNews(before, status)) {
      return
    }
    const patch = { status: statusPatch(before, status) }
    await client.patch(Node, { name: settings.name }, patch, {
      type: 'strategic',
      subresource: 'status',
    })
    for (const reason of conditionEvents(this.#reported, status)) this.#tell(node, reason)
    this.#reported = status
    this.#reportedAtMs = clock.monotonic()
  }

  #tellWhetherSchedulable(node: Node): void {
    const isUnschedulable = node.spec.unschedulable ?? false
    if (isUnschedulable === this.#wasUnschedulable) return
    this.#wasUnschedulable = isUnschedulable
    this.#tell(node, isUnschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable')
  }

  #tell(node: Node, reason: string): void {
    const { events, settings } = this.#parts
    events.normal(node, reason, `Node ${settings.name} status is now: ${reason}`)
  }

  async #keepLease(): Promise<void> {
    const { clock, log, settings } = this.#parts
    const { signal } = this.#stopping
    while (!signal.aborted) {
      let delayMs = LEASE_MS
      try {
        await this.#renewLease()
      } catch (error) {
        if (signal.aborted) return
        this.#lease = undefined
        log.warn('lease of the node not renewed', { node: settings.name, error })
        delayMs = RETRY_MS
      }
      await clock.sleep(delayMs, signal).catch(() => undefined)
    }
  }

  async #renewLease(): Promise<void> {
    const { client, clock, settings, seen } = this.#parts
    const { signal } = this.#stopping
    const { name } = settings
    const target = { name, namespace: LEASE_NAMESPACE }
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: microTime(clock),
    }
    const present = this.#lease ?? (await client.find(Lease, target, { signal }))
    if (present) {
      this.#lease = await client.update(Lease, { ...present, spec }, { signal })
      return
    }
    const node = seen() ?? (await client.get(Node, { name }, { signal }))
    const owner = { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }
    const metadata = { ...target, ownerReferences: [owner] }
    this.#lease = await client.create(Lease, { metadata, spec }, { signal })
  }
}

const isReady = (status: NodeStatus | undefined): boolean =>
  findCondition(status?.conditions, 'Ready')?.status === 'True'

/** What is a list in the status is one as a whole, except conditions, of which others have some. */
function statusPatch(before: NodeStatus | undefined, after: NodeStatus): object {
  const { conditions, addresses, ...rest } = after
  const changed = Object.entries(rest).filter(
    ([field, value]) =>
      JSON.stringify((before as Record<string, unknown> | undefined)?.[field]) !==
      JSON.stringify(value),
  )
  const isMoved = JSON.stringify(before?.addresses) !== JSON.stringify(addresses)
  return {
    ...Object.fromEntries(changed),
    conditions,
    ...(isMoved && { addresses: [...(addresses ?? []), { $patch: 'replace' }] }),
  }
}
