/** What the garbage collector does about one object, once it is known how its owners are. */
import type { ObjectMeta, OwnerReference } from '#api/parts/meta/object-meta.ts'
import { FOREGROUND, ORPHAN } from './garbage-collector-graph.ts'

export interface Owners {
  /** They are there, and stay or go without their dependents. */
  readonly solid: readonly OwnerReference[]
  /** They are gone. */
  readonly dangling: readonly OwnerReference[]
  /** They go, and wait for their dependents to go first. */
  readonly waiting: readonly OwnerReference[]
}

export type Plan =
  | { readonly type: 'keep' }
  /** Some owner stays: the object forgets the others, so that these need not wait for it. */
  | { readonly type: 'release'; readonly ownerReferences: readonly OwnerReference[] }
  | {
      readonly type: 'delete'
      readonly policy: 'Foreground' | 'Background' | 'Orphan'
      /** Its references are changed to these first, so that owners in a circle do not wait. */
      readonly unblocked?: readonly OwnerReference[]
    }

export interface Dependents {
  readonly count: number
  /** One of them waits for its own dependents. */
  readonly isAnyWaiting: boolean
}

export function planOwned(
  metadata: ObjectMeta,
  { solid, dangling, waiting }: Owners,
  dependents: Dependents,
): Plan {
  const owners = metadata.ownerReferences ?? []
  if (owners.length === 0) return { type: 'keep' }
  if (solid.length > 0) {
    if (dangling.length + waiting.length === 0) return { type: 'keep' }
    return { type: 'release', ownerReferences: solid }
  }
  if (waiting.length > 0 && dependents.count > 0) {
    const isBlocking = owners.some(({ blockOwnerDeletion }) => blockOwnerDeletion)
    const unblocked = owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
    const isCircle = dependents.isAnyWaiting && isBlocking
    return { type: 'delete', policy: 'Foreground', ...(isCircle && { unblocked }) }
  }
  // What was decided about its dependents before stays decided.
  const finalizers = metadata.finalizers ?? []
  if (finalizers.includes(ORPHAN)) return { type: 'delete', policy: 'Orphan' }
  const isForeground = finalizers.includes(FOREGROUND)
  return { type: 'delete', policy: isForeground ? 'Foreground' : 'Background' }
}
