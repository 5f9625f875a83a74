/**
 * Stored objects that plugins ask for with nearly every request, parsed once for each version. A
 * watch forgets what has changed within the commit, so that nobody is shown what is out of date.
 */
import type { Resource, ResourceTable } from '../resources.ts'
import type { Change, Store, Watch } from '../store/store.ts'

/** Objects and lists kept of each resource; beyond it all are forgotten, to be read again. */
const KEPT_MAX = 4096

/** The objects are shared: nobody may change them. */
export class CachedObjects<T extends object> implements Disposable {
  readonly #store: Store
  readonly #resource: Resource
  readonly #objects = new Map<string, T | undefined>()
  readonly #lists = new Map<string, readonly T[]>()
  readonly #watch: Watch
  #isFed = true

  constructor(store: Store, resource: Resource) {
    this.#store = store
    this.#resource = resource
    this.#watch = store.watch(
      { prefix: resource.prefix, after: store.revision },
      {
        change: (change) => this.#forget(change),
        end: () => this.#starve(),
      },
    )
  }

  get(namespace: string, name: string): T | undefined {
    const key = this.#resource.keyOf(namespace, name)
    return this.#kept(this.#objects, key, () => this.#read(key))
  }

  /** In the order of names; of all namespaces with ''. */
  list(namespace: string): readonly T[] {
    const prefix = this.#resource.prefixOf(namespace)
    return this.#kept(this.#lists, prefix, () =>
      this.#store.list(prefix).entries.map((entry) => this.#resource.parse(entry) as T),
    )
  }

  [Symbol.dispose](): void {
    this.#watch.close()
    this.#starve()
  }

  #read(key: string): T | undefined {
    const entry = this.#store.get(key)
    return entry && (this.#resource.parse(entry) as T)
  }

  #kept<V>(memory: Map<string, V>, at: string, read: () => V): V {
    if (memory.has(at)) return memory.get(at)!
    const value = read()
    if (!this.#isFed) return value
    if (memory.size >= KEPT_MAX) memory.clear()
    memory.set(at, value)
    return value
  }

  #forget({ key }: Change): boolean {
    this.#objects.delete(key)
    this.#lists.delete(this.#resource.prefix)
    this.#lists.delete(key.slice(0, key.lastIndexOf('/') + 1))
    return true
  }

  /** Without its watch nothing may be kept. */
  #starve(): void {
    this.#isFed = false
    this.#objects.clear()
    this.#lists.clear()
  }
}

export class ObjectCache implements Disposable {
  readonly #store: Store
  readonly #resources: ResourceTable
  readonly #caches = new Map<Resource, CachedObjects<object>>()

  constructor(store: Store, resources: ResourceTable) {
    this.#store = store
    this.#resources = resources
  }

  /** The type is the caller's word for what the kind of the resource describes. */
  of<T extends object>(plural: string, group = '', version = 'v1'): CachedObjects<T> {
    const resource = this.#resources.find(group, version, plural)
    if (!resource) throw new Error(`admission: no resource "${plural}" in "${group}/${version}"`)
    let cached = this.#caches.get(resource)
    if (!cached) {
      cached = new CachedObjects(this.#store, resource)
      this.#caches.set(resource, cached)
    }
    return cached as CachedObjects<T>
  }

  [Symbol.dispose](): void {
    for (const cached of this.#caches.values()) cached[Symbol.dispose]()
  }
}
