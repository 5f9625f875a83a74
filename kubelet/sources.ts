/**
 * What the kubelet reads for its pods: ConfigMaps and Secrets that one of them names, each watched
 * by its name and once for all of them, and the Services.
 */
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { Service } from '#api/kinds/core/service.ts'
import { Informer, type InformerParts } from '#client/informer.ts'
import type { ApiObject, Resource } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { ConfigError } from './config-error.ts'
import type { EnvironmentSources } from './environment.ts'
import { readEnvironmentFile } from './environment-file.ts'
import { type PodReference, referencesOfPod } from './pod-references.ts'

/** How long a pod waits for the first sight of an object before it fails, and is tried again. */
const SYNC_MS = 5000
const MASTER_NAMESPACE = 'default'

export type SourceListener = (namespace: string, reference: PodReference) => void

type WatchedKind = PodReference['kind']

export interface SourcesParts extends InformerParts {
  /** Of the kubelet, as in `--root-dir`. */
  readonly rootDirectory: string
}

export class Sources implements EnvironmentSources, AsyncDisposable {
  readonly #parts: SourcesParts
  readonly #watched = new Map<string, Watched>()
  /** By the uid of the pod: the keys of what it names. */
  readonly #used = new Map<string, ReadonlySet<string>>()
  readonly #listeners = new Set<SourceListener>()
  readonly #ending = new Set<Promise<void>>()
  #services: Informer<Service> | undefined

  constructor(parts: SourcesParts) {
    this.#parts = parts
  }

  /** Before anything of the pod is read, and again for a newer pod. */
  use(pod: Pod): void {
    const { uid, namespace = '' } = pod.metadata
    const before = this.#used.get(uid) ?? new Set<string>()
    const now = new Set<string>()
    for (const reference of referencesOfPod(pod)) {
      const key = keyOf(reference.kind, namespace, reference.name)
      now.add(key)
      if (before.has(key)) continue
      this.#watched.getOrInsertComputed(key, () => this.#watch(namespace, reference)).users.add(uid)
    }
    this.#used.set(uid, now)
    for (const key of before) if (!now.has(key)) this.#leave(key, uid)
  }

  /** The last pod that names something ends the watch on it. */
  forget(podUid: string): void {
    for (const key of this.#used.get(podUid) ?? []) this.#leave(key, podUid)
    this.#used.delete(podUid)
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#read<ConfigMap>('ConfigMap', namespace, name)
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#read<Secret>('Secret', namespace, name)
  }

  /** Those of the namespace, and of the one in which the API server has its own. */
  async services(namespace: string): Promise<readonly Service[]> {
    this.#services ??= new Informer(this.#parts, Service)
    const message = 'services have not yet been read at least once, cannot construct envvars'
    await this.#synced(this.#services, message)
    const { cache } = this.#services
    const own = cache.list(namespace)
    return namespace === MASTER_NAMESPACE ? own : [...cache.list(MASTER_NAMESPACE), ...own]
  }

  environmentFile(pod: Pod, volume: string, path: string): Promise<string | undefined> {
    return readEnvironmentFile(this.#parts.rootDirectory, pod, volume, path)
  }

  /** Hears of everything that appears, changes or goes. */
  onChange(listener: SourceListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** How many watches on single objects there are. */
  get watches(): number {
    return this.#watched
      .values()
      .filter((each) => each.informer !== undefined)
      .toArray().length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear()
    for (const watched of this.#watched.values()) this.#end(watched)
    this.#watched.clear()
    await settleAll([...this.#ending, this.#services?.[Symbol.asyncDispose]()])
  }

  #watch(namespace: string, reference: PodReference): Watched {
    const { kind, name } = reference
    const selectors = { namespace, fieldSelector: `metadata.name=${name}` }
    const resource = resources[kind]
    const informer: Informer<ApiObject> = new Informer(this.#parts, resource, selectors)
    const watched: Watched = { users: new Set(), informer, last: undefined }
    informer.onChange((change) => {
      const object = change.type === 'removed' ? undefined : change.object
      watched.last = object
      // It can never change: to watch it would be in vain.
      if ((object as ConfigMap | undefined)?.immutable) this.#end(watched)
      for (const listener of this.#listeners) listener(namespace, reference)
    })
    return watched
  }

  async #read<S>(kind: WatchedKind, namespace: string, name: string): Promise<S | undefined> {
    const watched = this.#watched.get(keyOf(kind, namespace, name))
    if (!watched) throw new ConfigError(`object "${namespace}"/"${name}" not registered`)
    if (watched.informer) {
      const message = `failed to sync ${kind.toLowerCase()} cache: timed out waiting for the condition`
      await this.#synced(watched.informer, message)
    }
    return watched.last as S | undefined
  }

  async #synced(
    informer: Informer<never> | Informer<Service> | Informer<ApiObject>,
    message: string,
  ) {
    if (informer.isSynced) return
    const late = Promise.withResolvers<never>()
    const giveUp = (): void => late.reject(new ConfigError(message))
    using _timer = this.#parts.clock.setTimeout(giveUp, SYNC_MS, { background: true })
    await Promise.race([informer.synced, late.promise])
  }

  #leave(key: string, podUid: string): void {
    const watched = this.#watched.get(key)
    watched?.users.delete(podUid)
    if (!watched || watched.users.size > 0) return
    this.#watched.delete(key)
    this.#end(watched)
  }

  #end(watched: Watched): void {
    const { informer } = watched
    if (!informer) return
    watched.informer = undefined
    const ending = informer[Symbol.asyncDispose]().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }
}

interface Watched {
  readonly users: Set<string>
  /** Not there for what cannot change any more. */
  informer: Informer<ApiObject> | undefined
  last: ApiObject | undefined
}

const resources: Readonly<Record<WatchedKind, Resource<ApiObject, unknown>>> = {
  ConfigMap: ConfigMap as unknown as Resource<ApiObject, unknown>,
  Secret: Secret as unknown as Resource<ApiObject, unknown>,
}

const keyOf = (kind: WatchedKind, namespace: string, name: string): string =>
  `${kind}/${namespace}/${name}`
