/** What the server of a kubelet is made of. */
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Metrics } from '#daemon/metrics.ts'
import type { Runtime } from '../runtime.ts'
import type { Statistics } from '../stats/statistics.ts'
import type { PodDirectory } from './pod-directory.ts'

export interface ServerParts {
  readonly nodeName: string
  readonly pods: PodDirectory
  readonly runtime: Runtime
  /** For the questions who a caller is, and whether it may. */
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly statistics: Statistics
  /** Of the kubelet itself. */
  readonly metrics: Metrics
  readonly probeMetrics?: Metrics
  /** What `/configz` shows: the configuration, without anything secret. */
  readonly configuration: () => object
}
