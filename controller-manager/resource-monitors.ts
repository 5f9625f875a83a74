/** Watches the metadata of every resource that can be watched and deleted, as they come and go. */
import { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import { APIService } from '#api/kinds/apiregistration/api-service.ts'
import type { PartialObjectMetadata } from '#api/kinds/meta/partial-object-metadata.ts'
import type { ObjectResource } from '#client/controller.ts'
import type { ControllerParts } from '#client/controllers.ts'
import type { Change, Informer } from '#client/informer.ts'
import { WorkQueue } from '#client/queue.ts'
import { metadataOf, resourceId } from '#client/resource.ts'
import { type DiscoveredResource, discoverResources } from './discovered-resources.ts'

export interface MonitorSink {
  changed(resource: DiscoveredResource, change: Change<PartialObjectMetadata>): void
  /** All its objects have been told. */
  added?(resource: DiscoveredResource): void
  /** It is not served any more; `isGone` when its objects cannot be there either. */
  dropped(resource: DiscoveredResource, isGone: boolean): void
}

interface Monitor {
  readonly resource: DiscoveredResource
  readonly informer: Informer<PartialObjectMetadata>
  readonly listening: Disposable
}

/** There are many, they change often, and nothing belongs to them. */
const ignored: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io'])
/** What changes when resources come and go. */
const definitions: readonly ObjectResource[] = [CustomResourceDefinition, APIService]
const DISCOVER = 'discover'
/** A resource whose server does not answer must not keep all the others from being looked at. */
const SYNC_WAIT_MAX_MS = 30_000

export class Monitors implements AsyncDisposable {
  readonly #parts: ControllerParts
  readonly #sink: MonitorSink
  readonly #monitors = new Map<string, Monitor>()
  readonly #queue: WorkQueue
  readonly #listening = new DisposableStack()
  readonly #stopping = new AbortController()
  readonly #ready = Promise.withResolvers<void>()
  #byKind: ReadonlyMap<string, DiscoveredResource> = new Map()
  #isReady = false
  #work: Promise<void> | undefined

  constructor(parts: ControllerParts, sink: MonitorSink) {
    this.#parts = parts
    this.#sink = sink
    this.#queue = new WorkQueue({ clock: parts.clock })
    for (const kind of definitions) parts.informers.get(kind)
  }

  get isIdle(): boolean {
    return this.#isReady && this.#queue.isIdle
  }

  get isRetrying(): boolean {
    return this.#queue.isRetrying
  }

  get wasReady(): boolean {
    return this.#isReady
  }

  /** Resolves when all that was there at first has been seen, or has been waited for enough. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  start(): void {
    const { informers } = this.#parts
    this.#queue.add(DISCOVER)
    for (const kind of definitions) {
      this.#listening.use(informers.get(kind).onChange(() => this.#queue.add(DISCOVER)))
    }
    this.#work = this.#run()
  }

  /** By API group and kind; the version of a reference may be any that there is or was. */
  resourceOf(apiVersion: string, kind: string): DiscoveredResource | undefined {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
    return this.#byKind.get(`${group}/${kind}`)
  }

  /** By plural and group, such as deployments.apps, if it is watched. */
  resourceNamed(name: string): DiscoveredResource | undefined {
    for (const { resource } of this.#monitors.values()) {
      if (resourceId(resource) === name) return resource
    }
    return undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the monitors are stopping', 'AbortError'))
    this.#listening.dispose()
    for (const { listening } of this.#monitors.values()) listening[Symbol.dispose]()
    await this.#queue.stop()
    await this.#work
  }

  async #run(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take()
      if (key === undefined) return
      try {
        await this.#discover()
        this.#queue.forget(key)
      } catch (error) {
        if (!this.#stopping.signal.aborted) {
          this.#parts.log.warn('resources not discovered', { error })
          this.#queue.retry(key)
        }
      }
      this.#queue.done(key)
    }
  }

  async #discover(): Promise<void> {
    const { client } = this.#parts
    const { signal } = this.#stopping
    const { resources, unreachable } = await discoverResources(client, { signal })
    this.#byKind = new Map(resources.map((each) => [`${each.group}/${each.kind}`, each]))
    const watched = new Map(
      resources.filter(isWatched).map((resource) => [monitorKey(resource), resource]),
    )
    for (const [key, { resource }] of this.#monitors) {
      const isSilent = unreachable.includes(resource.apiVersion)
      if (!watched.has(key) && !isSilent) this.#drop(key)
    }
    for (const [key, resource] of watched) if (!this.#monitors.has(key)) this.#add(key, resource)
    if (!this.#isReady) await this.#firstSync(signal)
    this.#checkDefinitions(resources)
  }

  #add(key: string, resource: DiscoveredResource): void {
    const informer = this.#parts.informers.get(metadataOf(resource))
    const listening = informer.onChange((change) => this.#sink.changed(resource, change))
    this.#monitors.set(key, { resource, informer, listening })
    void informer.synced.then(() => this.#sink.added?.(resource))
  }

  #drop(key: string): void {
    const { resource, informer, listening } = this.#monitors.get(key)!
    listening[Symbol.dispose]()
    this.#monitors.delete(key)
    void this.#parts.informers.drop(informer)
    const name = `${resource.plural}.${resource.group}`
    const { cache } = this.#parts.informers.get(CustomResourceDefinition)
    this.#sink.dropped(resource, cache.get({ name }) === undefined)
  }

  async #firstSync(signal: AbortSignal): Promise<void> {
    const { informers, clock, log } = this.#parts
    const over = new AbortController()
    const reason = new DOMException(`not seen within ${SYNC_WAIT_MAX_MS} ms`, 'TimeoutError')
    using _timer = clock.setTimeout(() => over.abort(reason), SYNC_WAIT_MAX_MS)
    try {
      await informers.synced(AbortSignal.any([signal, over.signal]))
    } catch (error) {
      signal.throwIfAborted()
      log.warn('work begins without some resources', { error })
    }
    this.#isReady = true
    this.#ready.resolve()
  }

  /** The server may say that a resource is established a moment before it serves it. */
  #checkDefinitions(resources: readonly DiscoveredResource[]): void {
    const served = new Set(resources.map(resourceId))
    for (const definition of this.#parts.informers.get(CustomResourceDefinition).cache.list()) {
      const { metadata, spec, status } = definition
      const isEstablished = status?.conditions?.some(
        (condition) => condition.type === 'Established' && condition.status === 'True',
      )
      if (metadata.deletionTimestamp || !isEstablished) continue
      if (!served.has(metadata.name) && spec.versions?.some((version) => version.served)) {
        throw new Error(`discovery: lacks ${metadata.name}, which is established`)
      }
    }
  }
}

const isWatched = (resource: DiscoveredResource): boolean =>
  !ignored.has(resourceId(resource)) &&
  ['delete', 'list', 'watch'].every((verb) => resource.verbs.includes(verb))

/** Another version, or another scope, is another watch. */
const monitorKey = (resource: DiscoveredResource): string =>
  `${resourceId(resource)} ${resource.version} ${resource.scope}`
