/** A cache that keeps itself up to date, and tells its listeners what changes. */

import type { Log } from '#daemon/log.ts'
import { reference } from '#daemon/log.ts'
import { Cache, type CacheReader } from './cache.ts'
import { type ReflectorParts, type ReflectorSink, reflect } from './reflector.ts'
import { type ApiObject, keyOf, type Resource, resourceId } from './resource.ts'
import type { Selectors } from './rest.ts'
import { selectorTest } from './selected.ts'
import type { WatchEvent } from './watch.ts'

export type Change<S> =
  | { readonly type: 'added'; readonly object: S; readonly previous?: undefined }
  | { readonly type: 'updated'; readonly object: S; readonly previous: S }
  | { readonly type: 'removed'; readonly object: S; readonly previous?: undefined }

export type ChangeListener<S> = (change: Change<S>) => void

export interface InformerParts extends ReflectorParts {
  readonly log: Log
  /** Makes whoever changes a shared object fail: for tests, as it costs time. */
  readonly frozen?: boolean
}

/**
 * The cache is up to date before anybody hears of a change, and a batch of changes is in it as a
 * whole. What a listener throws is logged, and nobody else's business.
 */
export class Informer<S extends ApiObject> implements AsyncDisposable {
  readonly resource: Resource<S, unknown>
  readonly selectors: Selectors
  /** Resolves when everything that was there at the start is in the cache. */
  readonly synced: Promise<void>
  readonly #parts: InformerParts
  readonly #cache = new Cache<S>()
  readonly #listeners = new Set<ChangeListener<S>>()
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  readonly #selects: (object: S) => boolean
  #isSynced = false

  constructor(parts: InformerParts, resource: Resource<S, unknown>, selectors: Selectors = {}) {
    this.#parts = parts
    this.resource = resource
    this.selectors = selectors
    this.#selects = selectorTest(resource, selectors)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.synced = promise
    const sink: ReflectorSink<S> = {
      replace: (objects, version) => {
        this.#replace(objects, version)
        this.#isSynced = true
        resolve()
      },
      apply: (events) => this.#apply(events),
    }
    const broken = (error: unknown): void => this.#report(error)
    const { signal } = this.#stopping
    this.#running = reflect({ broken, ...parts }, resource, selectors, sink, signal)
  }

  get cache(): CacheReader<S> & Pick<Cache<S>, 'reached' | 'removed'> {
    return this.#cache
  }

  /** Whether the cache has, or will have, something to do with this object. */
  shows(object: S): boolean {
    return this.#cache.get(object) !== undefined || this.#selects(object)
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  /** A late listener hears first of all that is there. */
  onChange(listener: ChangeListener<S>): Disposable {
    for (const object of this.#cache.list()) this.#tell(listener, { type: 'added', object })
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear()
    this.#stopping.abort(new DOMException('the informer is stopping', 'AbortError'))
    await this.#running
  }

  #replace(objects: readonly S[], version: string): void {
    const changes: Change<S>[] = []
    const present = new Set(objects.map(keyOf))
    for (const object of this.#cache.list()) {
      if (!present.has(keyOf(object))) this.#remove(object, changes)
    }
    for (const object of objects) this.#put(object, changes)
    this.#publish(changes, version)
  }

  #apply(events: readonly WatchEvent<S>[]): void {
    const changes: Change<S>[] = []
    let version = this.#cache.version
    for (const event of events) {
      version = event.object.metadata.resourceVersion
      if (event.type === 'DELETED') this.#remove(event.object, changes)
      else if (event.type !== 'BOOKMARK') this.#put(event.object, changes)
    }
    this.#publish(changes, version)
  }

  #put(object: S, changes: Change<S>[]): void {
    trim(object)
    if (this.#parts.frozen) freeze(object)
    const previous = this.#cache.put(object)
    if (!previous) changes.push({ type: 'added', object })
    else if (previous.metadata.uid !== object.metadata.uid) {
      // One went and a namesake came while nobody looked.
      changes.push({ type: 'removed', object: previous }, { type: 'added', object })
    } else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) {
      changes.push({ type: 'updated', object, previous })
    }
  }

  #remove(last: S, changes: Change<S>[]): void {
    trim(last)
    if (this.#cache.remove(last)) changes.push({ type: 'removed', object: last })
  }

  #publish(changes: readonly Change<S>[], version: string): void {
    this.#cache.advance(version)
    for (const change of changes) {
      for (const listener of this.#listeners) this.#tell(listener, change)
    }
  }

  #tell(listener: ChangeListener<S>, change: Change<S>): void {
    try {
      listener(change)
    } catch (error) {
      const object = reference(this.resource.kind, change.object.metadata)
      this.#parts.log.error('listener failed', { object, change: change.type, error })
    }
  }

  #report(error: unknown): void {
    const { namespace, labelSelector, fieldSelector } = this.selectors
    const which = { namespace, labelSelector, fieldSelector }
    this.#parts.log.warn('watch broken', { resource: resourceId(this.resource), ...which, error })
  }
}

/** Who changed what is half of an object's size, and nobody who reads a cache asks for it. */
function trim({ metadata }: ApiObject): void {
  const changeable = metadata as { managedFields?: unknown }
  if (changeable.managedFields) changeable.managedFields = undefined
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const each of Object.values(value)) freeze(each)
}
