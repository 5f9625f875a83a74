/** Which taints and labels a node should have, from what its conditions say. Pure. */
import type { Node, Taint } from '#api/kinds/core/node.ts'

const UNREACHABLE = 'node.kubernetes.io/unreachable'
const NOT_READY = 'node.kubernetes.io/not-ready'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** By type of condition, by status: the taint that keeps new pods off. */
const byCondition: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}

const ours: ReadonlySet<string> = new Set([
  UNSCHEDULABLE,
  ...Object.values(byCondition).flatMap((byStatus) => Object.values(byStatus)),
])

/** Older names of labels, which pods may still ask for. */
const olderLabels: Readonly<Record<string, string>> = {
  'kubernetes.io/os': 'beta.kubernetes.io/os',
  'kubernetes.io/arch': 'beta.kubernetes.io/arch',
}

function noScheduleKeys({ spec, status }: Node): ReadonlySet<string> {
  const keys = (status.conditions ?? []).flatMap(({ type, status: word }) => {
    const key = byCondition[type]?.[word]
    return key === undefined ? [] : [key]
  })
  return new Set(spec.unschedulable ? [...keys, UNSCHEDULABLE] : keys)
}

/** What a node that is not ready does to the pods that are on it. */
export type Execution = typeof UNREACHABLE | typeof NOT_READY | undefined

/** The one that its condition asks for, whether it may be set now or not. */
export function executionFor(readyStatus: string | undefined): Execution {
  if (readyStatus === 'Unknown') return UNREACHABLE
  return readyStatus === 'False' ? NOT_READY : undefined
}

/** The one that the node has; none where it has neither. */
export const executionOf = ({ spec }: Node): Execution =>
  ([UNREACHABLE, NOT_READY] as const).find((key) =>
    (spec.taints ?? []).some((taint) => taint.key === key && taint.effect === 'NoExecute'),
  )

/** All taints that the node should have; undefined when those are the ones that it has. */
export function wantedTaints(node: Node, execution: Execution, now: string): Taint[] | undefined {
  const present = node.spec.taints ?? []
  const missing = new Set(noScheduleKeys(node))
  let isMissing = execution !== undefined
  const kept = present.filter(({ key, effect }) => {
    if (effect === 'NoSchedule' && ours.has(key)) return missing.delete(key)
    if (effect !== 'NoExecute' || (key !== UNREACHABLE && key !== NOT_READY)) return true
    if (key !== execution || !isMissing) return false
    isMissing = false
    return true
  })
  const added = [...missing].map((key): Taint => ({ key, effect: 'NoSchedule', timeAdded: now }))
  if (isMissing) added.push({ key: execution!, effect: 'NoExecute', timeAdded: now })
  if (added.length === 0 && kept.length === present.length) return undefined
  return [...kept, ...added]
}

/** Labels to add or change; undefined when there are none. */
export function wantedLabels({ metadata }: Node): Record<string, string> | undefined {
  const changed = Object.entries(olderLabels).flatMap(([name, older]) => {
    const value = metadata.labels?.[name]
    return value === undefined || metadata.labels?.[older] === value ? [] : [[older, value]]
  })
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}
