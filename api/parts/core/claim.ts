/** FIXME: one sentence. */

import {
  always,
  enumOf,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { templateMeta } from '../meta/object-meta.ts'
import { typedLocalObjectReference, typedObjectReference } from './references.ts'
import { volumeResourceRequirements } from './resources.ts'

export const persistentVolumeClaimSpec = struct('core.v1.PersistentVolumeClaimSpec', '', {
  accessModes: omitEmpty(
    1,
    listOf(enumOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'), {
      listType: 'atomic',
    }),
    '',
  ),
  selector: optional(4, labelSelector, ''),
  resources: omitEmpty(2, volumeResourceRequirements, ''),
  volumeName: omitEmpty(3, string, ''),
  storageClassName: optional(5, string, ''),
  volumeMode: optional(6, enumOf('Block', 'Filesystem'), ''),
  dataSource: optional(7, typedLocalObjectReference, ''),
  dataSourceRef: optional(8, typedObjectReference, ''),
  volumeAttributesClassName: optional(9, string, ''), // gate: VolumeAttributesClass
})
export interface PersistentVolumeClaimSpec extends Stored<typeof persistentVolumeClaimSpec> {}

export const persistentVolumeClaimTemplate = struct('core.v1.PersistentVolumeClaimTemplate', '', {
  metadata: omitEmpty(1, templateMeta, ''),
  spec: always(2, persistentVolumeClaimSpec, ''),
})
export interface PersistentVolumeClaimTemplate
  extends Stored<typeof persistentVolumeClaimTemplate> {}

export const persistentVolumeClaimCondition = struct('core.v1.PersistentVolumeClaimCondition', '', {
  type: always(
    1,
    wordOf(
      'Resizing',
      'FileSystemResizePending',
      'ControllerResizeError',
      'NodeResizeError',
      'ModifyVolumeError',
      'ModifyingVolume',
      'Unused',
    ),
    '',
  ),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastProbeTime: omitEmpty(3, time, ''),
  lastTransitionTime: omitEmpty(4, time, ''),
  reason: omitEmpty(5, string, ''),
  message: omitEmpty(6, string, ''),
})
export interface PersistentVolumeClaimCondition
  extends Stored<typeof persistentVolumeClaimCondition> {}

export const modifyVolumeStatus = struct('core.v1.ModifyVolumeStatus', '', {
  targetVolumeAttributesClassName: omitEmpty(1, string, ''),
  status: always(2, enumOf('Pending', 'InProgress', 'Infeasible'), ''),
})
export interface ModifyVolumeStatus extends Stored<typeof modifyVolumeStatus> {}

export const persistentVolumeClaimStatus = struct('core.v1.PersistentVolumeClaimStatus', '', {
  phase: omitEmpty(1, enumOf('Pending', 'Bound', 'Lost'), ''),
  accessModes: omitEmpty(
    2,
    listOf(enumOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'), {
      listType: 'atomic',
    }),
    '',
  ),
  capacity: omitEmpty(3, mapOf(quantity), ''),
  conditions: omitEmpty(
    4,
    listOf(persistentVolumeClaimCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
  allocatedResources: omitEmpty(5, mapOf(quantity), ''),
  allocatedResourceStatuses: omitEmpty(
    7,
    mapOf(
      enumOf(
        'ControllerResizeInProgress',
        'ControllerResizeInfeasible',
        'NodeResizePending',
        'NodeResizeInProgress',
        'NodeResizeInfeasible',
      ),
    ),
    '',
  ),
  currentVolumeAttributesClassName: optional(8, string, ''), // gate: VolumeAttributesClass
  modifyVolumeStatus: optional(9, modifyVolumeStatus, ''), // gate: VolumeAttributesClass
})
export interface PersistentVolumeClaimStatus extends Stored<typeof persistentVolumeClaimStatus> {}
