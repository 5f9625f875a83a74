/** The informers of a process: whoever wants the same objects shares one watch and one cache. */
import { settleAll } from '#daemon/settle-all.ts'
import { Informer, type InformerParts } from './informer.ts'
import { type AnyResource, type ApiObject, type Resource, resourceId } from './resource.ts'
import type { Selectors } from './rest.ts'

export class InformerSet implements AsyncDisposable {
  readonly #parts: InformerParts
  readonly #informers = new Map<string, Informer<ApiObject>>()

  constructor(parts: InformerParts) {
    this.#parts = parts
  }

  /** Starts it, if nobody else has. */
  get<S extends ApiObject>(resource: Resource<S, unknown>, selectors: Selectors = {}): Informer<S> {
    const key = keyFor(resource, selectors)
    const known = this.#informers.get(key)
    if (known) return known as unknown as Informer<S>
    const informer = new Informer(this.#parts, resource, selectors)
    this.#informers.set(key, informer as unknown as Informer<ApiObject>)
    return informer
  }

  /**
   * Ends, for everybody, the informer of a resource that is not served any more. One that somebody
   * has started since, as the resource is back, goes on.
   */
  async drop<S extends ApiObject>(informer: Informer<S>): Promise<void> {
    const key = keyFor(informer.resource, informer.selectors)
    const known: unknown = this.#informers.get(key)
    if (known === informer) this.#informers.delete(key)
    await informer[Symbol.asyncDispose]()
  }

  get all(): readonly Informer<ApiObject>[] {
    return [...this.#informers.values()]
  }

  /** Resolves when each has what was there when it started. */
  async synced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, reject } = Promise.withResolvers<never>()
    const give = (): void => reject(signal.reason)
    signal.addEventListener('abort', give, { once: true })
    try {
      await Promise.race([Promise.all(this.all.map(({ synced }) => synced)), promise])
    } finally {
      signal.removeEventListener('abort', give)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await settleAll(this.all.map((informer) => informer[Symbol.asyncDispose]()))
  }
}

function keyFor(resource: AnyResource, selectors: Selectors): string {
  const { namespace = '', labelSelector = '', fieldSelector = '' } = selectors
  const { version, scope = '', isMetadataOnly } = resource
  const view = isMetadataOnly ? 'metadata' : ''
  return [resourceId(resource), version, scope, view, namespace, labelSelector, fieldSelector].join(
    '\n',
  )
}
