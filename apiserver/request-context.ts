/** One request on its way through the server, and the parts of the server that it may use. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '#daemon/clock.ts'
import type { Health } from '#daemon/health.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { Upgrade } from '#daemon/streams/accept-upgrade.ts'
import type { Admission } from './admission/admission.ts'
import type { ServiceNetwork } from './allocation/service-network.ts'
import type { Authorizer } from './auth/authorizer.ts'
import type { Credentials } from './auth/credentials.ts'
import type { NodeUsage } from './metrics-api/node-usage.ts'
import type { RequestInfo, ResourceRequest } from './request-info.ts'
import type { ResourceTable } from './resources.ts'
import type { ServerMetrics } from './server-metrics.ts'
import type { Store } from './store/store.ts'
import type { Kubelets } from './streams/kubelets.ts'

/** Who asks, as authentication found. */
export interface User {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export interface RequestContext<Info = RequestInfo> {
  readonly info: Info
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly user: User
  /** Aborted when the client is gone or the server stops. */
  readonly signal: AbortSignal
  /** Sent to the client as Warning headers. */
  readonly warnings: string[]
  /** Present when the client asks for another protocol, such as a WebSocket. */
  readonly upgrade?: Upgrade
}

export type ResourceContext = RequestContext<
  ResourceRequest & { readonly path: string; readonly query: URLSearchParams }
>

/** What verbs work with. */
export interface ServerParts {
  readonly store: Store
  readonly resources: ResourceTable
  readonly admission: Admission
  readonly credentials: Credentials
  readonly authorizer: Authorizer
  readonly serviceNetwork: ServiceNetwork
  readonly kubelets: Kubelets
  /** What nodes use, as their kubelets say. */
  readonly usage: NodeUsage
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly health: Health
  readonly metrics: ServerMetrics
}
