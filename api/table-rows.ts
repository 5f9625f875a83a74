/** The walk over columns: the Table that `kubectl get` prints, from a kind and its objects. */
import type { Kind } from './kind.ts'
import type { Table, TableColumnDefinition, TableRow } from './kinds/meta/table.ts'
import type { ListMeta } from './parts/meta/list-meta.ts'
import { type Column, createdAtColumn, nameColumn } from './table.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableOptions {
  /** Milliseconds since the epoch, which ages are counted from. */
  readonly now: number
  /** What each row carries of its object. */
  readonly includeObject?: IncludeObject
  /** What the list says about itself, or the version of a single object. */
  readonly metadata?: ListMeta
  /** A watch describes its columns only once. */
  readonly withoutHeaders?: boolean
}

/** Kinds without columns of their own show name and birth. */
const plainColumns: readonly Column<never>[] = [nameColumn, createdAtColumn]

export function tableFor<S extends object>(
  kind: Kind<S>,
  objects: readonly S[],
  options: TableOptions,
): Table {
  const { now, includeObject = 'Metadata', metadata = {}, withoutHeaders } = options
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withoutHeaders ? null : columnDefinitions(kind),
    rows: objects.map((object) => tableRow(kind, object, now, includeObject)),
  }
}

export function columnDefinitions<S>(kind: Kind<S>): TableColumnDefinition[] {
  return columnsOf(kind).map(({ name, type, format = '', doc, priority = 0 }) => ({
    name,
    type,
    format,
    description: doc,
    priority,
  }))
}

export function tableRow<S extends object>(
  kind: Kind<S>,
  object: S,
  now: number,
  includeObject: IncludeObject = 'Metadata',
): TableRow {
  const cells = columnsOf(kind).map((each) => each.cell(object, now))
  const conditions = kind.rowConditions?.(object) ?? []
  return {
    cells,
    ...(conditions.length > 0 && { conditions: [...conditions] }),
    object: included(object, includeObject),
  }
}

function columnsOf<S>(kind: Kind<S>): readonly Column<S>[] {
  return kind.columns ?? (plainColumns as readonly Column<S>[])
}

function included(object: object, includeObject: IncludeObject): Record<string, unknown> | null {
  if (includeObject === 'None') return null
  if (includeObject === 'Object') return object as Record<string, unknown>
  const { metadata } = object as { metadata?: unknown }
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}
