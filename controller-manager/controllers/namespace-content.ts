/** What is left in a namespace that is being deleted, and what its status says about it. */
import { withCondition } from '#api/conditions.ts'
import type { NamespaceCondition, NamespaceStatus } from '#api/kinds/core/namespace.ts'
import { timeToEpoch } from '#api/time.ts'

/** Objects of one resource that are still there. */
export interface Remaining {
  /** Plural and group with a dot between them, which is all there is of the core group. */
  readonly resource: string
  readonly objects: readonly RemainingObject[]
}

export interface RemainingObject {
  readonly finalizers?: readonly string[] | null
  readonly deletionTimestamp?: string | null
}

/** What one pass over all resources has found. */
export interface Findings {
  readonly remaining: readonly Remaining[]
  /** Why content could not be deleted. */
  readonly failures: readonly string[]
  /** Groups with versions whose resources nobody knows at the moment. */
  readonly unreachable: readonly string[]
}

type Type = NamespaceCondition['type']
type Trouble = Pick<NamespaceCondition, 'reason' | 'message'>

const fine: Readonly<Record<string, Trouble>> = {
  NamespaceDeletionDiscoveryFailure: {
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  NamespaceDeletionGroupVersionParsingFailure: {
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
  NamespaceDeletionContentFailure: {
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
  NamespaceContentRemaining: {
    reason: 'ContentRemoved',
    message: 'All content successfully removed',
  },
  NamespaceFinalizersRemaining: {
    reason: 'ContentRemoved',
    message: 'All content successfully removed',
  },
}

/** Upstream's guess at how long whoever set a finalizer needs. */
const FINALIZER_SECONDS = 15

export const isEmpty = ({ remaining, failures, unreachable }: Findings): boolean =>
  remaining.length === 0 && failures.length === 0 && unreachable.length === 0

export function statusAfter(
  status: NamespaceStatus,
  findings: Findings,
  now: string,
): NamespaceStatus {
  let conditions: readonly NamespaceCondition[] = status.conditions ?? []
  const troubles = troublesIn(findings)
  for (const [type, usual] of Object.entries(fine)) {
    const trouble = troubles[type]
    const next = { type: type as Type, status: trouble ? 'True' : 'False', ...(trouble ?? usual) }
    conditions = withCondition(conditions, next as NamespaceCondition, now)
  }
  return { ...status, phase: 'Terminating', conditions: [...conditions] }
}

function troublesIn({ remaining, failures, unreachable }: Findings): Record<string, Trouble> {
  const finalizers = countedFinalizers(remaining)
  return {
    ...(unreachable.length > 0 && {
      NamespaceDeletionDiscoveryFailure: {
        reason: 'DiscoveryFailed',
        message: undiscovered(unreachable),
      },
    }),
    ...(failures.length > 0 && {
      NamespaceDeletionContentFailure: {
        reason: 'ContentDeletionFailed',
        message:
          `Failed to delete all resource types, ${failures.length} remaining: ` +
          failures.toSorted().join(', '),
      },
    }),
    ...(remaining.length > 0 && {
      NamespaceContentRemaining: {
        reason: 'SomeResourcesRemain',
        message: `Some resources are remaining: ${remaining
          .map(({ resource, objects }) => `${resource} has ${objects.length} resource instances`)
          .toSorted()
          .join(', ')}`,
      },
    }),
    ...(finalizers.size > 0 && {
      NamespaceFinalizersRemaining: {
        reason: 'SomeFinalizerRemain',
        message: `Some finalizers are remaining: ${[...finalizers]
          .map(([name, count]) => `${name} in ${count} resource instances`)
          .toSorted()
          .join(', ')}`,
      },
    }),
  }
}

/** The sentence of the discovery client of upstream. */
function undiscovered(unreachable: readonly string[]): string {
  const stale = unreachable.map((each) => `${each}: stale GroupVersion discovery: ${each}`)
  return (
    `Discovery failed for some groups, ${unreachable.length} failing: ` +
    `unable to retrieve the complete list of server APIs: ${stale.toSorted().join(', ')}`
  )
}

function countedFinalizers(remaining: readonly Remaining[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { finalizers } of remaining.flatMap(({ objects }) => objects)) {
    for (const name of finalizers ?? []) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/**
 * How long to leave what remains to itself, as upstream: half of the time that it may take, and a
 * second. Undefined where nothing explains why there is something left.
 */
export function waitMs(remaining: readonly Remaining[], nowMs: number): number | undefined {
  const objects = remaining.flatMap((each) => each.objects)
  const seconds = Math.max(
    0,
    ...objects.map(({ finalizers, deletionTimestamp }) => {
      if (finalizers?.length) return FINALIZER_SECONDS
      if (!deletionTimestamp) return 0
      return Math.ceil(timeToEpoch(deletionTimestamp).seconds - nowMs / 1000)
    }),
  )
  return seconds > 0 ? (Math.floor(seconds / 2) + 1) * 1000 : undefined
}
