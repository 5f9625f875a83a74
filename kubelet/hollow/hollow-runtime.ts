/** A runtime without containers: it remembers what it was told, and lets time do the rest. */
import { PassThrough, Readable } from 'node:stream'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import {
  type ContainerResources,
  type ContainerSpec,
  type ExecOptions,
  type LogOptions,
  type ObservedPod,
  type ObservedSandbox,
  type PodFigures,
  type PodIdentity,
  type Runtime,
  type RuntimeChange,
  type RuntimeInfo,
  type SandboxSpec,
  type Session,
  StartError,
} from '../runtime.ts'
import type { NodeFigures } from '../stats/node-figures.ts'
import { type Behaviour, behaviourOf, usual } from './behaviour.ts'
import { ChangeList } from './change-list.ts'
import { HollowNodeMeter, hollowFigures } from './hollow-figures.ts'
import { HollowImages } from './hollow-images.ts'
import { type HollowContainer, HollowPods, type HollowSandbox } from './hollow-pods.ts'

export interface HollowOptions {
  readonly clock: Clock
  readonly random: Random
  /** What pods say about their own behaviour. */
  readonly annotationsOf: (podUid: string) => Readonly<Record<string, string>>
  /** Of pods that say nothing. */
  readonly behaviour?: Partial<Behaviour>
  /** Share of the containers that end badly soon after their start, unless they say otherwise. */
  readonly failureShare?: number
  readonly cpus?: number
  readonly memoryBytes?: number
  /** The next address for a pod. */
  readonly nextIp: () => string
}

const KILLED_EXIT_CODE = 137
const FAILED_EXIT_CODE = 1
/** Containers that fail by chance do so within this time. */
const FAILURE_MS = 10_000

export class HollowRuntime implements Runtime {
  readonly images: HollowImages
  readonly #options: HollowOptions
  readonly #behaviour: Behaviour
  readonly #pods = new HollowPods()
  readonly #changes = new ChangeList()
  readonly #meter = new HollowNodeMeter()

  constructor(options: HollowOptions) {
    this.#options = options
    this.#behaviour = { ...usual, ...options.behaviour }
    const fails = (podUid: string): boolean => this.#behaviourOf(podUid, '').fails === 'pull'
    this.images = new HollowImages(fails)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.#pods.containers()) timer?.cancel()
    this.#changes.close()
  }

  async info(): Promise<RuntimeInfo> {
    const { cpus = 8, memoryBytes = 32 * 2 ** 30 } = this.#options
    return {
      name: 'hollow',
      version: '1.0.0',
      apiVersion: '1.0.0',
      operatingSystem: 'linux',
      osImage: 'Hollow',
      kernelVersion: '0.0.0',
      architecture: 'amd64',
      cpus,
      memoryBytes,
      cgroupVersion: 2,
      rootDirectory: '/',
      lacks: [],
    }
  }

  async check(): Promise<void> {}

  async list(): Promise<readonly ObservedPod[]> {
    return this.#pods.observed()
  }

  async observe(pod: PodIdentity): Promise<ObservedPod> {
    return this.#pods.observe(pod)
  }

  changes(signal: AbortSignal): AsyncIterable<RuntimeChange> {
    return this.#changes.from(signal)
  }

  async startSandbox(spec: SandboxSpec): Promise<ObservedSandbox> {
    const { clock, random, nextIp } = this.#options
    const present = this.#pods.sandboxOf(spec.pod.uid, spec.attempt)
    if (present) return present
    const sandbox: HollowSandbox = {
      id: random.hex(64),
      pod: spec.pod,
      attempt: spec.attempt,
      isReady: true,
      createdAtMs: clock.now(),
      ips: spec.network === 'node' ? [] : [nextIp()],
    }
    this.#pods.addSandbox(sandbox)
    this.#changed(spec.pod.uid)
    return sandbox
  }

  async stopSandbox(id: string): Promise<void> {
    const sandbox = this.#pods.sandbox(id)
    if (!sandbox?.isReady) return
    sandbox.isReady = false
    this.#changed(sandbox.pod.uid)
  }

  async removeSandbox(id: string): Promise<void> {
    const sandbox = this.#pods.removeSandbox(id)
    if (sandbox) this.#changed(sandbox.pod.uid)
  }

  async createContainer(sandbox: ObservedSandbox, spec: ContainerSpec): Promise<string> {
    const { clock, random } = this.#options
    const present = this.#pods.containerOf(spec.pod.uid, spec.name, spec.attempt)
    if (present) return present.id
    const { pod, name, attempt, hash, image, imageId, labels, resources } = spec
    const container: HollowContainer = {
      ...{ id: random.hex(64), sandboxId: sandbox.id, pod, name, attempt, hash, image, imageId },
      ...{ labels, resources, state: 'created', createdAtMs: clock.now(), isOutOfMemory: false },
    }
    this.#pods.addContainer(container)
    return container.id
  }

