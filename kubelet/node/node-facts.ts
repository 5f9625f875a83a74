/** What a kubelet tells about its node. */
import type { Taint } from '#api/kinds/core/node.ts'
import type { NodeAddress } from '#api/parts/core/node-status.ts'
import type { Image, RuntimeInfo } from '../runtime.ts'

export interface MachineIds {
  readonly machineID: string
  readonly systemUUID: string
  readonly bootID: string
}

export interface NodeSettings {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Of the node when it is first registered. */
  readonly taints: readonly Taint[]
  readonly providerId: string | undefined
  readonly addresses: readonly NodeAddress[]
  /** Where the server of the kubelet listens. */
  readonly port: number
  readonly podsMax: number
  readonly registers: boolean
  /** Below it are volumes that the cluster makes in directories of this node; unset: none are. */
  readonly localPathDirectory?: string
}

export interface NodeState {
  readonly info: RuntimeInfo
  readonly ids: MachineIds
  readonly images: readonly Image[]
  /** Why pods cannot be run now. */
  readonly problems: readonly string[]
  /** Such as MemoryPressure. */
  readonly pressures: ReadonlySet<string>
}
