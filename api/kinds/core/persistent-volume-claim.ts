/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { persistentVolumeClaimSpec, persistentVolumeClaimStatus } from '../../parts/core/claim.ts'
import { omitEmpty, type Stored } from '../../schema.ts'

export const PersistentVolumeClaim = defineKind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, persistentVolumeClaimSpec, ''),
    status: omitEmpty(3, persistentVolumeClaimStatus, ''),
  },
  // columns: Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode*
})
export interface PersistentVolumeClaim extends Stored<typeof PersistentVolumeClaim> {}
