/** Takes from an object what a manager applied last time and nobody wants any more. */
import type { Schema } from '../schema.ts'
import { difference, type Fields, intersection, union } from './field-set.ts'
import type { Manager, Managers } from './managers.ts'
import { claimedFields, withNamedFields } from './owned-fields.ts'
import { removeFields } from './remove-fields.ts'
import { type Shape, shapeOf } from './shape.ts'
import type { Tracking } from './update-managers.ts'

/** An object in one version of the API. */
interface View {
  readonly apiVersion: string
  readonly shape: Shape
  readonly object: object
}

export function prune(
  tracking: Tracking,
  merged: object,
  managers: Managers,
  last: Manager | undefined,
): object {
  if (!last?.fields || isCovered(tracking, managers, last)) return merged
  const start = viewOf(tracking.schema, tracking.apiVersion, merged)
  const all = viewAs(tracking, start, last.apiVersion)
  if (!all) return merged
  const named = withNamedFields(all.shape, last.fields)
  let pruned: View = { ...all, object: removed(all, named) }
  for (const [apiVersion, fields] of claimsByVersion(managers, last.apiVersion)) {
    const whole = viewAs(tracking, all, apiVersion)
    const part = viewAs(tracking, pruned, apiVersion)
    if (whole && part) pruned = withOwned(whole, part, fields)
  }
  const result = viewAs(tracking, pruned, last.apiVersion)
  if (!result) return merged
  const kept = { ...all, object: withDangling(all, result, named) }
  return viewAs(tracking, kept, tracking.apiVersion)?.object ?? merged
}

/** Whether all that was applied last time is claimed now: then there is nothing to remove. */
function isCovered({ apiVersion }: Tracking, managers: Managers, last: Manager): boolean {
  if (last.apiVersion !== apiVersion) return false
  const now = [...managers.values()].filter((each) => each.apiVersion === apiVersion)
  const rest = now.reduce((fields, each) => difference(fields, each.fields), last.fields as Fields)
  return rest === undefined
}

const viewOf = (schema: Schema, apiVersion: string, object: object): View => ({
  apiVersion,
  shape: shapeOf(schema),
  object,
})

/** Undefined where there is no such version any more. */
function viewAs(tracking: Tracking, view: View, apiVersion: string): View | undefined {
  if (view.apiVersion === apiVersion) return view
  const converted = tracking.convert?.(view.object, apiVersion)
  return converted && viewOf(converted.schema, apiVersion, converted.object)
}

/** What managers claim now; the version of the last apply first, as conversions may need it. */
function claimsByVersion(managers: Managers, first: string): Map<string, Fields> {
  const claims = new Map<string, Fields>([[first, undefined]])
  for (const { apiVersion, fields } of managers.values()) {
    claims.set(apiVersion, union(claims.get(apiVersion), fields))
  }
  return claims
}

const removed = ({ shape, object }: View, fields: Fields): object =>
  (removeFields(shape, object, fields) ?? {}) as object

const claimed = ({ shape, object }: View): Fields =>
  withNamedFields(shape, claimedFields(shape, object))

/** Puts back what somebody claims. */
function withOwned(whole: View, part: View, fields: Fields): View {
  const kept = union(claimed(part), withNamedFields(whole.shape, fields))
  return { ...whole, object: removed(whole, difference(claimed(whole), kept)) }
}

/** Puts back what was not the manager's to remove. */
function withDangling(whole: View, part: View, last: Fields): object {
  return removed(whole, intersection(difference(claimed(whole), claimed(part)), last))
}
