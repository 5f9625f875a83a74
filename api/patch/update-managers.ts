/** Ownership after a write that is no apply: the writer alone owns what it changed. */
import type { Schema } from '../schema.ts'
import { type Comparison, compare } from './compare.ts'
import {
  difference,
  type FieldSet,
  type Fields,
  intersection,
  union,
  without,
} from './field-set.ts'
import { identityOf, type Manager, type ManagerName, type Managers } from './managers.ts'
import { shapeOf } from './shape.ts'

/** An object of one version of the API. */
export interface Versioned {
  readonly schema: Schema
  readonly apiVersion: string
}

export interface Tracking extends Versioned {
  /** The object as another version has it; undefined where there is no such version. */
  convert?(object: object, apiVersion: string): { schema: Schema; object: object } | undefined
  /** Fields that this kind of write resets, by version: nobody comes to own them by it. */
  readonly resetFields?: Fields
}

export interface Writer {
  readonly manager: string
  readonly subresource: string
  /** RFC 3339; nobody asks when, if left out. */
  readonly time?: string
}

export const nameOf = (
  { manager, subresource }: Writer,
  operation: 'Apply' | 'Update',
  apiVersion: string,
): ManagerName => ({ manager: manager || 'unknown', operation, apiVersion, subresource })

/** What everybody but `self` loses by a change, by manager, and the change itself. */
export interface Losses {
  readonly comparison: Comparison
  /** Fields that others own and the change sets to something else. */
  readonly conflicts: ReadonlyMap<string, FieldSet>
  /** The managers that remain, without what is gone. */
  readonly managers: Managers
}

export function lossesOf(
  tracking: Tracking,
  before: object,
  after: object,
  managers: Managers,
  self: string,
): Losses {
  const comparisons = new Map<string, Comparison | undefined>()
  const comparison = excluded(compare(shapeOf(tracking.schema), before, after), tracking)
  comparisons.set(tracking.apiVersion, comparison)
  const conflicts = new Map<string, FieldSet>()
  const remaining: Managers = new Map()
  for (const [identity, manager] of managers) {
    if (identity === self) {
      remaining.set(identity, manager)
      continue
    }
    const { apiVersion } = manager
    if (!comparisons.has(apiVersion)) {
      comparisons.set(apiVersion, comparedAs(tracking, before, after, apiVersion))
    }
    const changes = comparisons.get(apiVersion)
    // A version that is not served any more cannot be compared: upstream forgets its managers.
    if (!changes) continue
    const taken = intersection(manager.fields, union(changes.modified, changes.added))
    if (taken) conflicts.set(identity, taken)
    const fields = difference(difference(manager.fields, taken), changes.removed)
    if (fields) remaining.set(identity, { ...manager, fields })
  }
  return { comparison, conflicts, managers: remaining }
}

function comparedAs(
  tracking: Tracking,
  before: object,
  after: object,
  apiVersion: string,
): Comparison | undefined {
  const left = tracking.convert?.(before, apiVersion)
  const right = tracking.convert?.(after, apiVersion)
  if (!left || !right) return undefined
  return excluded(compare(shapeOf(left.schema), left.object, right.object), tracking)
}

function excluded(comparison: Comparison, { resetFields }: Tracking): Comparison {
  if (!resetFields) return comparison
  return {
    added: without(comparison.added, resetFields),
    modified: without(comparison.modified, resetFields),
    removed: without(comparison.removed, resetFields),
  }
}

/** Managers after `writer` turned `before` into `after`. */
export function updatedManagers(
  tracking: Tracking,
  before: object,
  after: object,
  managers: Managers,
  writer: Writer,
): Managers {
  const { comparison, managers: others } = lossesOf(tracking, before, after, managers, '')
  const changed = owned(union(comparison.modified, comparison.added), tracking)
  if (changed) {
    const name = nameOf(writer, 'Update', tracking.apiVersion)
    const identity = identityOf(name)
    const fields = union(changed, others.get(identity)?.fields)
    others.set(identity, { ...name, ...(writer.time && { time: writer.time }), fields })
  }
  return capped(others)
}

/** Without what nobody owns: the identity of the object and what the server alone decides. */
export function owned(fields: Fields, { resetFields }: Pick<Tracking, 'resetFields'>): Fields {
  return difference(without(fields, resetFields), unowned)
}

const unowned: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:clusterName': {},
    'f:creationTimestamp': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:name': {},
    'f:namespace': {},
    'f:resourceVersion': {},
    'f:selfLink': {},
    'f:uid': {},
  },
}

const UPDATERS_MAX = 10
const ANCIENT = 'ancient-changes'

/** Bounds the managers that only updated: the oldest ones of a version become one. */
function capped(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update')
  if (updaters.length <= UPDATERS_MAX) return managers
  updaters.sort(([a, left], [b, right]) => order(left.time, right.time) || order(a, b))
  const firsts = new Map<string, string>()
  let count = updaters.length
  for (const [identity, manager] of updaters) {
    if (count <= UPDATERS_MAX) break
    const { apiVersion, time } = manager
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, identity)
      continue
    }
    const name: ManagerName = { manager: ANCIENT, operation: 'Update', apiVersion, subresource: '' }
    const bucket = identityOf(name)
    const previous = managers.get(bucket) ?? (managers.get(first) as Manager)
    if (!managers.has(bucket)) managers.delete(first)
    managers.delete(identity)
    const fields = union(manager.fields, previous.fields)
    managers.set(bucket, { ...name, ...(time && { time }), fields })
    count--
  }
  return managers
}

const order = (a = '', b = ''): number => (a === b ? 0 : a < b ? -1 : 1)
