/**
 * Counts what namespaces use of their quotas. The server charges quotas for what is created; what
 * is deleted, what ends and what was there before is found here.
 */
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { Service } from '#api/kinds/core/service.ts'
import type { PartialObjectMetadata } from '#api/kinds/meta/partial-object-metadata.ts'
import { ResourceClaim } from '#api/kinds/resource/resource-claim.ts'
import { textsOf } from '#api/rules/quota/amounts.ts'
import { evaluatorOf } from '#api/rules/quota/evaluators.ts'
import { isReason } from '#api/status.ts'
import type { ObjectResource } from '#client/controller.ts'
import type { ControllerParts, ControllerWork, FreeController } from '#client/controllers.ts'
import type { Change } from '#client/informer.ts'
import { WorkQueue } from '#client/queue.ts'
import {
  type ApiObject,
  keyOf,
  metadataOf,
  referenceFromKey,
  resourceId,
} from '#client/resource.ts'
import { reference } from '#daemon/log.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { DiscoveredResource } from '../discovered-resources.ts'
import { Monitors } from '../resource-monitors.ts'
import { countedBy, isCharged, isLess, sameAmounts, usedOf } from './resource-quota-usage.ts'

const NAME = 'resourcequota-controller'
const WORKERS = 5
/** As upstream: pods may stop to count as time passes, and a count may have been too early. */
export const RECOUNT_MS = 5 * 60_000
/** New objects are charged for already: they are no reason to hurry. */
const CREATED_DELAY_MS = 1000
/**
 * A request is charged before its object is there. Whoever counts in between would give back what
 * is about to be used, so that less is found only some time after the last charge.
 */
const QUIET_MS = 500

/** Kinds that are counted by what they say. */
const special: readonly ObjectResource[] = [Pod, Service, PersistentVolumeClaim, ResourceClaim]

export const resourceQuotaController = (recountMs = RECOUNT_MS): FreeController => ({
  name: NAME,
  prepare: (parts) => new QuotaCounter(parts, recountMs),
})

class QuotaCounter implements ControllerWork {
  readonly #parts: ControllerParts
  readonly #recountMs: number
  readonly #queue: WorkQueue
  readonly #monitors: Monitors
  readonly #chargedAt = new Map<string, number>()
  readonly #listening = new DisposableStack()
  readonly #stopping = new AbortController()
  #workers: Promise<unknown> | undefined

