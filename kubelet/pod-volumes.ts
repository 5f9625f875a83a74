/** The volumes of the pods of this node: made, kept up to date, and taken away again. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { Variable } from './environment.ts'
import type { Mount, SandboxSpec } from './runtime.ts'

/** Why volumes of a pod are not there, in upstream's words; tried again later. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError'
  /** Of the event. */
  readonly reason: 'FailedMount' | 'FailedMapVolume'

  constructor(reason: VolumeError['reason'], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

export interface PreparedVolumes {
  readonly pod: Pod
  /** For the sandbox, which keeps them as long as it lives. */
  readonly memoryVolumes: SandboxSpec['memoryVolumes']
  /** What containers mount, by the name of the volume. */
  readonly mountable: ReadonlyMap<string, MountableVolume>
}

export interface MountableVolume {
  readonly source: Mount['source']
  readonly isReadOnly: boolean
}

/** Like a container of any kind, as far as mounts go. */
export type MountingContainer = Pick<Container, 'name' | 'volumeMounts'>

export interface Volumes {
  /**
   * Resolves when all volumes are there. Throws VolumeError with everything that is not. May be
   * called again at any time, and costs little then; a newer pod brings its new labels along.
   */
  prepare(pod: Pod, signal: AbortSignal): Promise<PreparedVolumes>
  /** Sub-paths are made here; `environment` is what their expressions refer to. */
  mountsOf(
    prepared: PreparedVolumes,
    container: MountingContainer,
    environment: readonly Variable[],
  ): Promise<readonly Mount[]>
  /** Takes away everything of a pod whose containers have ended. */
  release(podUid: string): Promise<void>
  /** The uids of all pods that have files on this node. */
  orphans(): Promise<readonly string[]>
}
