/** Makes one pod what it should be: looks, plans, reports and acts, one round after another. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { compareResourceVersions } from '#api/resource-version.ts'
import type { Timer } from '#daemon/clock.ts'
import { type ContainerView, runOf, viewsOf } from './container-view.ts'
import { deadlineOf, endingOf, type Failed } from './ending.ts'
import { type Plan, planPod, usableSandbox } from './plan.ts'
import type { Ending } from './plan-ending.ts'
import { type ActionFacts, PodActions } from './pod-actions.ts'
import { fieldPathOf } from './pod-containers.ts'
import { PodJobs } from './pod-jobs.ts'
import type { Run } from './pod-memory.ts'
import type { PodParts } from './pod-parts.ts'
import { PodProbes } from './pod-probes.ts'
import { planResize, type ResizePlan } from './pod-resize.ts'
import { podStatusOf, withNewerStatus } from './pod-status.ts'
import { LastWords } from './pod-words.ts'
import type { ObservedPod, PodIdentity } from './runtime.ts'
import { ipOf } from './start-container.ts'
import { StatusWriter } from './status-writer.ts'

export interface PodWorkerParts extends PodParts {
  /** Nothing is left of the pod, neither here nor in the API. */
  onOver(worker: PodWorker): void
  /** The pod shows something new to others on this node. */
  onChange?(pod: Pod): void
}

/** Who knows of the pod: where only the runtime does, what is left of it has to end. */
export type PodOrigin = 'api' | 'manifest' | 'runtime'

/** After a round that has failed; it is the state that is looked at again. */
const RETRY_MS = 1000
const RETRY_MAX_MS = 30_000

export class PodWorker implements AsyncDisposable {
  readonly #parts: PodWorkerParts
  readonly #jobs: PodJobs
  readonly #actions: PodActions
  readonly #probes: PodProbes
  readonly isStatic: boolean
  #writer: StatusWriter | undefined
  #reflection: string | undefined
  readonly #words: LastWords
  readonly #stopping = new AbortController()
  #pod: Pod
  #isGone: boolean
  #isReleased = false
  #failed: Failed | undefined
  #ending: Ending | undefined
  #observed: ObservedPod | undefined
  #changes = 0
  #isWanted = false
  #round: Promise<void> | undefined
  #timer: Timer | undefined
  #failures = 0
  /** Ends of containers whose wait has been reported. */
  readonly #reportedWaits = new Set<string>()

  constructor(pod: Pod, parts: PodWorkerParts, origin: PodOrigin = 'api') {
    this.#parts = parts
    this.#pod = pod
    this.#isGone = origin === 'runtime'
    this.isStatic = origin === 'manifest'
    this.#jobs = new PodJobs(
      () => this.observe(),
      (error) => parts.log.error('pod job failed', { pod: this.#name, error }),
    )
    this.#words = new LastWords(this.#jobs, parts)
    this.#actions = new PodActions(this.#jobs, parts)
    this.#probes = new PodProbes({ ...parts, onRun: (name, run) => this.#changeRun(name, run) })
    if (origin === 'api') this.#writer = this.#writerFor(pod)
    this.wake()
  }

  /** As it is known here, with the status that has just been made. */
  get pod(): Pod {
    return this.#pod
  }

  get uid(): string {
    return this.#pod.metadata.uid
  }

  /** Nothing of it runs any more, and that is known. */
  get isOver(): boolean {
    const { phase } = this.#pod.status
    return (phase === 'Succeeded' || phase === 'Failed') && this.#isWritten
  }

  get observed(): ObservedPod | undefined {
    return this.#observed
  }

  /** Nothing to do before something happens or time passes. */
  get isIdle(): boolean {
    return !this.#round && this.#jobs.isIdle && this.#isWritten
  }

  /** The API has something new to say about it. */
  update(pod: Pod): void {
    if (this.#take(pod)) this.wake()
  }

  /** The API does not have it any more. */
  remove(): void {
    this.#isGone = true
    this.wake()
  }

  /** What the API shows of a pod that is not its own; undefined while it shows nothing. */
  reflect(pod: Pod | undefined): void {
    if (pod && pod.metadata.uid === this.#reflection) {
      this.#writer?.seen(pod)
      return
    }
    this.#writer?.[Symbol.dispose]()
    this.#reflection = pod?.metadata.uid
    this.#writer = pod && this.#writerFor(pod)
    this.#writer?.write(this.#pod.status)
    this.wake()
  }

  /** It cannot stay on this node. */
  fail(failed: Failed): void {
    this.#failed ??= failed
    this.wake()
  }

  /** What it waited for may be there now. */
  retryVolumes(): void {
    this.#jobs.retryVolumes()
    this.wake()
  }

  /** Something of it has changed in the runtime. */
  observe(): void {
    this.#changes++
    this.#observed = undefined
    this.wake()
  }

  wake(): void {
    if (this.#stopping.signal.aborted) return
    this.#isWanted = true
    this.#round ??= this.#work()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the kubelet is stopping', 'AbortError'))
    this.#timer?.cancel()
    this.#probes[Symbol.dispose]()
    this.#jobs[Symbol.dispose]()
    this.#writer?.[Symbol.dispose]()
    await this.#round
  }

  #writerFor(pod: Pod): StatusWriter {
    return new StatusWriter(pod, {
      ...this.#parts,
      onWritten: (written) => {
        if (!this.isStatic) this.#take(written)
        // What waited for the status to be known may go on.
        this.wake()
      },
      onGone: () => (this.isStatic ? this.reflect(undefined) : this.remove()),
    })
  }

  get #isWritten(): boolean {
    return this.#writer?.isWritten ?? true
  }

  get #name(): string {
    const { namespace, name } = this.#pod.metadata
    return `${namespace}/${name}`
  }

