/** PersistentVolumeClaimResize: a claim can grow only where its storage class allows it. */
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { compareQuantities } from '#api/quantity.ts'
import { type AdmissionContext, type AdmissionPlugin, isAbout } from './admission.ts'
import { classOf } from './claim-class.ts'
import { refused } from './refusals.ts'

const notResizable =
  'only dynamically provisioned pvc can be resized ' +
  'and the storageclass that provisions the pvc must support resize'

export function persistentVolumeClaimResize({ cache }: AdmissionContext): AdmissionPlugin {
  const classes = cache.of<StorageClass>('storageclasses', 'storage.k8s.io')
  const mayGrow = (next: PersistentVolumeClaim, previous: PersistentVolumeClaim): boolean => {
    const name = classOf(next)
    if (!name || name !== classOf(previous)) return false
    return classes.get('', name)?.allowVolumeExpansion ?? false
  }
  return {
    name: 'PersistentVolumeClaimResize',
    handles: (attributes) =>
      isAbout(attributes, 'persistentvolumeclaims') &&
      attributes.operation === 'UPDATE' &&
      attributes.subresource === '',
    validate(attributes) {
      const { object, old } = attributes
      const [next, previous] = [object, old] as unknown as PersistentVolumeClaim[]
      const [size, before] = [storageOf(next!), storageOf(previous!)]
      if (compareQuantities(size, before) <= 0) return
      if (previous!.status.phase !== 'Bound') {
        throw refused(attributes, 'Only bound persistent volume claims can be expanded')
      }
      if (!mayGrow(next!, previous!)) throw refused(attributes, notResizable)
    },
  }
}

const storageOf = ({ spec }: PersistentVolumeClaim): string =>
  spec.resources.requests?.storage ?? '0'
