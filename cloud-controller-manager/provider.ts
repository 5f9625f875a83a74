/** What a cloud has to be able to do. Each provider is one small file in providers/. */
import type { Node } from '#api/kinds/core/node.ts'
import type { LoadBalancerStatus, Service } from '#api/kinds/core/service.ts'
import type { NodeAddress } from '#api/parts/core/node-status.ts'

export interface CloudProvider {
  readonly name: string
  /** Undefined where machines are none of its business. */
  readonly instances: Instances | undefined
  /** Undefined where it has no load balancers. */
  readonly balancers: Balancers | undefined
}

/** What a cloud knows about a machine. */
export interface InstanceMetadata {
  /** As <provider>://<id>. */
  readonly providerId: string
  readonly instanceType?: string | undefined
  readonly addresses: readonly NodeAddress[]
  readonly zone?: string | undefined
  readonly region?: string | undefined
}

export interface Instances {
  /** Undefined when it has no opinion about the node yet. */
  metadata(node: Node): Promise<InstanceMetadata | undefined>
  exists(node: Node): Promise<boolean>
  isShutDown(node: Node): Promise<boolean>
}

export interface BalancerRequest {
  readonly service: Service
  /** All Services, as seen last: what they have, no other one may get. */
  readonly services: readonly Service[]
  /** Those that may take traffic from outside. */
  readonly nodes: readonly Node[]
}

/** Each call may be repeated: it brings about what is asked for, and says what there is then. */
export interface Balancers {
  /** Whether the machines behind a balancer have to be told when nodes come and go. */
  readonly dependsOnNodes: boolean
  /** Throws NotNow when it has to wait for other Services. */
  ensure(request: BalancerRequest): Promise<LoadBalancerStatus>
  remove(service: Service): Promise<void>
}

/** What is asked for cannot be had before another Service changes or goes. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}
