/** What has to be sent so that the API server's status of a pod becomes the wanted one. */

import type { PodStatus } from '#api/parts/core/pod-status.ts'
import { sameJson } from '#api/patch/same-json.ts'

type Patch = Record<string, unknown>

/** Lists whose entries would be merged into those that are there. */
const merging: readonly string[] = ['podIPs', 'hostIPs']

/** A strategic merge patch; undefined where there is nothing to change. */
export function statusPatch(stored: PodStatus, wanted: PodStatus): Patch | undefined {
  const patch: Patch = {}
  const before = stored as Patch
  const after = wanted as Patch
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (field === 'conditions' || sameJson(before[field], after[field])) continue
    const value = after[field]
    if (value === undefined) patch[field] = null
    else if (merging.includes(field)) patch[field] = [...(value as []), { $patch: 'replace' }]
    else patch[field] = value
  }
  const conditions = changedConditions(stored, wanted)
  if (conditions.length > 0) patch.conditions = conditions
  return Object.keys(patch).length > 0 ? patch : undefined
}

/** Those of others stay as they are, whatever they have become meanwhile. */
function changedConditions(stored: PodStatus, wanted: PodStatus): object[] {
  const before = new Map((stored.conditions ?? []).map((each) => [each.type as string, each]))
  const after = new Set((wanted.conditions ?? []).map(({ type }) => type as string))
  const changed = (wanted.conditions ?? []).filter(
    (each) => !sameJson(withoutNulls(before.get(each.type)), withoutNulls(each)),
  )
  const removed = [...before.keys()].filter((type) => !after.has(type))
  return [
    // A reason that no longer holds has to be taken away by name.
    ...changed.map((each) => ({ reason: null, message: null, ...each })),
    ...removed.map((type) => ({ $patch: 'delete', type })),
  ]
}

function withoutNulls(object: object | undefined): object | undefined {
  return object && Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}
