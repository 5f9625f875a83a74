/** Looks after all pods of one node: a worker for each, told of what concerns it. */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Change } from '#client/informer.ts'
import type { Timer } from '#daemon/clock.ts'
import { type AdmissionFacts, refusalOf } from './admission.ts'
import type { Failed } from './ending.ts'
import { shortageFor } from './fit.ts'
import { orphanPod } from './orphan-pod.ts'
import type { PodFeed } from './pod-feed.ts'
import type { PodParts } from './pod-parts.ts'
import { type PodOrigin, PodWorker } from './pod-worker.ts'
import type { ObservedPod, RuntimeChange } from './runtime.ts'
import type { PodDirectory } from './server/pod-directory.ts'
import { isMirror } from './static-pods.ts'

export interface KubeletParts extends Omit<PodParts, 'shortage'> {
  readonly feed: PodFeed
  /** As the API has it, once it is registered. */
  readonly thisNode: () => Node | undefined
  readonly admission: Pick<AdmissionFacts, 'allowedSysctls' | 'acceptsRuntimeClass'>
  /** Tells of the pods that manifests on this node describe. */
  readonly startStatic?: () => Promise<void>
  /** The API shows such a pod no more, or not for long. */
  readonly onMirrorGone?: () => void
  /** Pressures under which the node is. */
  readonly pressures: () => readonly string[]
}

/** Events of a runtime may get lost without anybody's knowing: so rarely all is looked at anew. */
const RELIST_MS = 300_000
const RETRY_MS = 5000
const SHUTDOWN_POLL_MS = 100
const CRITICAL_PRIORITY = 2_000_000_000

const shutdownReason = {
  reason: 'Terminated',
  message: 'Pod was terminated in response to imminent node shutdown.',
  disruptionReason: 'TerminationByKubelet',
}

export class Kubelet implements PodDirectory, AsyncDisposable {
  readonly #parts: KubeletParts
  readonly #workers = new Map<string, PodWorker>()
  readonly #stopping = new AbortController()
  readonly #listeners = new DisposableStack()
  #running: Promise<void> | undefined
  #relisting: Promise<void> | undefined
  readonly #mirrors = new Map<string, Pod>()
  /** Static pods, by name, that wait for another one's end. */
  readonly #waiting = new Map<string, Pod>()
  #timer: Timer | undefined

  constructor(parts: KubeletParts) {
    this.#parts = parts
  }

