/** Which part of an object a write may change: everything but status, or only one subresource. */
import type { Resource } from './resources.ts'
import type { ApiObject } from './stored-object.ts'

export interface UpdateScope {
  /** Empty for the object itself. */
  readonly subresource: string
  /** Puts back, in place, what this write must leave alone. */
  reset(next: ApiObject, present: ApiObject): void
  /** Paths, in fields form, that managers of this scope cannot own. */
  readonly resetPaths: readonly (readonly string[])[]
}

export function scopeOf(resource: Resource, subresource: string): UpdateScope {
  if (subresource === 'status') return statusScope
  return resource.kind.subresources?.status ? mainScope : wholeScope
}

const wholeScope: UpdateScope = { subresource: '', reset() {}, resetPaths: [] }

const mainScope: UpdateScope = {
  subresource: '',
  reset: (next, present) => copyField(next, present, 'status'),
  resetPaths: [['status']],
}

/** Labels and annotations may come along with a status; names, owners and finalizers may not. */
const statusScope: UpdateScope = {
  subresource: 'status',
  reset(next, present) {
    for (const field of Object.keys({ ...next, ...present })) {
      if (!statusFields.has(field)) copyField(next, present, field)
    }
  },
  resetPaths: [['spec']],
}

const statusFields = new Set(['kind', 'apiVersion', 'metadata', 'status'])

function copyField(next: ApiObject, present: ApiObject, field: string): void {
  if (present[field] === undefined) delete next[field]
  else next[field] = structuredClone(present[field])
}
