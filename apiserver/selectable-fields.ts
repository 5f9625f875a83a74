/** The fields that field selectors may read, kept beside each object so that none is parsed. */
import type { Kind } from '#api/kind.ts'
import type { ApiObject } from './stored-object.ts'

/** Name and namespace are left out: they are in the key. */
export function selectableFieldsOf(kind: Kind, object: ApiObject): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [path, read] of Object.entries(kind.selectable ?? {})) fields[path] = read(object)
  return fields
}

export function isSelectable(kind: Kind, path: string): boolean {
  if (path === 'metadata.name') return true
  if (path === 'metadata.namespace') return kind.scope === 'Namespaced'
  return kind.selectable !== undefined && Object.hasOwn(kind.selectable, path)
}
