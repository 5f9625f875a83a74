/** Puts parts of an object back as they were, in place. */
import type { ObjectMeta } from '#api/parts/meta/object-meta.ts'
import type { ApiObject } from './stored-object.ts'

export function keepField(next: ApiObject, present: ApiObject, field: string): void {
  if (present[field] === undefined) delete next[field]
  else next[field] = structuredClone(present[field])
}

/** All but managed fields, which say who changed what is left. */
export function keepMetadata(next: ApiObject, present: ApiObject): void {
  const { managedFields } = next.metadata
  const { managedFields: _, ...kept } = present.metadata
  next.metadata = {
    ...structuredClone(kept),
    ...(managedFields && { managedFields }),
  } as ObjectMeta
}

export function keepOwners({ metadata: next }: ApiObject, { metadata: present }: ApiObject): void {
  if (present.ownerReferences) next.ownerReferences = structuredClone(present.ownerReferences)
  else delete next.ownerReferences
}
