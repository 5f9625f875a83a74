/**
 * Deletes objects whose owners are gone, lets owners wait for their dependents, and makes
 * dependents forget owners that go without them. What owns an object is in the same namespace as
 * the object, or in none.
 */
import type { PartialObjectMetadata } from '#api/kinds/meta/partial-object-metadata.ts'
import type { OwnerReference } from '#api/parts/meta/object-meta.ts'
import { isReason } from '#api/status.ts'
import type { ControllerParts, ControllerWork, FreeController } from '#client/controllers.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Change } from '#client/informer.ts'
import { WorkQueue } from '#client/queue.ts'
import { RecentMap } from '#client/recent-map.ts'
import { metadataOf } from '#client/resource.ts'
import { reference } from '#daemon/log.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { DiscoveredResource } from '../discovered-resources.ts'
import { Monitors } from '../resource-monitors.ts'
import {
  blockingDependents,
  DependencyGraph,
  FOREGROUND,
  type GraphNode,
  isForeground,
  isMeant,
  isOrphaning,
  ORPHAN,
  ownersOf,
  type SeenObject,
} from './garbage-collector-graph.ts'
import { type Owners, type Plan, planOwned } from './garbage-collector-plan.ts'

const NAME = 'garbage-collector-controller'
const WORKERS = 20
/** Objects that are known to be gone; the server is asked about all others. */
const GONE_MAX = 10_000

export const garbageCollectorController: FreeController = {
  name: NAME,
  prepare: (parts) => new GarbageCollector(parts),
}

class GarbageCollector implements ControllerWork {
  readonly #parts: ControllerParts
  readonly #events: EventRecorder
  readonly #graph = new DependencyGraph()
  readonly #queue: WorkQueue
  readonly #monitors: Monitors
  readonly #gone = new RecentMap<DiscoveredResource['scope']>(GONE_MAX)
  readonly #stopping = new AbortController()
  #workers: Promise<unknown> | undefined

