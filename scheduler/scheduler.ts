/** Gives pods their nodes: watches, decides one pod at a time, and binds many at once. */

import { findCondition } from '#api/conditions.ts'
import { Binding } from '#api/kinds/core/binding.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import type { SeriesReporter } from '#client/event-series.ts'
import type { Change } from '#client/informer.ts'
import type { InformerSet } from '#client/informer-set.ts'
import { type ApiObject, keyOf } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { type Log, reference } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { catalogFrom } from './catalog.ts'
import { Decider, type Failure } from './decide.ts'
import type { ClusterEvent, ClusterView, Reservation } from './plugin.ts'
import { type PodInfo, podInfo } from './pod-info.ts'
import type { Profile } from './profile.ts'
import { SchedulingQueue, type Waiting } from './queue.ts'
import type { SchedulerMetrics } from './scheduler-metrics.ts'
import { Snapshot } from './snapshot.ts'
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
  readonly #storage: StorageView
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
    const view: ClusterView = { snapshot, storage: this.#storage, ...catalogFrom(informers) }
    this.#deciders = new Map(
      profiles.map(({ schedulerName, plugins }) => [
        schedulerName,
        new Decider(plugins, view, random),
      ]),
    )
    this.queue = new SchedulingQueue({
      clock,
      view,
      // Profiles differ in which plugins they have, and in weights; never in a plugin itself.
      plugins: profiles.flatMap(({ plugins }) => plugins),
      ...(initialBackoffMs !== undefined && { initialBackoffMs }),
      ...(maxBackoffMs !== undefined && { maxBackoffMs }),
    })
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

  get isRetrying(): boolean {
    return this.queue.counts().failed > 0
  }

  /** Decides nothing more, and waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening.dispose()
    this.queue.stop()
    await this.#running
    const reason = new DOMException('the scheduler is stopping', 'AbortError')
    const preparing = [...this.#preparing.values()]
    for (const { controller } of preparing) controller.abort(reason)
    await Promise.all(preparing.map(({ work }) => work))
    await Promise.all(this.#writes)
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
      this.#attempt(waiting)
    }
  }

  #attempt(waiting: Waiting): void {
    const { clock, metrics, log } = this.#parts
    const { pod } = waiting
    const { schedulerName } = pod.spec
    const begunAt = clock.monotonic()
    const decider = this.#deciders.get(schedulerName)
    // Gone, or bound by somebody else, while it waited for its turn.
    if (!decider || !this.queue.holds(waiting)) return
    try {
      const decision = decider.decide(pod)
      if (decision.type === 'refused') this.#refuse(waiting, decision)
      else {
        const reserved = decider.reserve(pod, decision.nodeName)
        this.snapshot.assume(pod, decision.nodeName)
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
    const { message, verdicts, rejectors } = failure
    log.info('no node for a pod', { pod: reference('Pod', pod.pod.metadata), why: message })
    this.verdicts.set(pod.key, { message, verdicts, attempts, at: clock.now() })
    this.queue.refused(waiting, rejectors)
    this.#reportFailure(pod, 'Unschedulable', message)
  }

  #fail(waiting: Waiting, error: unknown): void {
    this.queue.failed(waiting)
    const message = error instanceof Error ? error.message : String(error)
    this.#reportFailure(waiting.pod, 'SchedulerError', message)
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
    const { name, uid } = pod.pod.metadata
    const about = reference('Pod', pod.pod.metadata)
    const begunAt = clock.monotonic()
    try {
      const metadata = { name, namespace: pod.namespace, uid }
      const target = { kind: 'Node', apiVersion: 'v1', name: nodeName }
      await client.createSubresource(Pod, pod.pod, 'binding', Binding, { metadata, target })
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

  #forget(pod: PodInfo, node: string): void {
    if (this.snapshot.forget(pod)) this.#notify({ type: 'pod removed', pod, node })
  }

  #unbind(waiting: Waiting, nodeName: string, step: string, error: unknown): void {
    const { log } = this.#parts
    const { pod } = waiting
    this.#forget(pod, nodeName)
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

  #reportFailure(pod: PodInfo, reason: string, message: string): void {
    this.#report(pod, 'Warning', 'FailedScheduling', 'Scheduling', message)
    this.#write(this.#writeCondition(pod, reason, message))
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

  async #writeCondition({ pod }: PodInfo, reason: string, message: string): Promise<void> {
    const { client, clock, log } = this.#parts
    const { name, namespace, uid, generation } = pod.metadata
    const known = findCondition(pod.status.conditions, 'PodScheduled')
    const now = epochToTime(Math.floor(clock.now() / 1000))
    const condition = {
      type: 'PodScheduled',
      ...(generation && { observedGeneration: generation }),
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : now,
      reason,
      message,
    }
    if (known && sameJson(known, condition)) return
    // The UID makes sure that a namesake does not get it.
    const patch = { metadata: { uid }, status: { conditions: [condition] } }
    try {
      const options = { type: 'strategic', subresource: 'status' } as const
      await client.patch(Pod, { name, namespace }, patch, options)
    } catch (error) {
      if (isReason(error, 'NotFound', 'Conflict')) return
      log.warn('condition not written', { pod: reference('Pod', pod.metadata), error })
    }
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
      this.#podPlaced(pod, previous)
    } else if (!isMine || pod.metadata.deletionTimestamp) this.queue.remove(key)
    else if (!isLate) this.queue.set(podInfo(pod))
  }

  #podPlaced(pod: Pod, previous: Pod | undefined): void {
    const before = previous?.spec.nodeName ? previous : undefined
    if (before && isSameToOthers(pod, before)) return
    this.snapshot.setPod(pod)
    this.#notify({ type: 'pod', pod: podInfo(pod), previous: before && podInfo(before) })
  }

  #podRemoved(pod: Pod): void {
    const key = keyOf(pod)
    this.queue.remove(key)
    this.verdicts.remove(key)
    for (const [{ pod: waiting }, { controller }] of this.#preparing) {
      if (waiting.key === key) controller.abort(new Error(`pod "${key}" is gone`))
    }
    if (!this.snapshot.isPlaced(key)) return
    this.snapshot.removePod(key)
    this.#notify({ type: 'pod removed', pod: podInfo(pod), node: pod.spec.nodeName ?? '' })
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