  constructor(parts: ControllerParts, recountMs: number) {
    this.#parts = parts
    this.#recountMs = recountMs
    const { clock, metrics, informers } = parts
    this.#queue = new WorkQueue({ clock, ...(metrics && { metrics: metrics(NAME) }) })
    for (const kind of [ResourceQuota, ...special]) informers.get<ApiObject>(kind)
    this.#monitors = new Monitors(parts, {
      changed: (resource, change) => this.#counted(resource, change),
      added: (resource) => this.#known(resource),
      dropped: (resource) => this.#known(resource),
    })
  }

  get isIdle(): boolean {
    return this.#monitors.isIdle && this.#queue.isIdle
  }

  get isRetrying(): boolean {
    return this.#monitors.isRetrying || this.#queue.isRetrying
  }

  start(): void {
    const { informers } = this.#parts
    this.#monitors.start()
    this.#workers = this.#monitors.ready.then(() => this.#begin())
    this.#listening.use(informers.get(ResourceQuota).onChange((change) => this.#quota(change)))
    for (const kind of special) {
      const listener = (change: Change<ApiObject>): void => this.#changed(kind, change)
      this.#listening.use(informers.get<ApiObject>(kind).onChange(listener))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { clock, graceMs } = this.#parts
    const reason = new DOMException('the quota controller is stopping', 'AbortError')
    this.#listening.dispose()
    await this.#monitors[Symbol.asyncDispose]()
    using _timer = clock.setTimeout(() => this.#stopping.abort(reason), graceMs)
    await this.#queue.stop()
    if (this.#monitors.wasReady) await this.#workers
  }

  #begin(): Promise<unknown> {
    return settleAll(Array.from({ length: WORKERS }, () => this.#work()))
  }

  #quota({ type, object, previous }: Change<ResourceQuota>): void {
    const key = keyOf(object)
    if (type === 'removed') {
      this.#chargedAt.delete(key)
      return
    }
    if (previous && isCharged(object, previous)) {
      this.#chargedAt.set(key, this.#parts.clock.monotonic())
    }
    // Of a change of the status nothing new is learnt.
    const isNew = !previous || !sameAmounts(object.spec.hard, object.status.hard)
    if (isNew) this.#queue.add(key)
  }

  /** Its objects can be counted from now on, or not any more. */
  #known(resource: DiscoveredResource): void {
    const name = resourceId(resource)
    for (const quota of this.#parts.informers.get(ResourceQuota).cache.list()) {
      if (countedBy(quota.spec).has(name)) this.#queue.add(keyOf(quota))
    }
  }

  /** Objects of the special kinds are also seen without their contents, which does not matter. */
  #counted(resource: DiscoveredResource, change: Change<PartialObjectMetadata>): void {
    const name = resourceId(resource)
    if (special.some((kind) => resourceId(kind) === name) || change.type === 'updated') return
    this.#enqueue(name, change)
  }

  #changed(kind: ObjectResource, change: Change<ApiObject>): void {
    const name = resourceId(kind)
    const { object, previous } = change
    if (previous) {
      const nowMs = this.#parts.clock.now()
      const evaluator = evaluatorOf(name)
      const [now, before] = [object, previous].map((each) => textsOf(evaluator.usage(each, nowMs)))
      if (sameAmounts(now, before)) return
    }
    this.#enqueue(name, change)
  }

  #enqueue(resource: string, { type, object }: Change<ApiObject>): void {
    const { namespace } = object.metadata
    if (!namespace) return
    for (const quota of this.#parts.informers.get(ResourceQuota).cache.list(namespace)) {
      if (!countedBy(quota.spec).has(resource)) continue
      this.#queue.addAfter(keyOf(quota), type === 'added' ? CREATED_DELAY_MS : 0)
    }
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take()
      if (key === undefined) return
      try {
        await this.#recount(key)
        this.#queue.forget(key)
      } catch (error) {
        this.#failed(key, error)
      }
      this.#queue.done(key)
    }
  }

  #failed(key: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const quota = reference(ResourceQuota.kind, referenceFromKey(key))
    const fields = { quota, failures: this.#queue.failures(key) + 1, error }
    // Requests are charged all the time: the next count begins with what they have written.
    if (isReason(error, 'Conflict')) this.#parts.log.debug('recount met a conflict', fields)
    else this.#parts.log.warn('recount failed', fields)
    this.#queue.retry(key)
  }

  async #recount(key: string): Promise<void> {
    const { informers, client, clock } = this.#parts
    const quota = informers.get(ResourceQuota).cache.get(referenceFromKey(key))
    if (!quota) return
    const { namespace = '' } = quota.metadata
    const { hard = {} } = quota.spec
    const used = usedOf(quota.spec, (name) => this.#objectsOf(name, namespace), clock.now())
    const { status } = quota
    const isSameBound = sameAmounts(hard, status.hard)
    this.#queue.addAfter(key, this.#recountMs)
    if (isSameBound && sameAmounts(used, status.used)) return
    const chargedAt = this.#chargedAt.get(key) ?? -QUIET_MS
    const waitMs = chargedAt + QUIET_MS - clock.monotonic()
    if (isSameBound && isLess(used, status.used) && waitMs > 0) {
      this.#queue.addAfter(key, waitMs)
      return
    }
    const { signal } = this.#stopping
    try {
      await client.updateStatus(ResourceQuota, quota, { hard, used }, { signal })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  #objectsOf(name: string, namespace: string): readonly object[] | undefined {
    const { informers } = this.#parts
    const kind = special.find((each) => resourceId(each) === name)
    if (kind) return informers.get<ApiObject>(kind).cache.list(namespace)
    const resource = this.#monitors.resourceNamed(name)
    if (!resource) return undefined
    const informer = informers.get(metadataOf(resource))
    return informer.isSynced ? informer.cache.list(namespace) : undefined
  }
}
