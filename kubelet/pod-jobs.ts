/** What goes on for a pod beside its worker: one thing for each container, one for all. */
import type { ContainerMemory, Failure, Job, PodMemory } from './pod-memory.ts'
import { isFailure, memoryOf } from './pod-memory.ts'

/** The memory of a worker, and the work that changes it; whoever is told looks at the pod again. */
export class PodJobs implements Disposable {
  readonly #containers = new Map<string, ContainerMemory>()
  readonly #controllers = new Map<string, AbortController>()
  readonly #running = new Set<Promise<void>>()
  readonly #onChange: () => void
  readonly #onError: (error: unknown) => void
  #volumes: PodMemory['volumes'] = 'unknown'
  #sandbox: PodMemory['sandbox'] = 'idle'
  #isOver = false

  constructor(onChange: () => void, onError: (error: unknown) => void) {
    this.#onChange = onChange
    this.#onError = onError
  }

  get memory(): PodMemory {
    return { containers: this.#containers, volumes: this.#volumes, sandbox: this.#sandbox }
  }

  get isIdle(): boolean {
    return this.#running.size === 0
  }

  of(name: string): ContainerMemory {
    return memoryOf(this.memory, name)
  }

  remember(name: string, change: Partial<ContainerMemory>): void {
    this.#containers.set(name, { ...this.of(name), ...change })
  }

  /** What volumes show of the pod has changed. */
  outdateVolumes(): void {
    if (this.#volumes === 'ready') this.#volumes = 'unknown'
  }

  /** Tried again at once, whatever came of it before. */
  retryVolumes(): void {
    if (isFailure(this.#volumes)) this.#volumes = 'unknown'
  }

  cancel(key: string): void {
    this.#controllers.get(key)?.abort(new DOMException('not wanted any more', 'AbortError'))
  }

  /** One thing at a time for a container; `work` settles what it leaves behind. */
  start(name: string, job: Job, work: (signal: AbortSignal) => Promise<void>): void {
    this.remember(name, { job })
    this.#run(name, work, () => {
      // A stop that was hurried has taken the place of the first.
      if (this.of(name).job === job) this.remember(name, { job: undefined })
    })
  }

  prepareVolumes(work: (signal: AbortSignal) => Promise<Failure | 'ready'>): void {
    this.#volumes = 'preparing'
    let state: PodMemory['volumes'] = 'unknown'
    const done = async (signal: AbortSignal): Promise<void> => {
      state = await work(signal)
    }
    this.#run('/volumes', done, () => {
      this.#volumes = state
    })
  }

  changeSandbox(
    state: 'starting' | 'stopping',
    work: (signal: AbortSignal) => Promise<Failure | 'idle'>,
  ): void {
    this.#sandbox = state
    let after: PodMemory['sandbox'] = 'idle'
    const done = async (signal: AbortSignal): Promise<void> => {
      after = await work(signal)
    }
    this.#run('/sandbox', done, () => {
      this.#sandbox = after
    })
  }

  /** For what nobody waits for, such as removing what is left. */
  aside(key: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (!this.#controllers.has(key)) this.#run(key, work, () => undefined)
  }

  /** Nobody waits for a stop with a long grace: whoever comes next goes on where it is then. */
  [Symbol.dispose](): void {
    this.#isOver = true
    for (const controller of this.#controllers.values()) {
      controller.abort(new DOMException('the kubelet is stopping', 'AbortError'))
    }
  }

  #run(key: string, work: (signal: AbortSignal) => Promise<void>, settle: () => void): void {
    const controller = new AbortController()
    this.#controllers.set(key, controller)
    const running = Promise.resolve().then(async () => {
      try {
        if (!this.#isOver) await work(controller.signal)
      } catch (error) {
        if (!controller.signal.aborted) this.#onError(error)
      }
      settle()
      if (this.#controllers.get(key) === controller) this.#controllers.delete(key)
      this.#running.delete(running)
      if (!this.#isOver) this.#onChange()
    })
    this.#running.add(running)
  }
}