  async startContainer(id: string): Promise<void> {
    const { clock } = this.#options
    const container = this.#pods.container(id)
    if (!container) throw new StartError('RunContainerError', `no such container: ${id}`, 127)
    const { pod, name } = container
    const behaviour = this.#behaviourOf(pod.uid, name)
    if (behaviour.startDelayMs > 0) await clock.sleep(behaviour.startDelayMs)
    // What has run once is not run again.
    if (container.state === 'running' || container.state === 'exited') return
    if (behaviour.fails === 'start') {
      Object.assign(container, { state: 'failed', exitCode: 127, error: 'told to fail' })
      this.#changed(pod.uid)
      throw new StartError('RunContainerError', 'told to fail', 127)
    }
    this.#pods.start(container, clock.now())
    this.#scheduleEnd(container, behaviour)
    this.#changed(pod.uid)
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    const { clock } = this.#options
    const container = this.#pods.container(id)
    if (container?.state !== 'running') return
    const { stopDelayMs } = this.#behaviourOf(container.pod.uid, container.name)
    const graceMs = graceSeconds * 1000
    if (stopDelayMs > 0) await clock.sleep(Math.min(stopDelayMs, graceMs))
    this.#end(container, stopDelayMs > graceMs ? KILLED_EXIT_CODE : 0)
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#pods.removeContainer(id)
    container?.timer?.cancel()
    if (container) this.#changed(container.pod.uid)
  }

  async updateResources(id: string, resources: ContainerResources): Promise<void> {
    const container = this.#pods.container(id)
    if (container) container.resources = { ...container.resources, ...resources }
  }

  async logs(id: string, { signal, follow }: LogOptions): Promise<Readable> {
    const container = this.#pods.container(id)
    const line = container
      ? `${container.name} of ${container.pod.name} only pretends to run\n`
      : ''
    if (!follow) return Readable.from([Buffer.from(line)])
    const lines = new PassThrough()
    lines.write(line)
    signal.addEventListener('abort', () => lines.end(), { once: true })
    return lines
  }

  async exec(_id: string, { tty }: ExecOptions): Promise<Session> {
    return {
      stdin: undefined,
      stdout: Readable.from([]),
      stderr: tty ? undefined : Readable.from([]),
      resize: async () => undefined,
      ended: Promise.resolve(0),
      close: () => undefined,
    }
  }

  async attach(id: string): Promise<Session> {
    throw new Error(`attach to ${id}: containers of a hollow node have no streams`)
  }

  async connect(sandboxId: string, port: number): Promise<never> {
    throw new Error(`connect to port ${port} of ${sandboxId}: hollow pods have no network`)
  }

  async figures(): Promise<readonly PodFigures[]> {
    const { clock } = this.#options
    const of = ({ pod, name }: HollowContainer): Behaviour => this.#behaviourOf(pod.uid, name)
    return hollowFigures(this.#pods.containers(), of, clock.now())
  }

  /** Of the node, whose only work are its pods. */
  async nodeFigures(nowMs: number): Promise<NodeFigures> {
    const { cpus, memoryBytes } = await this.info()
    const running = this.#pods.containers().filter(({ state }) => state === 'running')
    const busy = running.map(({ pod, name }) => this.#behaviourOf(pod.uid, name))
    return this.#meter.read(busy, { cpus, memoryBytes }, nowMs)
  }

  /** Whether the probes of a container succeed by now. */
  isWell(id: string): boolean {
    const container = this.#pods.container(id)
    if (container?.state !== 'running') return false
    const { readyAfterMs } = this.#behaviourOf(container.pod.uid, container.name)
    return this.#options.clock.now() - container.startedAtMs! >= readyAfterMs
  }

  /** Ends a container as a fault of its own would. */
  crash(id: string, exitCode: number = FAILED_EXIT_CODE): void {
    const container = this.#pods.container(id)
    if (container) this.#end(container, exitCode)
  }

  #behaviourOf(podUid: string, container: string): Behaviour {
    return behaviourOf(this.#options.annotationsOf(podUid), container, this.#behaviour)
  }

  #scheduleEnd(container: HollowContainer, { exitAfterMs, exitCode }: Behaviour): void {
    const { clock, random, failureShare = 0 } = this.#options
    if (exitAfterMs !== undefined) {
      container.timer = clock.setTimeout(() => this.#end(container, exitCode), exitAfterMs)
    } else if (random.fraction() < failureShare) {
      const end = (): void => this.#end(container, FAILED_EXIT_CODE)
      container.timer = clock.setTimeout(end, random.fraction() * FAILURE_MS)
    }
  }

  #end(container: HollowContainer, exitCode: number): void {
    if (container.state !== 'running') return
    container.timer?.cancel()
    const finishedAtMs = this.#options.clock.now()
    Object.assign(container, { state: 'exited', exitCode, finishedAtMs })
    this.#changed(container.pod.uid)
  }

  #changed(uid: string): void {
    this.#changes.add({ type: 'pod', uid })
  }
}
