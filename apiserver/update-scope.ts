/** Which part of an object a write may change: everything but status, or only one subresource. */
import type { ChangeRules } from '#api/check.ts'
import { qualified } from '#api/status.ts'
import { keepField, keepMetadata, keepOwners } from './kept-fields.ts'
import type { Resource } from './resources.ts'
import type { ApiObject } from './stored-object.ts'
import { subresourceScopes } from './subresource-scopes.ts'

export interface UpdateScope {
  /** Empty for the object itself. */
  readonly subresource: string
  /** Puts back, in place, what this write must leave alone. */
  reset(next: ApiObject, present: ApiObject): void
  /** Puts back what belongs to whoever wrote it, even though it was not changed. */
  settle?(next: ApiObject, present: ApiObject): void
  /** Paths, in fields form, that managers of this scope cannot own. */
  readonly resetPaths: readonly (readonly string[])[]
  /** What such a change must obey, where that is not what the whole object must. */
  readonly rules?: ChangeRules
}

export function scopeOf(resource: Resource, subresource: string): UpdateScope {
  const name = qualified(resource)
  const special = subresourceScopes[`${name}/${subresource}`]
  if (special) return special
  if (!subresource) return resource.kind.subresources?.status ? mainScope : wholeScope
  if (subresource === 'scale') return scaleScope
  if (name === 'pods') return podStatusScope
  if (resource.isCustom) return customStatusScope
  return pinned.has(name) ? pinnedStatusScope : statusScope
}

const wholeScope: UpdateScope = { subresource: '', reset() {}, resetPaths: [] }

const mainScope: UpdateScope = {
  subresource: '',
  reset: (next, present) => keepField(next, present, 'status'),
  resetPaths: [['status']],
}

const scaleScope: UpdateScope = { ...mainScope, subresource: 'scale', resetPaths: [] }

const statusFields = new Set(['kind', 'apiVersion', 'metadata', 'status'])

/** Metadata may come along with a status, as far as it may be changed at all. */
const statusScope: UpdateScope = {
  subresource: 'status',
  reset(next, present) {
    for (const field of Object.keys({ ...next, ...present })) {
      if (!statusFields.has(field)) keepField(next, present, field)
    }
  },
  resetPaths: [['spec']],
}

/** Kubelets of old sent owners back changed. */
const podStatusScope: UpdateScope = {
  ...statusScope,
  reset(next, present) {
    statusScope.reset(next, present)
    keepOwners(next, present)
  },
}

/** Younger kinds take nothing but the status. */
const pinnedStatusScope: UpdateScope = {
  ...statusScope,
  reset(next, present) {
    statusScope.reset(next, present)
    keepMetadata(next, present)
  },
}

/** Of custom resources too, but whoever sends metadata along is noted as its owner. */
const customStatusScope: UpdateScope = { ...statusScope, settle: keepMetadata }

const pinned = new Set([
  'apiservices.apiregistration.k8s.io',
  'flowschemas.flowcontrol.apiserver.k8s.io',
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  'resourceclaims.resource.k8s.io',
  'servicecidrs.networking.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'volumeattachments.storage.k8s.io',
])
