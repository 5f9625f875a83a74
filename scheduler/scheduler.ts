/** Gives pods their nodes: watches, decides one pod at a time, and binds many at once. */
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason } from '#api/status.ts'
import type { SeriesReporter } from '#client/event-series.ts'
import type { Change } from '#client/informer.ts'
import type { InformerSet } from '#client/informer-set.ts'
import { type ApiObject, keyOf } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { type Log, reference } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { catalogFrom } from './catalog.ts'
import { type Advice, Decider, type Failure } from './decide.ts'
import { Evictor } from './evictor.ts'
import { explain, type NodeExplanation } from './explain.ts'
import { adviceOf, Extender, type ExtenderSettings } from './extender.ts'
import { Nominations } from './nominations.ts'
import type { ClusterEvent, ClusterView, Rescue, Reservation } from './plugin.ts'
import { type PodInfo, podInfoAfter } from './pod-info.ts'
import type { Profile } from './profile.ts'
import { SchedulingQueue, type Waiting } from './queue.ts'
import type { SchedulerMetrics } from './scheduler-metrics.ts'
import { Snapshot } from './snapshot.ts'
import { writePending } from './status-writer.ts'
import { StorageView, storageCaches, storageKinds } from './storage-view.ts'
import { Verdicts } from './verdicts.ts'

export interface SchedulerParts {
  readonly client: Client
  readonly informers: InformerSet
  /** Reports in the name of a profile. */
  readonly events: (schedulerName: string) => SeriesReporter
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly profiles: readonly Profile[]
  readonly metrics?: SchedulerMetrics
  readonly extenders?: readonly ExtenderSettings[]
  readonly initialBackoffMs?: number
  readonly maxBackoffMs?: number
}

/** Bindings and status writes under way; more would only queue up in the server. */
const WRITES_MAX = 32
/** How long decisions may follow each other before others have their turn. */
const TURN_MS = 10
/** Pods that have ended hold nothing any more. */
const livePods = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' }

