/** Finds resources by what references call them, as discovery showed them last. */
import type { CallOptions, Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { type DiscoveredResource, discoverResources } from './discovered-resources.ts'

/** What is not there is looked for again only after this: a wrong name may be asked for often. */
const AGAIN_MS = 30_000

export class FoundResources {
  #byKind: ReadonlyMap<string, DiscoveredResource> = new Map()
  #discoveredAt: number | undefined

  /** By group and kind; the version of a reference may be any that there is or was. */
  async of(
    { apiVersion = '', kind }: { readonly apiVersion?: string; readonly kind: string },
    client: Client,
    clock: Clock,
    options?: CallOptions,
  ): Promise<DiscoveredResource | undefined> {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
    const key = `${group}/${kind}`
    const known = this.#byKind.get(key)
    const isFresh =
      this.#discoveredAt !== undefined && clock.monotonic() - this.#discoveredAt < AGAIN_MS
    if (known || isFresh) return known
    const { resources } = await discoverResources(client, options)
    this.#byKind = new Map(resources.map((each) => [`${each.group}/${each.kind}`, each]))
    this.#discoveredAt = clock.monotonic()
    return this.#byKind.get(key)
  }
}