  async #work(): Promise<void> {
    while (this.#isWanted && !this.#stopping.signal.aborted) {
      this.#isWanted = false
      try {
        await this.#once()
        this.#failures = 0
      } catch (error) {
        if (this.#stopping.signal.aborted) break
        this.#parts.log.warn('pod not looked after, trying again', { pod: this.#name, error })
        this.#observed = undefined
        const delayMs = Math.min(RETRY_MS * 2 ** this.#failures++, RETRY_MAX_MS)
        this.#wakeAt(this.#parts.clock.now() + delayMs)
      }
    }
    this.#round = undefined
  }

  async #once(): Promise<void> {
    const { clock } = this.#parts
    const observed = await this.#look()
    await this.#words.read(this.#pod, observed, this.#stopping.signal)
    if (this.#stopping.signal.aborted) return
    // From here on nothing waits: what is decided is decided about what is known now.
    const pod = this.#pod
    const nowMs = clock.now()
    const { memory } = this.#jobs
    const views = viewsOf(pod, observed, memory)
    this.#decideEnding(views, nowMs)
    const ending = this.#ending
    const resize = planResize(pod, views, this.#parts.shortage)
    const { resized } = resize
    const plan = planPod({ pod, observed, memory, ending, nowMs, resized })
    this.#act(plan, { pod, observed, views, held: resize.held })
    this.#report(pod, observed, plan, resize, nowMs)
    const ip = ipOf(pod, usableSandbox(pod, observed), this.#parts)
    this.#probes.sync(pod, viewsOf(pod, observed, this.#jobs.memory), ip, ending !== undefined)
    this.#wakeAt(earliest(plan.wakeAtMs, ending ? undefined : deadlineOf(pod)))
    if (plan.isStopped) this.#finish()
  }

  /** What has changed while we looked is looked at again in the next round. */
  async #look(): Promise<ObservedPod> {
    if (this.#observed) return this.#observed
    const changes = this.#changes
    const observed = await this.#parts.runtime.observe(identityOf(this.#pod))
    if (changes === this.#changes) this.#observed = observed
    return observed
  }

  #decideEnding(views: readonly ContainerView[], nowMs: number): void {
    const before = this.#ending
    const input = { pod: this.#pod, isGone: this.#isGone, views, failed: this.#failed, nowMs }
    this.#ending = endingOf({ ...input, previous: before })
    if (before || this.#ending?.cause !== 'failed' || this.#failed) return
    const { reason = '', message = '' } = this.#ending
    this.#parts.events.normal(this.#pod, reason, message)
  }

  #act({ actions, heldBack }: Plan, facts: ActionFacts): void {
    if (this.#ending) this.#jobs.cancel('/volumes')
    for (const action of actions) this.#actions.do(action, facts)
    for (const view of heldBack) this.#reportWait(view)
  }

  #reportWait(view: ContainerView): void {
    const id = view.current?.id
    if (!id || this.#reportedWaits.has(id)) return
    this.#reportedWaits.add(id)
    const { name, namespace, uid } = this.#pod.metadata
    const message = `Back-off restarting failed container ${view.name} in pod ${name}_${namespace}(${uid})`
    this.#parts.events.warning(this.#pod, 'BackOff', message, { fieldPath: fieldPathOf(view) })
  }

  #report(
    pod: Pod,
    observed: ObservedPod,
    { isStopped }: Plan,
    resize: ResizePlan,
    nowMs: number,
  ): void {
    const { node, onChange } = this.#parts
    const ending = this.#ending
    const { runtime, hostIps } = node
    const { memory } = this.#jobs
    const common = { pod, observed, memory, ending, isStopped, nowMs, runtime, hostIps }
    const status = podStatusOf({ ...common, resize })
    this.#pod = { ...pod, status }
    onChange?.(this.#pod)
    if (!this.#isGone || this.isStatic) this.#writer?.write(status)
  }

  /** Everything has stopped: it is said, what the pod had is taken away, and it may go. */
  #finish(): void {
    if (!this.#isGone && !this.#isWritten) return
    const isDeleted = this.#ending?.cause === 'deleted'
    if (this.#isReleased && !this.#isGone && !isDeleted) return
    this.#actions.aside('/finish', async () => {
      if (!this.#isReleased) await this.#parts.provisions.release(this.uid)
      this.#isReleased = true
      if (isDeleted && !this.#isGone) {
        await this.#actions.deleteObject(this.#pod)
        this.#isGone = true
      }
      if (!this.#isGone) return
      await this.#actions.removeEverything(this.#pod)
      this.#parts.images.forget(this.uid)
      this.#stopping.abort(new DOMException('the pod is over', 'AbortError'))
      this.#parts.onOver(this)
    })
  }

  #changeRun(name: string, change: Partial<Run> & Pick<Run, 'id'>): void {
    const observed = this.#observed
    const views = observed ? viewsOf(this.#pod, observed, this.#jobs.memory) : []
    const view = views.find((each) => each.name === name)
    const run = (view && runOf(view)) ?? this.#jobs.of(name).run
    if (run?.id !== change.id) return
    this.#jobs.remember(name, { run: { ...run, ...change } })
    this.wake()
  }

  /** The newest of what the watch and our own writes have shown; true when it is news. */
  #take(pod: Pod): boolean {
    const { metadata } = this.#pod
    const order = compareResourceVersions(pod.metadata.resourceVersion, metadata.resourceVersion)
    if (order < 0) return false
    if (order === 0 && this.#isWritten) return false
    this.#writer?.seen(pod)
    if (areOthers(pod, this.#pod)) this.#jobs.outdateVolumes()
    this.#pod = this.#isWritten ? pod : withNewerStatus(pod, this.#pod.status)
    return order > 0
  }

  #wakeAt(atMs: number | undefined): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (atMs === undefined || this.#stopping.signal.aborted) return
    const { clock } = this.#parts
    this.#timer = clock.setTimeout(() => this.wake(), atMs - clock.now())
  }
}

const identityOf = ({ metadata }: Pod): PodIdentity => ({
  uid: metadata.uid,
  name: metadata.name,
  namespace: metadata.namespace ?? '',
})

const earliest = (...times: readonly (number | undefined)[]): number | undefined => {
  const given = times.filter((time) => time !== undefined)
  return given.length > 0 ? Math.min(...given) : undefined
}

/** What files of volumes may show has changed. */
const areOthers = ({ metadata: next }: Pod, { metadata: previous }: Pod): boolean =>
  JSON.stringify([next.labels, next.annotations]) !==
  JSON.stringify([previous.labels, previous.annotations])
