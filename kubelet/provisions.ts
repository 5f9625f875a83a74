/** What containers get from their node besides an image: volumes, files, and an environment. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import { type EnvironmentFacts, environmentOf, type Variable } from './environment.ts'
import type { PodFiles } from './pod-files.ts'
import type { PodVolumes, PreparedVolumes } from './pod-volumes.ts'
import type { ContainerSpec, Mount, SandboxSpec } from './runtime.ts'
import type { Sources } from './sources.ts'

export interface Provided {
  readonly environment: readonly Variable[]
  readonly mounts: readonly Mount[]
  readonly devices: ContainerSpec['devices']
}

export interface Provisions {
  /** Throws VolumeError. May be called again at any time, for a pod that has changed. */
  prepare(pod: Pod, signal: AbortSignal): Promise<SandboxSpec['memoryVolumes']>
  /** Throws ConfigError or VolumeError. Wants the volumes prepared. */
  provide(
    pod: Pod,
    container: Container,
    attempt: number,
    facts: EnvironmentFacts,
  ): Promise<Provided>
  /** What the container has written as the reason of its end. */
  lastWords(podUid: string, container: string, attempt: number): Promise<string>
  /** Takes everything away again, once nothing of the pod runs. */
  release(podUid: string): Promise<void>
  /** The uids of pods that still have something. */
  orphans(): Promise<readonly string[]>
}

export interface NodeProvisionsParts {
  readonly volumes: PodVolumes
  readonly files: PodFiles
  readonly sources: Sources
}

export class NodeProvisions implements Provisions {
  readonly #parts: NodeProvisionsParts
  readonly #prepared = new Map<string, PreparedVolumes>()

  constructor(parts: NodeProvisionsParts) {
    this.#parts = parts
  }

  async prepare(pod: Pod, signal: AbortSignal): Promise<SandboxSpec['memoryVolumes']> {
    const prepared = await this.#parts.volumes.prepare(pod, signal)
    this.#prepared.set(pod.metadata.uid, prepared)
    return prepared.memoryVolumes
  }

  async provide(
    pod: Pod,
    container: Container,
    attempt: number,
    facts: EnvironmentFacts,
  ): Promise<Provided> {
    const { volumes, files, sources } = this.#parts
    const prepared = this.#prepared.get(pod.metadata.uid)
    if (!prepared) throw new Error('provide for a container: no volumes, wanted them prepared')
    // A pod that has changed since its volumes were made may name other sources.
    sources.use(pod)
    const environment = await environmentOf(pod, container, sources, facts)
    await files.write(pod, facts.podIps)
    const own = await volumes.mountsOf(prepared, container, environment)
    const shared = await files.mountsOf(pod, container, attempt)
    const devices = volumes.devicesOf(prepared, container)
    return { environment, mounts: [...own, ...shared], devices }
  }

  lastWords(podUid: string, container: string, attempt: number): Promise<string> {
    return this.#parts.files.terminationMessage(podUid, container, attempt)
  }

  async release(podUid: string): Promise<void> {
    await this.#parts.volumes.release(podUid)
    this.#prepared.delete(podUid)
  }

  orphans(): Promise<readonly string[]> {
    return this.#parts.volumes.orphans()
  }
}

/** For nodes that only pretend: there is nothing to be seen from inside a container. */
export const noProvisions: Provisions = {
  prepare: async () => [],
  provide: async () => ({ environment: [], mounts: [], devices: [] }),
  lastWords: async () => '',
  release: async () => undefined,
  orphans: async () => [],
}