export class Scheduler implements AsyncDisposable {
  readonly snapshot = new Snapshot()
  readonly verdicts = new Verdicts()
  readonly queue: SchedulingQueue
  readonly #parts: SchedulerParts
  readonly #deciders: ReadonlyMap<string, Decider>
  readonly #profiles: ReadonlyMap<string, Profile>
  readonly #nominations = new Nominations()
  readonly #evictor: Evictor
  readonly #extenders: readonly Extender[]
  readonly #stopping = new AbortController()
  readonly #storage: StorageView
  readonly #view: ClusterView
  readonly #writes = new Set<Promise<void>>()
  /** Pods that have a node and wait for what they need there. */
  readonly #preparing = new Map<Waiting, Preparation>()
  readonly #listening = new DisposableStack()
  #running: Promise<void> = Promise.resolve()
  #turnBegan = 0

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    const { clock, random, informers, profiles, initialBackoffMs, maxBackoffMs } = parts
    this.#storage = new StorageView(storageCaches(informers))
    const { snapshot } = this
    const nominations = this.#nominations
    const storage = this.#storage
    const view: ClusterView = { snapshot, storage, nominations, ...catalogFrom(informers) }
    this.#view = view
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]))
    this.#deciders = new Map(
      profiles.map(({ schedulerName, plugins, percentageOfNodesToScore }) => [
        schedulerName,
        new Decider({ plugins, view, random, percentageOfNodesToScore }),
      ]),
    )
    this.queue = new SchedulingQueue({
      clock,
      view,
      pluginsOf: ({ spec }) => this.#profiles.get(spec.schedulerName)?.plugins ?? [],
      ...(initialBackoffMs !== undefined && { initialBackoffMs }),
      ...(maxBackoffMs !== undefined && { maxBackoffMs }),
    })
    this.#extenders = (parts.extenders ?? []).map((each) => new Extender(each, clock))
    const withdraw = (pod: PodInfo): boolean => this.#withdraw(pod)
    this.#evictor = new Evictor({ ...parts, nominations, withdraw })
    informers.get(Node)
    informers.get(Pod, livePods)
  }

  /** Begins when all caches are filled. */
  async start(signal: AbortSignal): Promise<void> {
    const { informers } = this.#parts
    await informers.synced(signal)
    const listeners = this.#listening
    listeners.use(informers.get(Node).onChange((change) => this.#nodeChanged(change)))
    listeners.use(informers.get(Namespace).onChange((change) => this.#namespaceChanged(change)))
    listeners.use(informers.get(Pod, livePods).onChange((change) => this.#podChanged(change)))
    for (const kind of storageKinds) {
      listeners.use(
        informers.get<ApiObject>(kind).onChange((change) => this.#storageChanged(change)),
      )
    }
    this.#running = this.#run()
  }

  /** Nothing can be tried, and nothing is being written. */
  get isIdle(): boolean {
    const { active, backoff, taken } = this.queue.counts()
    return active + backoff + taken - this.#preparing.size + this.#writes.size === 0
  }

  /** What all plugins say about all nodes now; undefined for a pod that is not pending. */
  explain(key: string): readonly NodeExplanation[] | undefined {
    const pod = this.queue.podOf(key)
    const profile = pod && this.#profiles.get(pod.spec.schedulerName)
    return profile && explain(pod, profile.plugins, this.#view)
  }

  get isRetrying(): boolean {
    return this.queue.counts().failed > 0
  }

  /** Decides nothing more, and waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening.dispose()
    this.queue.stop()
    const reason = new DOMException('the scheduler is stopping', 'AbortError')
    this.#stopping.abort(reason)
    await this.#running
    const preparing = [...this.#preparing.values()]
    for (const { controller } of preparing) controller.abort(reason)
    await Promise.all(preparing.map(({ work }) => work))
    await Promise.all(this.#writes)
    for (const extender of this.#extenders) await extender[Symbol.asyncDispose]()
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts
    for (;;) {
      const waiting = await this.queue.take()
      if (!waiting) return
      if (this.#writes.size >= WRITES_MAX) await Promise.race(this.#writes)
      if (clock.monotonic() - this.#turnBegan > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve))
        this.#turnBegan = clock.monotonic()
      }
      const extenders = this.#extenders.filter((each) => each.isInterestedIn(waiting.pod))
      if (extenders.length === 0) this.#attempt(waiting)
      else await this.#attemptWith(extenders, waiting)
    }
  }

  /** The next pod has to wait for the answers too, as the node may be full by then. */
  async #attemptWith(extenders: readonly Extender[], waiting: Waiting): Promise<void> {
    const { pod } = waiting
    const nodes = this.#deciders.get(pod.spec.schedulerName)?.candidates(pod) ?? []
    try {
      const advice = await adviceOf(extenders, pod, nodes, this.#stopping.signal)
      this.#attempt(waiting, advice)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      this.#parts.log.warn('extender failed', { pod: reference('Pod', pod.pod.metadata), error })
      this.#fail(waiting, error)
    }
  }

  #attempt(waiting: Waiting, advice?: Advice): void {
    const { clock, metrics, log } = this.#parts
    const { pod } = waiting
    const { schedulerName } = pod.spec
    const begunAt = clock.monotonic()
    const decider = this.#deciders.get(schedulerName)
    // Gone, or bound by somebody else, while it waited for its turn.
    if (!decider || !this.queue.holds(waiting)) return
    try {
      const decision = decider.decide(pod, advice)
      if (decision.type === 'refused') this.#refuse(waiting, decision)
      else {
        const reserved = decider.reserve(pod, decision.nodeName)
        this.snapshot.assume(pod, decision.nodeName)
        this.#nominations.remove(pod.key)
        if (reserved.length > 0) this.#prepare(waiting, decision.nodeName, reserved)
        else this.#write(this.#bind(waiting, decision.nodeName))
      }
      const result = decision.type === 'refused' ? 'unschedulable' : 'scheduled'
      metrics?.attempted(result, schedulerName, clock.monotonic() - begunAt)
    } catch (error) {
      metrics?.attempted('error', schedulerName, clock.monotonic() - begunAt)
      log.error('decision failed', { pod: reference('Pod', pod.pod.metadata), error })
      this.#fail(waiting, error)
    }
  }

  #refuse(waiting: Waiting, failure: Failure): void {
    const { clock, log } = this.#parts
    const { pod, attempts } = waiting
    const { message, verdicts, rejectors, rescue } = failure
    log.info('no node for a pod', { pod: reference('Pod', pod.pod.metadata), why: message })
    this.verdicts.set(pod.key, { message, verdicts, rescue, attempts, at: clock.now() })
    if (rescue) {
      this.#nominations.set(pod, rescue.nodeName)
      this.queue.hold(waiting, rejectors)
      this.#parts.metrics?.preempted(rescue.victims.length)
      const written = this.#reportFailure(pod, 'Unschedulable', message, rescue.nodeName)
      this.#write(this.#makeRoom(waiting, rescue, written))
      return
    }
    this.queue.refused(waiting, rejectors)
    const isBroken = !failure.keepsPromise && this.#breakPromise(pod)
    this.#write(this.#reportFailure(pod, 'Unschedulable', message, isBroken ? null : undefined))
  }

  /** Until all are told to leave, the pod would only find the node as full as it was. */
  async #makeRoom(waiting: Waiting, rescue: Rescue, written: Promise<void>): Promise<void> {
    const isDone = await this.#evictor.makeRoom(waiting.pod, rescue)
    await written
    this.queue.release(waiting, !isDone)
  }

  /** Says whether a node was promised to the pod; others may have it now. */
  #breakPromise(pod: PodInfo): boolean {
    const node = this.#nominations.remove(pod.key)
    if (node !== undefined) this.#notify({ type: 'pod removed', pod, node })
    return node !== undefined || Boolean(pod.pod.status.nominatedNodeName)
  }

  /** A pod that only waits for its volumes loses nothing but its place. */
  #withdraw({ key, uid }: PodInfo): boolean {
    for (const [{ pod }, { controller }] of this.#preparing) {
      if (pod.key !== key || pod.uid !== uid) continue
      controller.abort(new Error('preempted'))
      return true
    }
    return false
  }

  #fail(waiting: Waiting, error: unknown): void {
    this.queue.failed(waiting)
    const message = error instanceof Error ? error.message : String(error)
    this.#write(this.#reportFailure(waiting.pod, 'SchedulerError', message))
  }

  /** Waiting for volumes may take minutes, and keeps nobody else from being bound. */
  #prepare(waiting: Waiting, nodeName: string, reserved: readonly Reservation[]): void {
    const controller = new AbortController()
    const asked = Promise.withResolvers<void>()
    this.#write(asked.promise)
    const prepared = this.#prepared(reserved, controller.signal, asked.resolve)
    const work = prepared.then(
      () => {
        this.#preparing.delete(waiting)
        this.#write(this.#bindPrepared(waiting, nodeName, reserved))
      },
      (error) => {
        this.#preparing.delete(waiting)
        release(reserved)
        this.#unbind(waiting, nodeName, 'PreBind plugin "VolumeBinding"', error)
      },
    )
    this.#preparing.set(waiting, { controller, work })
  }

  async #prepared(
    reserved: readonly Reservation[],
    signal: AbortSignal,
    asked: () => void,
  ): Promise<void> {
    const { client, clock } = this.#parts
    try {
      await Promise.all(reserved.map((each) => each.prepare(client)))
    } finally {
      asked()
    }
    await Promise.all(reserved.map((each) => each.ready(clock, signal)))
  }

  async #bindPrepared(
    waiting: Waiting,
    nodeName: string,
    reserved: readonly Reservation[],
  ): Promise<void> {
    if (this.queue.holds(waiting)) await this.#bind(waiting, nodeName)
    else this.#forget(waiting.pod, nodeName)
    release(reserved)
  }

  async #bind(waiting: Waiting, nodeName: string): Promise<void> {
    const { client, log, clock, metrics } = this.#parts
    const { pod, attempts } = waiting
    const about = reference('Pod', pod.pod.metadata)
    const begunAt = clock.monotonic()
    try {
      await this.#bindWith(client, pod, nodeName)
    } catch (error) {
      this.#unbind(waiting, nodeName, 'Bind plugin "DefaultBinder"', error)
      return
    }
    metrics?.bound(clock.monotonic() - begunAt, attempts)
    log.info('pod bound', { pod: about, node: nodeName })
    this.queue.done(waiting)
    this.verdicts.remove(pod.key)
    const note = `Successfully assigned ${pod.key} to ${nodeName}`
    this.#report(pod, 'Normal', 'Scheduled', 'Binding', note)
  }

  async #bindWith(client: Client, pod: PodInfo, nodeName: string): Promise<void> {
    for (const extender of this.#extenders) {
      const { bindVerb } = extender.settings
      if (bindVerb && extender.isInterestedIn(pod)) return extender.bind(bindVerb, pod, nodeName)
    }
    const { plugins = [] } = this.#profiles.get(pod.spec.schedulerName) ?? {}
    await plugins.find(({ bind }) => bind)?.bind?.(client, pod, nodeName)
  }

  #forget(pod: PodInfo, node: string): void {
    if (this.snapshot.forget(pod)) this.#notify({ type: 'pod removed', pod, node })
  }

  #unbind(waiting: Waiting, nodeName: string, step: string, error: unknown): void {
    const { log } = this.#parts
    const { pod } = waiting
    this.#forget(pod, nodeName)
    const { nominatedNodeName } = waiting.pod.pod.status
    if (nominatedNodeName) this.#nominations.set(pod, nominatedNodeName)
    // Deleted meanwhile, which its watch says or will say.
    if (isReason(error, 'NotFound')) {
      this.queue.failed(waiting)
      return
    }
    log.warn('binding failed', { pod: reference('Pod', pod.pod.metadata), node: nodeName, error })
    if (!this.queue.holds(waiting)) return
    const reason = error instanceof Error ? error.message : String(error)
    this.#fail(waiting, new Error(`running ${step}: ${reason}`))
  }

  #reportFailure(
    pod: PodInfo,
    reason: string,
    message: string,
    nominatedNodeName?: string | null,
  ): Promise<void> {
    this.#report(pod, 'Warning', 'FailedScheduling', 'Scheduling', message)
    const promise = nominatedNodeName === undefined ? {} : { nominatedNodeName }
    return writePending(this.#parts, pod.pod, { reason, message, ...promise })
  }

  #report(
    { pod, spec }: PodInfo,
    type: 'Normal' | 'Warning',
    reason: string,
    action: string,
    note: string,
  ): void {
    const about = { ...pod, kind: Pod.kind, apiVersion: Pod.apiVersion }
    this.#parts.events(spec.schedulerName).report({ about, type, reason, action, note })
  }

  /** Takes work that never fails; it ends before the scheduler does. */
  #write(work: Promise<void>): void {
    const tracked = work.finally(() => this.#writes.delete(tracked))
    this.#writes.add(tracked)
  }

  #notify(event: ClusterEvent): void {
    this.queue.notify(event)
  }

  #nodeChanged({ type, object: node, previous }: Change<Node>): void {
    if (type === 'removed') {
      this.snapshot.removeNode(node.metadata.name)
      this.#notify({ type: 'node removed', node })
      return
    }
    this.snapshot.setNode(node)
    this.#notify({ type: 'node', node, previous })
  }

  #namespaceChanged({ type, object, previous }: Change<Namespace>): void {
    if (type === 'removed') return
    if (previous && sameJson(previous.metadata.labels, object.metadata.labels)) return
    this.snapshot.tallies.clear()
    this.#notify({ type: 'namespace', namespace: object })
  }

  #storageChanged({ type, object, previous }: Change<ApiObject>): void {
    this.#storage.changed()
    if (type === 'removed') this.#notify({ type: 'storage removed', object })
    else this.#notify({ type: 'storage', object, previous })
  }

  #podChanged({ type, object: pod, previous }: Change<Pod>): void {
    const key = keyOf(pod)
    // An older state of it that comes late: its binding is done, and will be seen after this.
    const isLate = this.snapshot.isAssumed(key, pod.metadata.uid) && !this.queue.has(key)
    const isMine = this.#deciders.has(pod.spec.schedulerName)
    if (type === 'removed') this.#podRemoved(pod)
    else if (pod.spec.nodeName) {
      this.queue.remove(key)
      this.verdicts.remove(key)
      this.#nominations.remove(key)
      this.#podPlaced(pod, previous)
    } else if (!isMine || pod.metadata.deletionTimestamp) this.#podWithdrawn(key)
    else if (!isLate) this.#podWaits(pod, previous)
  }

  #podWaits(pod: Pod, previous: Pod | undefined): void {
    const info = podInfoAfter(this.queue.podOf(keyOf(pod)), pod)
    const { nominatedNodeName: now } = pod.status
    const before = previous?.status.nominatedNodeName
    if (now && now !== before) this.#nominations.set(info, now)
    else if (before && !now) this.#breakPromise(info)
    else this.#nominations.refresh(info)
    this.queue.set(info)
  }

  #podWithdrawn(key: string): void {
    const pod = this.queue.podOf(key)
    this.queue.remove(key)
    if (pod) this.#breakPromise(pod)
  }

  #podPlaced(pod: Pod, previous: Pod | undefined): void {
    const before = previous?.spec.nodeName ? this.snapshot.placed(keyOf(pod)) : undefined
    const info = this.snapshot.setPod(pod)
    if (before && isSameToOthers(pod, before.pod)) return
    this.#notify({ type: 'pod', pod: info, previous: before })
  }

  #podRemoved(pod: Pod): void {
    const key = keyOf(pod)
    this.#podWithdrawn(key)
    this.verdicts.remove(key)
    for (const [{ pod: waiting }, { controller }] of this.#preparing) {
      if (waiting.key === key) controller.abort(new Error(`pod "${key}" is gone`))
    }
    const placed = this.snapshot.placed(key)
    if (!placed) return
    const node = this.snapshot.nodeNameOf(key)
    this.#nominations.forgets(placed)
    this.snapshot.removePod(key)
    this.#notify({ type: 'pod removed', pod: placed, node })
  }
}

interface Preparation {
  readonly controller: AbortController
  readonly work: Promise<void>
}

function release(reserved: readonly Reservation[]): void {
  for (const each of reserved) each.release()
}

/** Whether nothing has changed that decisions about other pods depend on. */
function isSameToOthers({ metadata: now }: Pod, { metadata: before }: Pod): boolean {
  return (
    now.generation === before.generation &&
    now.deletionTimestamp === before.deletionTimestamp &&
    sameJson(now.labels, before.labels)
  )
}
