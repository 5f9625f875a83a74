/**
 * When nodes were last heard of, and what is said of those that have fallen silent. That a sign of
 * life has changed counts, and when that was seen here: the clocks of nodes may be wrong.
 */
import type { Lease } from '#api/kinds/coordination/lease.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { NodeCondition } from '#api/parts/core/node-status.ts'
import type { Clock } from '#daemon/clock.ts'
import { timeToMs } from '../pods.ts'
import { readyCondition } from './node-facts.ts'

interface Heard {
  readonly uid: string
  readonly heartbeat: string
  readonly renewal: string
  /** By the monotonic clock. */
  at: number
}

export interface Look {
  readonly silentMs: number
  readonly isNew: boolean
  /** Of another node that had the same name when it was looked at last. */
  readonly formerUid: string | undefined
}

export class NodeHealth {
  readonly #heard = new Map<string, Heard>()

  look(node: Node, lease: Lease | undefined, clock: Clock): Look {
    const { name, uid } = node.metadata
    const now = clock.monotonic()
    const known = this.#heard.get(name)
    const isNew = known?.uid !== uid
    const heartbeat = heartbeatOf(node)
    const renewal = lease?.spec.renewTime ?? ''
    const isAlive =
      !isNew && (known.heartbeat !== heartbeat || (renewal !== '' && known.renewal !== renewal))
    const first = renewal !== '' || readyCondition(node) ? now : now - ageMs(node, clock)
    const at = isNew ? first : isAlive ? now : known.at
    this.#heard.set(name, { uid, heartbeat, renewal: renewal || (known?.renewal ?? ''), at })
    return { silentMs: now - at, isNew, formerUid: isNew ? known?.uid : undefined }
  }

  /** Nobody could be heard for a time: all get their full grace from here on. */
  excuseAll(nowMs: number): void {
    for (const heard of this.#heard.values()) heard.at = nowMs
  }

  /** The UID that it had. */
  forget(name: string): string | undefined {
    const { uid } = this.#heard.get(name) ?? {}
    this.#heard.delete(name)
    return uid
  }
}

/** What is set here in the name of a silent kubelet repeats its last heartbeat. */
const heartbeatOf = (node: Node): string =>
  readyCondition(node)?.lastHeartbeatTime ?? node.metadata.creationTimestamp ?? ''

function ageMs({ metadata }: Node, clock: Clock): number {
  const createdAt = timeToMs(metadata.creationTimestamp)
  return createdAt === undefined ? 0 : Math.max(clock.now() - createdAt, 0)
}

/** All that kubelets report. Whether the network is there, others may know better. */
const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

/** The conditions of a node that has fallen silent; undefined when they say so already. */
export function silentConditions({ metadata, status }: Node, now: string) {
  const conditions = status.conditions ?? []
  const changed = conditions.map((condition): NodeCondition => {
    const isOurs = reported.some((type) => type === condition.type)
    if (!isOurs || condition.status === 'Unknown') return condition
    return {
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: now,
    }
  })
  const missing = reported.filter((type) => !conditions.some((each) => each.type === type))
  const added = missing.map(
    (type): NodeCondition => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: metadata.creationTimestamp ?? null,
      lastTransitionTime: now,
    }),
  )
  const isSame = added.length === 0 && changed.every((each, index) => each === conditions[index])
  return isSame ? undefined : [...changed, ...added]
}
