/** Who owns which fields of an object: `metadata.managedFields` as a table of managers. */
import type { ManagedFieldsEntry } from '../parts/meta/object-meta.ts'
import { canonicalSet } from './canonical-set.ts'
import { type FieldSet, type Fields, LEAF } from './field-set.ts'

export type Operation = 'Apply' | 'Update'

/** What tells managers apart. One that applies is the same whatever version it applies. */
export interface ManagerName {
  readonly manager: string
  readonly operation: Operation
  readonly apiVersion: string
  readonly subresource: string
}

export interface Manager extends ManagerName {
  /** RFC 3339, of the last change. */
  readonly time?: string
  readonly fields: Fields
}

/** By identity. */
export type Managers = Map<string, Manager>

/** The identity of a manager, in upstream's form: messages list managers in its order. */
export function identityOf({ manager, operation, apiVersion, subresource }: ManagerName): string {
  return JSON.stringify({
    ...(manager && { manager }),
    operation,
    ...(operation === 'Update' && apiVersion && { apiVersion }),
    ...(subresource && { subresource }),
  })
}

/** Nothing at all where an entry makes no sense. `isTrusted`: written by this server itself. */
export function decodedManagers(
  entries: readonly ManagedFieldsEntry[] | null | undefined,
  isTrusted = false,
): Managers | undefined {
  const managers: Managers = new Map()
  for (const entry of entries ?? []) {
    const { manager = '', operation, apiVersion, subresource = '', time, fieldsType } = entry
    if (operation !== 'Apply' && operation !== 'Update') return undefined
    if (!apiVersion || fieldsType !== 'FieldsV1') return undefined
    const fields = isTrusted ? storedSet(entry.fieldsV1) : canonicalSet(entry.fieldsV1 ?? {})
    if (fields === 'invalid') return undefined
    const name = { manager, operation, apiVersion, subresource }
    managers.set(identityOf(name), { ...name, ...(time && { time }), fields })
  }
  return managers
}

function storedSet(value: unknown): Fields {
  for (const _ in value as object) return value as FieldSet
  return undefined
}

/** In the order in which they are stored; undefined without any. */
export function encodedManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (!managers.size) return undefined
  const sorted = [...managers.values()]
  if (sorted.length > 1) sorted.sort(compareManagers)
  return sorted.map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
    ...(manager && { manager }),
    operation,
    apiVersion,
    ...(time && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: (fields ?? LEAF) as Record<string, unknown>,
    ...(subresource && { subresource }),
  }))
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareTexts(a.operation, b.operation) ||
    compareTexts(a.time ?? '', b.time ?? '') ||
    compareTexts(a.manager, b.manager) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource, b.subresource)
  )
}

export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