  /** Resolves when every pod of the API and of the runtime has its worker. */
  async start(signal: AbortSignal): Promise<void> {
    const { runtime, feed } = this.#parts
    const changes = runtime.changes(this.#stopping.signal)
    const observed = await runtime.list()
    signal.throwIfAborted()
    await feed.synced
    signal.throwIfAborted()
    const known = new Set(observed.map(({ pod }) => pod.uid))
    const first: Pod[] = []
    let isFirst = true
    const listener = (change: Change<Pod>): void => {
      if (isFirst) first.push(change.object)
      else this.#change(change)
    }
    this.#listeners.use(feed.onChange(listener))
    // All that was there has been heard of; what comes from here on is news.
    isFirst = false
    for (const pod of first.filter(isMirror)) this.#mirrors.set(keyOf(pod), pod)
    for (const pod of first.filter((each) => !isMirror(each)).toSorted(byAge)) {
      this.#add(pod, known.has(pod.metadata.uid))
    }
    await this.#parts.startStatic?.()
    this.#adopt(observed)
    await this.#releaseOrphans()
    this.#running = this.#follow(changes)
  }

  all(): readonly Pod[] {
    return Array.from(this.#workers.values(), ({ pod }) => pod)
  }

  find(namespace: string, name: string, uid?: string): Pod | undefined {
    return this.all().find(
      ({ metadata }) =>
        metadata.namespace === namespace &&
        metadata.name === name &&
        (uid === undefined || metadata.uid === uid),
    )
  }

  async containerId(
    { metadata }: Pod,
    container: string,
    { previous }: { readonly previous: boolean },
  ): Promise<string | undefined> {
    const { uid, name, namespace = '' } = metadata
    const known = this.#workers.get(uid)?.observed
    const { containers } = known ?? (await this.#parts.runtime.observe({ uid, name, namespace }))
    const attempts = containers
      .filter((each) => each.name === container && each.state !== 'created')
      .toSorted((a, b) => b.attempt - a.attempt)
    return attempts[previous ? 1 : 0]?.id
  }

  /** A pod that cannot stay here. */
  fail(uid: string, failed: Failed): void {
    this.#workers.get(uid)?.fail(failed)
  }

  /** Ends all pods for the node's sake, critical ones last. Resolves then, or when time is up. */
  async shutDown(graceMs: number, criticalMs: number): Promise<void> {
    const all = [...this.#workers.values()]
    const critical = all.filter(({ pod }) => (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY)
    const others = all.filter((each) => !critical.includes(each))
    await this.#endAll(others, Math.max(graceMs - criticalMs, 0))
    await this.#endAll(critical, criticalMs)
  }

  async #endAll(workers: readonly PodWorker[], graceMs: number): Promise<void> {
    const { clock } = this.#parts
    const left = new Set(workers.filter(({ isOver }) => !isOver))
    for (const worker of left) {
      const own = worker.pod.spec.terminationGracePeriodSeconds ?? 30
      const graceSeconds = Math.min(own, Math.floor(graceMs / 1000))
      worker.fail({ ...shutdownReason, graceSeconds })
    }
    const endsAt = clock.monotonic() + graceMs
    while (left.size > 0 && clock.monotonic() < endsAt) {
      await clock.sleep(SHUTDOWN_POLL_MS)
      for (const worker of left) if (worker.isOver) left.delete(worker)
    }
  }

  /** The node itself has changed, such as by a pod's end: those that wait look again. */
  wakeAll(): void {
    for (const worker of this.#workers.values()) worker.wake()
  }

  /** Something that the pod waited for in vain has come. */
  retry(uid: string): void {
    this.#workers.get(uid)?.retryVolumes()
  }

  get isIdle(): boolean {
    return !this.#relisting && this.#workers.values().every(({ isIdle }) => isIdle)
  }

  /** Pods go on: whoever comes next finds them as they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the kubelet is stopping', 'AbortError'))
    this.#listeners.dispose()
    this.#timer?.cancel()
    await Promise.all(Array.from(this.#workers.values(), (each) => each[Symbol.asyncDispose]()))
    await this.#running
  }

  /** A pod that a manifest on this node describes; one of its name that ends comes first. */
  addStatic(pod: Pod): void {
    if (this.#workers.has(pod.metadata.uid)) return
    const before = this.#workers.values().find((each) => keyOf(each.pod) === keyOf(pod))
    if (before) this.#waiting.set(keyOf(pod), pod)
    else this.#work(pod, 'manifest').reflect(this.#mirrors.get(keyOf(pod)))
  }

  removeStatic(pod: Pod): void {
    if (this.#waiting.get(keyOf(pod))?.metadata.uid === pod.metadata.uid) {
      this.#waiting.delete(keyOf(pod))
    }
    this.#workers.get(pod.metadata.uid)?.remove()
  }

  /** What the API has of pods that are described here. */
  get mirrors(): readonly Pod[] {
    return [...this.#mirrors.values()]
  }

  #reflect({ type, object }: Change<Pod>): void {
    const key = keyOf(object)
    const isGone = type === 'removed' || object.metadata.deletionTimestamp !== undefined
    if (type === 'removed') this.#mirrors.delete(key)
    else this.#mirrors.set(key, object)
    const worker = this.#workers.values().find((each) => each.isStatic && keyOf(each.pod) === key)
    worker?.reflect(isGone ? undefined : object)
    if (isGone) this.#parts.onMirrorGone?.()
  }

  #change({ type, object }: Change<Pod>): void {
    if (isMirror(object)) {
      this.#reflect({ type, object } as Change<Pod>)
      return
    }
    const worker = this.#workers.get(object.metadata.uid)
    if (type === 'removed') worker?.remove()
    else if (worker) worker.update(object)
    else this.#add(object, false)
  }

  /** `isKnown`: it has run here before, and was let in then. */
  #add(pod: Pod, isKnown: boolean): void {
    const { phase } = pod.status
    const isOver = phase === 'Succeeded' || phase === 'Failed' || pod.metadata.deletionTimestamp
    const refusal = isKnown || isOver ? undefined : this.#refusal(pod)
    const worker = this.#work(pod, 'api')
    if (!refusal) return
    const { reason, message } = refusal
    this.#parts.events.warning(pod, reason, message)
    worker.fail({ reason, message: `Pod was rejected: ${message}`, isRefused: true })
  }

  #work(pod: Pod, origin: PodOrigin): PodWorker {
    const parts = {
      ...this.#parts,
      shortage: (each: Pod) => this.#shortage(each),
      onOver: (each: PodWorker) => {
        this.#workers.delete(each.uid)
        const next = this.#waiting.get(keyOf(each.pod))
        this.#waiting.delete(keyOf(each.pod))
        if (next) this.addStatic(next)
        this.wakeAll()
      },
    }
    const worker = new PodWorker(pod, parts, origin)
    this.#workers.set(pod.metadata.uid, worker)
    return worker
  }

  #refusal(pod: Pod) {
    const { thisNode, admission, pressures, node } = this.#parts
    return refusalOf(pod, {
      ...admission,
      node: thisNode(),
      allocatable: node.allocatable,
      others: this.#othersThan(pod),
      pressures: pressures(),
    })
  }

  #shortage(pod: Pod) {
    return shortageFor(pod, this.#othersThan(pod), this.#parts.node.allocatable)
  }

  #othersThan({ metadata }: Pod): readonly Pod[] {
    const others = this.#workers.values().filter((each) => each.uid !== metadata.uid)
    return Array.from(others, ({ pod }) => pod)
  }

  /** What runs for pods that nobody knows any more comes to its end. */
  #adopt(observed: readonly ObservedPod[]): void {
    for (const each of observed) {
      if (this.#workers.has(each.pod.uid)) continue
      this.#parts.log.info('ending a pod that the API server does not have', { pod: each.pod.name })
      this.#work(orphanPod(each, this.#parts.clock.now()), 'runtime')
    }
  }

  async #releaseOrphans(): Promise<void> {
    const { provisions, log } = this.#parts
    for (const uid of await provisions.orphans()) {
      if (this.#workers.has(uid)) continue
      await provisions.release(uid).catch((error) => {
        log.warn('files of a pod that is gone not removed', { uid, error })
      })
    }
  }

  /** Everything may have changed, and something may be there that nobody knows of. */
  #relist(): void {
    this.#relisting ??= this.#look().finally(() => {
      this.#relisting = undefined
    })
  }

  async #look(): Promise<void> {
    const { runtime, log, clock } = this.#parts
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        const observed = await runtime.list()
        if (signal.aborted) return
        for (const worker of this.#workers.values()) worker.observe()
        this.#adopt(observed)
        return
      } catch (error) {
        log.warn('runtime not looked at, trying again', { error })
        await clock.sleep(RETRY_MS, signal).catch(() => undefined)
      }
    }
  }

  async #follow(changes: AsyncIterable<RuntimeChange>): Promise<void> {
    const { clock, log } = this.#parts
    const { signal } = this.#stopping
    const tick = (): void => {
      this.#relist()
      this.#timer = clock.setTimeout(tick, RELIST_MS, { background: true })
    }
    this.#timer = clock.setTimeout(tick, RELIST_MS, { background: true })
    try {
      for await (const change of changes) {
        if (signal.aborted) break
        if (change.type === 'lost') this.#relist()
        else this.#workers.get(change.uid)?.observe()
      }
    } catch (error) {
      if (!signal.aborted) log.error('changes of the runtime cannot be followed', { error })
    }
  }
}

const keyOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`

const byAge = ({ metadata: a }: Pod, { metadata: b }: Pod): number =>
  (a.creationTimestamp ?? '').localeCompare(b.creationTimestamp ?? '')
