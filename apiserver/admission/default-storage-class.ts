/** DefaultStorageClass: claims that name no class are for volumes of the default one. */
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { defaultClass, storageClassMarks } from '#api/rules/default-class.ts'
import { type AdmissionContext, type AdmissionPlugin, isAbout, isCreate } from './admission.ts'
import { hasClass } from './claim-class.ts'

export function defaultStorageClass({ cache }: AdmissionContext): AdmissionPlugin {
  const classes = cache.of<StorageClass>('storageclasses', 'storage.k8s.io')
  return {
    name: 'DefaultStorageClass',
    handles: (attributes) => isAbout(attributes, 'persistentvolumeclaims') && isCreate(attributes),
    mutate({ object }) {
      const claim = object as unknown as PersistentVolumeClaim
      if (hasClass(claim)) return
      const found = defaultClass(classes.list(''), storageClassMarks)
      if (found) claim.spec.storageClassName = found.metadata.name
    },
  }
}
