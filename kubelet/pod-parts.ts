/** What all workers of a kubelet share. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { Shortage } from './fit.ts'
import type { ImagePuller } from './images.ts'
import type { Prober } from './probes/prober.ts'
import type { Provisions } from './provisions.ts'
import type { Runtime } from './runtime.ts'
import type { NodeFacts } from './spec/resources.ts'
import type { SandboxFacts } from './spec/sandbox.ts'
import type { SecuritySettings } from './spec/security.ts'

/** What pods have to know of their node. */
export interface NodeContext extends SandboxFacts {
  readonly hostIps: readonly string[]
  /** Name of the runtime, as ids of containers begin. */
  readonly runtime: string
  readonly resources: NodeFacts
  readonly security: SecuritySettings
  readonly allocatable: Readonly<Record<string, string>>
}

export interface PodParts {
  /** What this node lacks for a pod beside the others that it runs. */
  readonly shortage: (pod: Pod) => Shortage | undefined

  readonly client: Client
  readonly runtime: Runtime
  readonly images: ImagePuller
  readonly provisions: Provisions
  readonly prober: Prober
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly node: NodeContext
}
