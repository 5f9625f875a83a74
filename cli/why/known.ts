/** What is known about an object when somebody asks why it is as it is. */
import type { Event } from '#api/kinds/core/event.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string | undefined
  readonly message?: string | undefined
}

/** An object of any kind. */
export interface AnyObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly deletionTimestamp?: string
    readonly finalizers?: readonly string[]
    readonly ownerReferences?: readonly { readonly uid: string }[]
  }
  readonly spec?: { readonly replicas?: number; readonly selector?: unknown }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

/** A pod, and what it needs from others. */
export interface KnownPod {
  readonly pod: Pod
  readonly events: readonly Event[]
  readonly claims: readonly KnownClaim[]
  /** Whether its node is Ready; undefined without one. */
  readonly isNodeReady: boolean | undefined
}

export interface KnownClaim {
  readonly name: string
  /** Undefined where there is none. */
  readonly claim: PersistentVolumeClaim | undefined
  readonly events: readonly Event[]
}
