/** Puts parts of an object back as they were, in place. */
import { jsonCopy } from '#api/json-copy.ts'
import type { ObjectMeta } from '#api/parts/meta/object-meta.ts'
import type { ApiObject } from './stored-object.ts'

export function keepField(next: ApiObject, present: ApiObject, field: string): void {
  if (present[field] === undefined) delete next[field]
  else next[field] = jsonCopy(present[field])
}

/** All but managed fields, which say who changed what is left. */
export function keepMetadata(next: ApiObject, present: ApiObject): void {
  const { managedFields } = next.metadata
  const { managedFields: _, ...kept } = present.metadata
  next.metadata = {
    ...jsonCopy(kept),
    ...(managedFields && { managedFields }),
  } as ObjectMeta
}

export function keepOwners({ metadata: next }: ApiObject, { metadata: present }: ApiObject): void {
  if (present.ownerReferences) next.ownerReferences = jsonCopy(present.ownerReferences)
  else delete next.ownerReferences
}
