/** Claims to storage: what a claim asks for and what came of it. */
import {
  always,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  quantity,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'
import { changeFields, conditionStatus } from '../meta/condition-fields.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { templateMeta } from '../meta/object-meta.ts'
import { typedLocalObjectReference, typedObjectReference } from './references.ts'
import { volumeResourceRequirements } from './resources.ts'

export const accessModeList = listOf(
  publishedEnum('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'),
  { listType: 'atomic' },
)

export const persistentVolumeClaimSpec = struct(
  'core.v1.PersistentVolumeClaimSpec',
  'The storage that a claim asks for.',
  {
    accessModes: omitEmpty(
      1,
      accessModeList,
      'How the volume may be mounted: by one node, by many, by many read-only, or by one pod.',
    ),
    selector: optional(4, labelSelector, 'Labels of the volumes that may be bound.'),
    resources: omitEmpty(
      2,
      volumeResourceRequirements,
      'The least storage to provide. It may grow when the class allows it.',
    ),
    volumeName: omitEmpty(3, string, 'The persistent volume that the claim is bound to.'),
    storageClassName: optional(
      5,
      string,
      'Class of the volume: the default class when unset, a volume without class when empty.',
    ),
    volumeMode: optional(
      6,
      publishedEnum('Block', 'Filesystem'),
      'Whether pods get a raw block device or a file system; Filesystem unless set.',
      { default: 'Filesystem' },
    ),
    dataSource: optional(
      7,
      typedLocalObjectReference,
      'A claim or volume snapshot whose data the new volume starts with.',
    ),
    dataSourceRef: optional(
      8,
      typedObjectReference,
      'Any object that a populator fills the new volume from; supersedes dataSource.',
    ),
    volumeAttributesClassName: optional(
      9,
      string,
      'VolumeAttributesClass that tunes the volume. It may be changed later.',
    ),
  },
)
export interface PersistentVolumeClaimSpec extends Stored<typeof persistentVolumeClaimSpec> {}

export const persistentVolumeClaimTemplate = struct(
  'core.v1.PersistentVolumeClaimTemplate',
  'The claim that is made for an ephemeral volume.',
  {
    metadata: omitEmpty(1, templateMeta, 'Labels and annotations of the claim.'),
    spec: always(2, persistentVolumeClaimSpec, 'The storage to claim.'),
  },
)
export interface PersistentVolumeClaimTemplate
  extends Stored<typeof persistentVolumeClaimTemplate> {}

export const persistentVolumeClaimCondition = struct(
  'core.v1.PersistentVolumeClaimCondition',
  'One aspect of the state of a claim.',
  {
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
      'Which aspect, such as Resizing.',
    ),
    status: conditionStatus,
    lastProbeTime: omitEmpty(3, time, 'When it was last looked at.'),
    ...changeFields(4),
  },
)
export interface PersistentVolumeClaimCondition
  extends Stored<typeof persistentVolumeClaimCondition> {}

export const modifyVolumeStatus = struct(
  'core.v1.ModifyVolumeStatus',
  'How far a change of the VolumeAttributesClass has come.',
  {
    targetVolumeAttributesClassName: omitEmpty(1, string, 'The class that is being applied.'),
    status: always(
      2,
      publishedEnum('Pending', 'InProgress', 'Infeasible'),
      'Pending (waits for the class), InProgress or Infeasible (refused by the driver).',
    ),
  },
)
export interface ModifyVolumeStatus extends Stored<typeof modifyVolumeStatus> {}

export const persistentVolumeClaimStatus = struct(
  'core.v1.PersistentVolumeClaimStatus',
  'What has come of a claim.',
  {
    phase: omitEmpty(
      1,
      publishedEnum('Pending', 'Bound', 'Lost'),
      'Pending (not bound yet), Bound, or Lost (its volume is gone).',
      { default: 'Pending' },
    ),
    accessModes: omitEmpty(2, accessModeList, 'The access modes of the bound volume.'),
    capacity: omitEmpty(3, mapOf(quantity), 'The size of the bound volume.'),
    conditions: omitEmpty(
      4,
      listOf(persistentVolumeClaimCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'Aspects of its state, such as a resize in progress.',
    ),
    allocatedResources: omitEmpty(
      5,
      mapOf(quantity),
      'The size that is being provided, which counts against quotas when it exceeds capacity.',
    ),
    allocatedResourceStatuses: omitEmpty(
      7,
      mapOf(
        publishedEnum(
          'ControllerResizeInProgress',
          'ControllerResizeInfeasible',
          'NodeResizePending',
          'NodeResizeInProgress',
          'NodeResizeInfeasible',
        ),
      ),
      'How far each resize has come.',
    ),
    currentVolumeAttributesClassName: optional(8, string, 'The class that is in effect.'),
    modifyVolumeStatus: optional(
      9,
      modifyVolumeStatus,
      'The change of class under way; unset when there is none.',
    ),
  },
)
export interface PersistentVolumeClaimStatus extends Stored<typeof persistentVolumeClaimStatus> {}
