/** Tables: what `kubectl get` prints about objects, computed by the server from columns. */
import { humanDuration, timeToEpoch } from './time.ts'

export type Cell = string | number | boolean | null | object

export interface ColumnOptions {
  readonly format?: string
  /** Zero is always shown; greater ones only with `-o wide`. */
  readonly priority?: number
}

export interface Column<S> extends ColumnOptions {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly doc: string
  /** `now` is in milliseconds since the epoch. */
  cell(object: S, now: number): Cell
}

export interface RowCondition {
  readonly type: 'Completed'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
}

export function column<S>(
  name: string,
  type: Column<S>['type'],
  doc: string,
  cell: Column<S>['cell'],
  options: ColumnOptions = {},
): Column<S> {
  return { name, type, doc, cell, ...options }
}

interface Named {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string | null }
}

export const nameColumn = column<Named>(
  'Name',
  'string',
  'Name of the object, unique among its kind in its namespace.',
  (object) => object.metadata.name,
  { format: 'name' },
)

export const ageColumn = column<Named>('Age', 'string', 'How long ago the object was created.', age)

/** The time itself instead of an age, as a few older tables have it. */
export const createdAtColumn = column<Named>(
  'Created At',
  'date',
  'When the object was created.',
  (object) => object.metadata.creationTimestamp,
)

function age(object: Named, now: number): string {
  return sinceText(object.metadata.creationTimestamp, now)
}

/** `5m12s` since a time of the API; `<unknown>` when there is none. */
export function sinceText(time: string | null | undefined, now: number): string {
  if (!time) return '<unknown>'
  return humanDuration(Math.floor(now / 1000) - timeToEpoch(time).seconds)
}
