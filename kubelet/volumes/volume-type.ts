/** What a type of volume is, and what it may use. */
import type { ConfigMap } from '#api/kinds/core/config-map.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Secret } from '#api/kinds/core/secret.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import type { Mount } from '../runtime.ts'
import type { Mounter } from './mounter.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'

export interface NodeFacts {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Record<string, string>>
}

export interface VolumeParts {
  readonly sources: {
    configMap(namespace: string, name: string): Promise<ConfigMap | undefined>
    secret(namespace: string, name: string): Promise<Secret | undefined>
  }
  readonly client: Client
  readonly tokens: ServiceAccountTokens
  readonly mounter: Mounter
  readonly clock: Clock
  readonly random: Random
  /** As they are now. */
  readonly node: () => NodeFacts
  /**
   * Where the kubelet sees the files of the node: empty where it runs there itself, and something
   * like `/proc/1/root` in a container.
   */
  readonly nodeRoot: string
}

export interface VolumeContext {
  readonly pod: Pod
  /** As the pod calls the volume. */
  readonly name: string
  /** Where files of the kubelet for this volume belong; not made yet. */
  readonly directory: string
  readonly parts: VolumeParts
}

export interface MountableVolume {
  readonly source: Mount['source']
  readonly isReadOnly: boolean
  /** The path is one of the node, not one of the kubelet's own. */
  readonly isOfNode?: boolean
  /** A block device, for containers that want it as such. */
  readonly device?: string
  /** For a volume in memory. */
  readonly sizeBytes?: number | undefined
}

export interface VolumeType<Source> {
  /** Part of the paths of its volumes, as upstream has it. */
  readonly folder: string
  /**
   * Makes the volume, or brings it up to date; done again after a crash at any instant. Throws
   * with what a user is to read.
   */
  setUp(source: Source, context: VolumeContext): Promise<MountableVolume>
}
