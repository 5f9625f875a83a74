/** LimitRanger: containers get the defaults of their namespace; pods and claims keep its limits. */
import type { LimitRange } from '#api/kinds/core/limit-range.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  type AdmissionContext,
  type AdmissionPlugin,
  type Attributes,
  isAbout,
} from './admission.ts'
import { breaches, claimBreaches } from './limit-breaches.ts'
import { applyLimitDefaults } from './limit-defaults.ts'
import { refused } from './refusals.ts'

export function limitRanger({ cache }: AdmissionContext): AdmissionPlugin {
  const ranges = cache.of<LimitRange>('limitranges')
  return {
    name: 'LimitRanger',
    handles: (attributes) => isMeasured(attributes) && ranges.list(attributes.namespace).length > 0,
    mutate(attributes) {
      if (!isAbout(attributes, 'pods')) return
      for (const { spec } of ranges.list(attributes.namespace)) {
        applyLimitDefaults(attributes.object as unknown as Pod, spec.limits ?? [])
      }
    },
    validate(attributes) {
      const { object, namespace } = attributes
      for (const { spec } of ranges.list(namespace)) {
        const limits = spec.limits ?? []
        const found = isAbout(attributes, 'pods')
          ? breaches((object as unknown as Pod).spec, limits)
          : claimBreaches((object as unknown as PersistentVolumeClaim).spec, limits)
        if (found.length) throw refused(attributes, ...found)
      }
    },
  }
}

/** Containers of a pod never change but by a resize, and what is going is left in peace. */
function isMeasured(attributes: Attributes): boolean {
  const { operation, subresource, old } = attributes
  if (old?.metadata.deletionTimestamp) return false
  if (isAbout(attributes, 'pods')) {
    return subresource === '' ? operation === 'CREATE' : subresource === 'resize'
  }
  const isWrite = operation === 'CREATE' || operation === 'UPDATE'
  return isAbout(attributes, 'persistentvolumeclaims') && subresource === '' && isWrite
}
