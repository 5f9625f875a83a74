/** Carries out what was planned for a pod. */
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { raised } from './back-off.ts'
import { type ContainerView, runOf } from './container-view.ts'
import { runHook } from './hooks.ts'
import { ImageProblem } from './images.ts'
import { type Action, type Stop, usableSandbox } from './plan.ts'
import { fieldPathOf } from './pod-containers.ts'
import type { PodJobs } from './pod-jobs.ts'
import type { Failure } from './pod-memory.ts'
import type { PodParts } from './pod-parts.ts'
import type { ResizePlan } from './pod-resize.ts'
import { VolumeError } from './pod-volumes.ts'
import type { ObservedPod, SandboxSpec } from './runtime.ts'
import { containerResources } from './spec/resources.ts'
import { sandboxSpec } from './spec/sandbox.ts'
import { failureOf, ipOf, startContainer } from './start-container.ts'

/** Containers get a moment to end by themselves, however little is left of the grace. */
const STOP_MIN_SECONDS = 2
/** Volumes and sandboxes that failed are tried again so soon, and ever later. */
const RETRY_INITIAL_MS = 500
const RETRY_MAX_MS = 122_000
const RETRY_ASIDE_MS = 10_000

/** What was looked at when the action was planned. */
export interface ActionFacts {
  readonly pod: Pod
  readonly observed: ObservedPod
  readonly views: readonly ContainerView[]
  readonly held: ResizePlan['held']
}

export class PodActions {
  readonly #jobs: PodJobs
  readonly #parts: PodParts
  #memoryVolumes: SandboxSpec['memoryVolumes'] = []
  #volumeFailures = 0
  #sandboxFailures = 0
  /** Containers whose end has been announced. */
  readonly #announced = new Set<string>()

  constructor(jobs: PodJobs, parts: PodParts) {
    this.#jobs = jobs
    this.#parts = parts
  }

