/** What a hollow runtime remembers of its pods. */
import type { Timer } from '#daemon/clock.ts'
import type {
  ContainerResources,
  ObservedContainer,
  ObservedPod,
  ObservedSandbox,
  PodIdentity,
} from '../runtime.ts'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

export interface HollowSandbox extends Writable<ObservedSandbox> {
  readonly pod: PodIdentity
}

export interface HollowContainer extends Writable<ObservedContainer> {
  readonly pod: PodIdentity
  resources: ContainerResources
  timer?: Timer
  /** The processor time that it has pretended to take until then. */
  meter?: { readonly atMs: number; readonly cpuNs: number }
}

export class HollowPods {
  readonly #sandboxes = new Map<string, HollowSandbox>()
  readonly #containers = new Map<string, HollowContainer>()

  containers(): readonly HollowContainer[] {
    return [...this.#containers.values()]
  }

  sandbox(id: string): HollowSandbox | undefined {
    return this.#sandboxes.get(id)
  }

  container(id: string): HollowContainer | undefined {
    return this.#containers.get(id)
  }

  sandboxOf(uid: string, attempt: number): HollowSandbox | undefined {
    return this.#sandboxes.values().find((each) => each.pod.uid === uid && each.attempt === attempt)
  }

  containerOf(uid: string, name: string, attempt: number): HollowContainer | undefined {
    return this.#containers
      .values()
      .find((each) => each.pod.uid === uid && each.name === name && each.attempt === attempt)
  }

  addSandbox(sandbox: HollowSandbox): void {
    this.#sandboxes.set(sandbox.id, sandbox)
  }

  addContainer(container: HollowContainer): void {
    this.#containers.set(container.id, container)
  }

  /** Refuses what no kubelet may ask for: that a container runs twice, or without its sandbox. */
  start(container: HollowContainer, nowMs: number): void {
    const { pod, name } = container
    const twin = this.#containers
      .values()
      .find((each) => each.pod.uid === pod.uid && each.name === name && each.state === 'running')
    if (twin) throw new Error(`start ${pod.name}/${name}: it runs already, wanted it once`)
    if (!this.#sandboxes.get(container.sandboxId)?.isReady) {
      throw new Error(`start ${pod.name}/${name}: its sandbox does not run`)
    }
    Object.assign(container, { state: 'running', startedAtMs: nowMs })
  }

  removeSandbox(id: string): HollowSandbox | undefined {
    const sandbox = this.#sandboxes.get(id)
    this.#sandboxes.delete(id)
    return sandbox
  }

  removeContainer(id: string): HollowContainer | undefined {
    const container = this.#containers.get(id)
    this.#containers.delete(id)
    return container
  }

  observe(pod: PodIdentity): ObservedPod {
    const isOurs = (each: { readonly pod: PodIdentity }): boolean => each.pod.uid === pod.uid
    const newestFirst = (a: { attempt: number }, b: { attempt: number }): number =>
      b.attempt - a.attempt
    const sandboxes = [...this.#sandboxes.values()].filter(isOurs).sort(newestFirst)
    const containers = [...this.#containers.values()].filter(isOurs).sort(newestFirst)
    return {
      pod,
      sandboxes: sandboxes.map((each) => ({ ...each })),
      containers: containers.map(({ timer: _timer, meter: _meter, ...each }) => ({ ...each })),
    }
  }

  observed(): readonly ObservedPod[] {
    const all = [...this.#sandboxes.values(), ...this.#containers.values()]
    const pods = new Map(all.map(({ pod }) => [pod.uid, pod]))
    return Array.from(pods.values(), (pod) => this.observe(pod))
  }
}