  constructor(parts: ControllerParts) {
    this.#parts = parts
    this.#events = parts.events.for(NAME)
    const { clock, metrics } = parts
    this.#queue = new WorkQueue({ clock, ...(metrics && { metrics: metrics(NAME) }) })
    this.#monitors = new Monitors(parts, {
      changed: (resource, change) => this.#changed(resource, change),
      dropped: (resource, isGone) => this.#dropped(resource, isGone),
    })
  }

  get isIdle(): boolean {
    return this.#monitors.isIdle && this.#queue.isIdle
  }

  get isRetrying(): boolean {
    return this.#monitors.isRetrying || this.#queue.isRetrying
  }

  start(): void {
    this.#monitors.start()
    this.#workers = this.#monitors.ready.then(() =>
      settleAll(Array.from({ length: WORKERS }, () => this.#work())),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { clock, graceMs } = this.#parts
    const reason = new DOMException('the garbage collector is stopping', 'AbortError')
    await this.#monitors[Symbol.asyncDispose]()
    using _timer = clock.setTimeout(() => this.#stopping.abort(reason), graceMs)
    await this.#queue.stop()
    if (this.#monitors.wasReady) await this.#workers
  }

  #changed(resource: DiscoveredResource, change: Change<PartialObjectMetadata>): void {
    const { metadata } = change.object
    if (change.type === 'removed') {
      this.#gone.set(metadata.uid, resource.scope)
      this.#enqueue(this.#graph.remove(metadata.uid))
    } else this.#enqueue(this.#graph.put(resource, metadata))
  }

  #dropped(resource: DiscoveredResource, isGone: boolean): void {
    for (const uid of [...this.#graph.of(resource)]) {
      if (isGone) this.#gone.set(uid, resource.scope)
      this.#enqueue(this.#graph.remove(uid))
    }
  }

  #enqueue(uids: Iterable<string>): void {
    for (const uid of uids) this.#queue.add(uid)
  }

  async #work(): Promise<void> {
    for (;;) {
      const uid = await this.#queue.take()
      if (uid === undefined) return
      try {
        await this.#look(uid)
        this.#queue.forget(uid)
      } catch (error) {
        this.#failed(uid, error)
      }
      this.#queue.done(uid)
    }
  }

  #failed(uid: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const { seen } = this.#graph.get(uid) ?? {}
    const object = seen ? reference(seen.resource.kind, seen.metadata) : uid
    const fields = { object, failures: this.#queue.failures(uid) + 1, error }
    // The object has changed, and comes again; or its owner is about to be seen.
    const isUsual = isReason(error, 'Conflict') || error instanceof NotSeenYet
    if (isUsual) this.#parts.log.debug('garbage collection comes again', fields)
    else this.#parts.log.warn('garbage collection failed', fields)
    this.#queue.retry(uid)
  }

  async #look(uid: string): Promise<void> {
    const node = this.#graph.get(uid)
    if (!node?.seen) return
    const { seen } = node
    if (isOrphaning(node)) return this.#orphan(node, seen)
    if (isForeground(node)) return this.#hasten(node, seen)
    if (seen.metadata.deletionTimestamp || ownersOf(node).length === 0) return
    const owners = await this.#ownersOf(node, seen)
    if (!owners) return
    const dependents = [...node.dependents]
    const isAnyWaiting = dependents.some(isForeground)
    const plan = planOwned(seen.metadata, owners, { count: dependents.length, isAnyWaiting })
    await ifThere(this.#carryOut(plan, seen))
  }

  async #carryOut(plan: Plan, seen: SeenObject): Promise<void> {
    if (plan.type === 'keep') return
    const { resource, metadata } = seen
    const object = reference(resource.kind, metadata)
    if (plan.type === 'release') {
      this.#parts.log.info('owners forgotten', { object })
      await this.#patch(seen, { ownerReferences: plan.ownerReferences })
      return
    }
    const { unblocked, policy } = plan
    let { resourceVersion } = metadata
    if (unblocked) {
      const patched = await this.#patch(seen, { ownerReferences: unblocked })
      resourceVersion = patched.metadata.resourceVersion
    }
    this.#parts.log.info('object deleted: its owners are gone', { object, policy })
    // Exactly what was judged: an object that has found another owner meanwhile stays.
    await this.#parts.client.delete(metadataOf(resource), metadata, {
      propagationPolicy: policy,
      preconditions: { uid: metadata.uid, resourceVersion },
      signal: this.#stopping.signal,
    })
  }

  /** The owner goes when all that wait for it to be forgotten have forgotten it. */
  async #orphan(node: GraphNode, seen: SeenObject): Promise<void> {
    const forgotten = [...node.dependents].map(async (dependent) => {
      if (!dependent.seen) return
      const ownerReferences = ownersOf(dependent).filter(({ uid }) => uid !== node.uid)
      await ifThere(this.#patch(dependent.seen, { ownerReferences }))
    })
    await settleAll(forgotten)
    await this.#withoutFinalizer(seen, ORPHAN)
  }

  /** The owner goes when nothing is left that blocks it. */
  async #hasten(node: GraphNode, seen: SeenObject): Promise<void> {
    if (blockingDependents(node).length === 0) await this.#withoutFinalizer(seen, FOREGROUND)
    for (const dependent of node.dependents) {
      if (!dependent.seen?.metadata.deletionTimestamp) this.#queue.add(dependent.uid)
    }
  }

  #withoutFinalizer(seen: SeenObject, finalizer: string): Promise<void> {
    const finalizers = seen.metadata.finalizers?.filter((name) => name !== finalizer) ?? []
    return ifThere(this.#patch(seen, { finalizers }))
  }

  /** Only as long as the object is as it was seen: lists are replaced as a whole. */
  #patch(
    { resource, metadata: { uid, resourceVersion, name, namespace } }: SeenObject,
    change: object,
  ): Promise<PartialObjectMetadata> {
    const { signal } = this.#stopping
    const patch = { metadata: { uid, resourceVersion, ...change } }
    return this.#parts.client.patch(metadataOf(resource), { name, namespace }, patch, { signal })
  }

  /** Undefined where nobody can say: the object is left alone. */
  async #ownersOf(node: GraphNode, seen: SeenObject): Promise<Owners | undefined> {
    const solid: OwnerReference[] = []
    const dangling: OwnerReference[] = []
    const waiting: OwnerReference[] = []
    for (const owner of ownersOf(node)) {
      const fate = await this.#fateOf(owner, seen)
      if (fate === undefined) return undefined
      const list = { solid, dangling, waiting }[fate]
      list.push(owner)
    }
    return { solid, dangling, waiting }
  }

  async #fateOf(owner: OwnerReference, dependent: SeenObject): Promise<Fate | undefined> {
    const { namespace } = dependent.metadata
    const node = this.#graph.get(owner.uid)
    if (node?.seen && isMeant(owner, node.seen, namespace)) {
      return isForeground(node) ? 'waiting' : 'solid'
    }
    const lastSeenIn = this.#gone.get(owner.uid)
    const resource = this.#monitors.resourceOf(owner.apiVersion, owner.kind)
    const scope = lastSeenIn ?? resource?.scope
    if (scope === undefined) {
      throw new Error(`owner ${owner.apiVersion} ${owner.kind}: no such resource`)
    }
    const isElsewhere = Boolean(node?.seen?.metadata.namespace)
    if (scope === 'Namespaced' && (isElsewhere || !namespace)) {
      this.#tellInvalid(owner, dependent)
      // Nothing in a namespace can own it, and no attempt will change that.
      if (!namespace) return undefined
    }
    return lastSeenIn ? 'dangling' : this.#fateThere(resource!, owner, namespace)
  }

  /** Asks the server, as the caches may not have come so far. */
  async #fateThere(
    resource: DiscoveredResource,
    { name, uid }: OwnerReference,
    namespace: string | undefined,
  ): Promise<Fate> {
    const { client } = this.#parts
    const { signal } = this.#stopping
    const place = resource.scope === 'Namespaced' ? { name, namespace } : { name }
    const found = await client.find(metadataOf(resource), place, { signal })
    if (found?.metadata.uid !== uid) return 'dangling'
    if (!resource.verbs.includes('watch') || this.#graph.get(uid)?.seen) return 'solid'
    // It may go before it is seen, and nobody would tell.
    throw new NotSeenYet(`owner ${resource.kind} "${name}": not seen yet`)
  }

  #tellInvalid(owner: OwnerReference, { resource, metadata }: SeenObject): void {
    const { apiVersion, kind, name, uid } = owner
    const { namespace = '' } = metadata
    const which = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
    const message = `ownerRef ${which} does not exist in namespace ${JSON.stringify(namespace)}`
    const about = { apiVersion: resource.apiVersion, kind: resource.kind, metadata }
    this.#events.warning(about, 'OwnerRefInvalidNamespace', message)
  }
}

type Fate = keyof Owners

/** The server has an object that no watch has shown yet. */
class NotSeenYet extends Error {
  override readonly name = 'NotSeenYet'
}

/** What is gone needs no more done about it. */
async function ifThere(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
