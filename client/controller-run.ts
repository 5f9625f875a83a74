/** Runs one controller: changes become keys, workers take them, failures come again. */

import { isReason } from '#api/status.ts'
import type { Timer } from '#daemon/clock.ts'
import { type Log, reference } from '#daemon/log.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { type CacheReader, controllerOf } from './cache.ts'
import {
  type CacheAccess,
  type Controller,
  DEFAULT_WORKERS,
  type ObjectResource,
  type ReconcileContext,
  type Reconciled,
} from './controller.ts'
import type { ControllerParts } from './controllers.ts'
import type { Change, Informer } from './informer.ts'
import { OwnWrites } from './own-writes.ts'
import { WorkQueue } from './queue.ts'
import {
  type ApiObject,
  isNamespaced,
  keyOf,
  type Reference,
  type Resource,
  referenceFromKey,
} from './resource.ts'

/** A write that no cache ever shows must not hold its key for good. */
const OWN_WRITES_WAIT_MAX_MS = 30_000

type AnyInformer = Informer<ApiObject>

export class ControllerRun implements AsyncDisposable {
  readonly #controller: Controller
  readonly #parts: ControllerParts
  readonly #log: Log
  readonly #informers = new Map<ObjectResource, AnyInformer>()
  readonly #queue: WorkQueue
  readonly #ownWrites: OwnWrites
  /** Keys that wait for their own writes, each with the timer that ends the wait. */
  readonly #held = new Map<string, Timer>()
  readonly #listeners = new DisposableStack()
  readonly #stopping = new AbortController()
  #workers: readonly Promise<void>[] = []

  constructor(controller: Controller, parts: ControllerParts) {
    this.#controller = controller
    this.#parts = parts
    this.#log = parts.log.child({ controller: controller.name })
    const { clock, metrics } = parts
    this.#queue = new WorkQueue({ clock, ...(metrics && { metrics: metrics(controller.name) }) })
    const { owns = [], watches = [], reads = [], selected = [] } = controller
    const kinds = [controller.for, ...owns, ...watches.map(({ kind }) => kind), ...reads]
    for (const kind of kinds) {
      const { selectors } = selected.find((each) => each.kind === kind) ?? {}
      this.#informers.set(kind, parts.informers.get(kind, selectors))
    }
    this.#ownWrites = new OwnWrites([...new Set(this.#informers.values())])
  }

  get name(): string {
    return this.#controller.name
  }

  /** Nothing is left to do, as far as is known now. */
  get isIdle(): boolean {
    return this.#queue.isIdle && this.#held.size === 0
  }

  /** Something has failed, and waits for its next attempt. */
  get isRetrying(): boolean {
    return this.#queue.isRetrying
  }

  /** To be called when all caches are filled: from here on it acts. */
  start(): void {
    const { for: kind, owns = [], watches = [], workers = DEFAULT_WORKERS } = this.#controller
    const access: CacheAccess = { cached: (each) => this.cached(each) }
    this.#listen(kind, ({ object }) => [object.metadata])
    for (const each of owns) this.#listen(each, (change) => this.#owners(change))
    for (const { kind: each, references } of watches) {
      this.#listen(each, (change) => references(change as never, access))
    }
    this.#workers = Array.from({ length: workers }, () => this.#work())
  }

  cached<S extends ApiObject>(kind: Resource<S, unknown>): CacheReader<S> {
    const informer = this.#informers.get(kind)
    if (informer) return informer.cache as unknown as CacheReader<S>
    throw new Error(`controller ${this.name}: has no cache of ${kind.kind}, wanted it in reads`)
  }

  /** Work that has begun may end within the grace; then its signal is aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.dispose()
    for (const timer of this.#held.values()) timer.cancel()
    this.#held.clear()
    const { clock, graceMs } = this.#parts
    const reason = new DOMException('the controller is stopping', 'AbortError')
    using _timer = clock.setTimeout(() => this.#stopping.abort(reason), graceMs)
    await this.#queue.stop()
    await settleAll(this.#workers)
  }

  #listen(
    kind: ObjectResource,
    references: (change: Change<ApiObject>) => Iterable<Reference>,
  ): void {
    const listener = (change: Change<ApiObject>): void => {
      // One change may concern an object twice, before and after, and is still one reason.
      for (const key of new Set([...references(change)].map(keyOf))) this.#queue.add(key)
    }
    this.#listeners.use(this.#informers.get(kind)!.onChange(listener))
  }

  #owners({ object, previous }: Change<ApiObject>): Reference[] {
    const { for: owned } = this.#controller
    return [object, previous].flatMap((each) => {
      const owner = each && controllerOf(each)
      if (owner?.kind !== owned.kind || groupOf(owner.apiVersion) !== owned.group) return []
      const namespace = isNamespaced(owned) ? each?.metadata.namespace : undefined
      return [{ name: owner.name, namespace }]
    })
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take()
      if (key === undefined) return
      // A key that is held comes by itself, whatever else concerns it meanwhile.
      if (!this.#held.has(key)) await this.#look(key)
      this.#queue.done(key)
    }
  }

  async #look(key: string): Promise<void> {
    const unseen = this.#ownWrites.unseen(key)
    if (unseen) this.#hold(key, unseen)
    else await this.#reconcile(key)
  }

  #hold(key: string, unseen: Promise<unknown>): void {
    const release = (): void => {
      this.#held.get(key)?.cancel()
      if (this.#held.delete(key)) this.#queue.add(key)
    }
    const giveUp = (): void => {
      this.#log.warn('own writes not seen in time', { object: this.#named(key) })
      this.#ownWrites.forget(key)
      release()
    }
    this.#held.set(key, this.#parts.clock.setTimeout(giveUp, OWN_WRITES_WAIT_MAX_MS))
    unseen.then(release, release)
  }

  /** Whatever happens to one object, the others go on. */
  async #reconcile(key: string): Promise<void> {
    try {
      const outcome = await this.#act(key)
      this.#queue.forget(key)
      const { requeueAfterMs } = outcome ?? {}
      if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      this.#report(key, error)
      this.#queue.retry(key)
    }
  }

  #act(key: string): Reconciled | undefined {
    const { reconcile, removed, for: kind } = this.#controller
    const target = referenceFromKey(key)
    const object = this.cached(kind).get(target)
    const context = this.#contextFor(key)
    return object ? reconcile(object as never, context) : removed?.(target, context)
  }

  #contextFor(key: string): ReconcileContext {
    const { client, clock, random, events } = this.#parts
    return {
      client: client.with({ onWrite: (write) => this.#ownWrites.note(key, write) }),
      events: events.for(this.#controller.component ?? this.name),
      log: this.#log.child({ object: this.#named(key) }),
      clock,
      random,
      signal: this.#stopping.signal,
      cached: (kind) => this.cached(kind),
    }
  }

  #report(key: string, error: unknown): void {
    const fields = { object: this.#named(key), failures: this.#queue.failures(key) + 1, error }
    // Somebody else was quicker: looking again is all there is to do.
    if (isReason(error, 'Conflict')) this.#log.debug('reconcile met a conflict', fields)
    else this.#log.warn('reconcile failed', fields)
  }

  #named(key: string): string {
    return reference(this.#controller.for.kind, referenceFromKey(key))
  }
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
