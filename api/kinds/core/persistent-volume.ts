/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { persistentVolumeSpec } from '../../parts/core/persistent-volume.ts'
import { enumOf, omitEmpty, optional, type Stored, string, struct, time } from '../../schema.ts'

export const persistentVolumeStatus = struct('core.v1.PersistentVolumeStatus', '', {
  phase: omitEmpty(1, enumOf('Pending', 'Available', 'Bound', 'Released', 'Failed'), ''),
  message: omitEmpty(2, string, ''),
  reason: omitEmpty(3, string, ''),
  lastPhaseTransitionTime: optional(4, time, ''),
})
export interface PersistentVolumeStatus extends Stored<typeof persistentVolumeStatus> {}

export const PersistentVolume = defineKind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, persistentVolumeSpec, ''),
    status: omitEmpty(3, persistentVolumeStatus, ''),
  },
  // columns: Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode*
})
export interface PersistentVolume extends Stored<typeof PersistentVolume> {}