  do(action: Action, facts: ActionFacts): void {
    const { runtime } = this.#parts
    const { pod, observed, views } = facts
    const view = 'name' in action ? views.find(({ name }) => name === action.name) : undefined
    switch (action.type) {
      case 'prepareVolumes':
        this.#jobs.prepareVolumes((signal) => this.#prepareVolumes(pod, signal))
        break
      case 'startSandbox':
        this.#startSandbox(pod, action.attempt)
        break
      case 'stopSandbox':
        this.#jobs.changeSandbox('stopping', async () => {
          return this.#tried(pod, 'FailedKillPod', 'error killing pod', () =>
            runtime.stopSandbox(action.id),
          )
        })
        break
      case 'removeSandbox':
        this.aside(action.id, () => runtime.removeSandbox(action.id))
        break
      case 'remove':
        this.aside(action.id, () => runtime.removeContainer(action.id))
        break
      case 'start':
        this.#start(view!, action.attempt, facts)
        break
      case 'cancel':
        this.#jobs.cancel(action.name)
        break
      case 'preStop':
        this.#preStop(pod, view!, action, observed)
        break
      case 'stop':
        this.#stop(pod, view, action)
        break
      case 'resize':
        this.#resize(pod, view!, action.id)
        break
    }
  }

  /** What fails is tried again later: nobody waits for it. */
  aside(key: string, work: () => Promise<void>): void {
    const { clock, log } = this.#parts
    this.#jobs.aside(key, async (signal) => {
      try {
        await work()
      } catch (error) {
        log.warn('pod not tidied up, trying again', { what: key, error })
        await clock.sleep(RETRY_ASIDE_MS, signal)
      }
    })
  }

  /** With its uid, so that no other object of its name goes. */
  async deleteObject({ metadata }: Pod): Promise<void> {
    const { name, namespace, uid } = metadata
    const options = { gracePeriodSeconds: 0, preconditions: { uid } }
    try {
      await this.#parts.client.delete(Pod, { name, namespace }, options)
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
  }

  /** Last of all; what cannot be removed now is found again by the next look at the runtime. */
  async removeEverything({ metadata }: Pod): Promise<void> {
    const { runtime } = this.#parts
    const { uid, name, namespace = '' } = metadata
    const { containers, sandboxes } = await runtime.observe({ uid, name, namespace })
    await settleAll(containers.map(({ id }) => runtime.removeContainer(id)))
    await settleAll(sandboxes.map(({ id }) => runtime.removeSandbox(id)))
  }

  async #prepareVolumes(pod: Pod, signal: AbortSignal): Promise<Failure | 'ready'> {
    const { provisions, events, clock } = this.#parts
    try {
      this.#memoryVolumes = await provisions.prepare(pod, signal)
      this.#volumeFailures = 0
      return 'ready'
    } catch (error) {
      signal.throwIfAborted()
      const { message } = error as Error
      const reason = 'FailedMount'
      const messages = error instanceof VolumeError ? error.messages : [message]
      for (const each of messages) events.warning(pod, reason, each)
      return { reason, message, retryAtMs: clock.now() + retryDelayMs(this.#volumeFailures++) }
    }
  }

  #startSandbox(pod: Pod, attempt: number): void {
    const { runtime, events, node } = this.#parts
    if (attempt > 0) {
      const message = 'Pod sandbox changed, it will be killed and re-created.'
      events.normal(pod, 'SandboxChanged', message)
    }
    this.#jobs.changeSandbox('starting', () =>
      this.#tried(pod, 'FailedCreatePodSandBox', 'Failed to create pod sandbox', async () => {
        await runtime.startSandbox(sandboxSpec(pod, attempt, this.#memoryVolumes, node))
      }),
    )
  }

  async #tried(
    pod: Pod,
    reason: string,
    what: string,
    work: () => Promise<void>,
  ): Promise<Failure | 'idle'> {
    const { events, clock } = this.#parts
    try {
      await work()
      this.#sandboxFailures = 0
      return 'idle'
    } catch (error) {
      const message = `${what}: ${(error as Error).message}`
      events.warning(pod, reason, message)
      return { reason, message, retryAtMs: clock.now() + retryDelayMs(this.#sandboxFailures++) }
    }
  }

  #start(view: ContainerView, attempt: number, facts: ActionFacts): void {
    const { clock } = this.#parts
    const { pod, observed, views, held } = facts
    const sandbox = usableSandbox(pod, observed)!
    const { name, end, memory } = view
    const crashes = end ? raised(memory.crashes, clock.now()) : undefined
    this.#jobs.remember(name, { ...(crashes && { crashes }), restartOf: undefined })
    const targetName = view.container.targetContainerName
    const target = targetName ? views.find((each) => each.name === targetName) : undefined
    const targetContainerId = target && runOf(target)?.id
    const resources = held.get(name) ?? view.container.resources
    const container = { container: { ...view.container, resources }, role: view.role }
    const order = { pod, container, attempt, sandbox, targetContainerId }
    this.#jobs.start(name, { type: 'start' }, async (signal) => {
      try {
        const { id, image, isDoomed } = await startContainer(order, this.#parts, signal)
        const isStarted = !view.container.startupProbe
        const isReady = isStarted && !view.container.readinessProbe
        const run = { id, isStarted, isReady, ...(isDoomed && { doom: 'postStart' as const }) }
        const digest = image.digests[0]
        const imageIds = new Map(this.#jobs.of(name).imageIds).set(id, digest ?? image.id)
        const used = { id, value: resources }
        this.#jobs.remember(name, { failure: undefined, run, imageIds, resources: used })
      } catch (error) {
        signal.throwIfAborted()
        this.#jobs.remember(name, { failure: failureOf(error, clock.now()) })
        // Whoever looked for the image has said what is wrong with it.
        if (error instanceof ImageProblem) return
        const message = `Error: ${(error as Error).message}`
        this.#parts.events.warning(pod, 'Failed', message, { fieldPath: fieldPathOf(view) })
      }
    })
  }

  #announce(pod: Pod, view: ContainerView | undefined, { id, message }: Stop<string>): void {
    if (this.#announced.has(id)) return
    this.#announced.add(id)
    const options = view ? { fieldPath: fieldPathOf(view) } : {}
    this.#parts.events.normal(pod, 'Killing', message, options)
  }

  #preStop(pod: Pod, view: ContainerView, order: Stop<'preStop'>, observed: ObservedPod): void {
    const { name, id, deadlineMs } = order
    const { runtime, clock, events } = this.#parts
    this.#announce(pod, view, order)
    if (order.isRestart) this.#jobs.remember(name, { restartOf: id })
    const ip = ipOf(pod, usableSandbox(pod, observed), this.#parts)
    const target = { containerId: id, container: view.container, ip }
    this.#jobs.start(name, { type: 'preStop', deadlineMs }, async (signal) => {
      const late = new AbortController()
      const giveUp = (): void => late.abort(new Error('the grace period is over'))
      using _timer = clock.setTimeout(giveUp, deadlineMs - clock.now())
      const both = AbortSignal.any([signal, late.signal])
      try {
        await runHook(view.container.lifecycle!.preStop!, target, { runtime, clock }, both)
      } catch (error) {
        if (!both.aborted) {
          const message = `PreStopHook failed: ${(error as Error).message}`
          events.warning(pod, 'FailedPreStopHook', message, { fieldPath: fieldPathOf(view) })
        }
      }
      const run = runOf(view) ?? { id, isStarted: false, isReady: false }
      const { run: latest } = this.#jobs.of(name)
      this.#jobs.remember(name, { run: { ...(latest ?? run), isPrepared: true } })
    })
  }

  #stop(pod: Pod, view: ContainerView | undefined, order: Stop<'stop'>): void {
    const { name, id, deadlineMs } = order
    const { runtime, clock, events } = this.#parts
    this.#announce(pod, view, order)
    if (order.isRestart) this.#jobs.remember(name, { restartOf: id })
    const seconds = Math.max(Math.ceil((deadlineMs - clock.now()) / 1000), STOP_MIN_SECONDS)
    const signalName = view?.container.lifecycle?.stopSignal
    this.#jobs.start(name, { type: 'stop', deadlineMs }, async (signal) => {
      try {
        await runtime.stopContainer(id, seconds, signalName)
      } catch (error) {
        const message = `error killing pod: failed to stop container ${name}: ${(error as Error).message}`
        events.warning(pod, 'FailedKillPod', message)
        await clock.sleep(RETRY_INITIAL_MS, signal)
      }
    })
  }

  #resize(pod: Pod, view: ContainerView, id: string): void {
    const { runtime, node, events } = this.#parts
    const { name, container } = view
    const value = container.resources
    this.#jobs.start(name, { type: 'resize' }, async (signal) => {
      try {
        await runtime.updateResources(id, containerResources(pod, container, node.resources, value))
        this.#jobs.remember(name, { resources: { id, value } })
      } catch (error) {
        const message = `Error: ${(error as Error).message}`
        events.warning(pod, 'ResizeError', message, { fieldPath: fieldPathOf(view) })
        await this.#parts.clock.sleep(RETRY_MAX_MS, signal)
      }
    })
  }
}

const retryDelayMs = (failures: number): number =>
  Math.min(RETRY_INITIAL_MS * 2 ** failures, RETRY_MAX_MS)
