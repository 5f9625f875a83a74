/** PersistentVolume: a piece of storage of the cluster, which a claim can be bound to. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { persistentVolumeSpec } from '../../parts/core/persistent-volume.ts'
import { checkVolumeSpec } from '../../rules/persistent-volume.ts'
import { checkVolumeChange } from '../../rules/persistent-volume-change.ts'
import { roundResources } from '../../rules/resource-list.ts'
import { accessModesText, classOf, volumeWarnings } from '../../rules/storage-text.ts'
import {
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const persistentVolumeStatus = struct(
  'core.v1.PersistentVolumeStatus',
  'The state of a persistent volume.',
  {
    phase: omitEmpty(
      1,
      publishedEnum('Pending', 'Available', 'Bound', 'Released', 'Failed'),
      'Pending, Available, Bound, Released (its claim is gone) or Failed (could not be reclaimed).',
      { default: 'Pending' },
    ),
    message: omitEmpty(2, string, 'Why it is in this phase, for people.'),
    reason: omitEmpty(3, string, 'Why it is in this phase, as one word.'),
    lastPhaseTransitionTime: optional(4, time, 'When the phase last changed.'),
  },
)
export interface PersistentVolumeStatus extends Stored<typeof persistentVolumeStatus> {}

export const PersistentVolume = defineKind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  deletion: { returnsObject: true },
  doc: 'A piece of storage of the cluster, which a claim can be bound to.',
  fields: {
    spec: omitEmpty(2, persistentVolumeSpec, 'What the volume is and who may have it.'),
    status: omitEmpty(3, persistentVolumeStatus, 'The state of the volume.'),
  },
  columns: [
    nameColumn,
    column('Capacity', 'string', 'Its size.', capacityCell),
    column('Access Modes', 'string', 'How it may be mounted.', modesCell),
    column('Reclaim Policy', 'string', 'What becomes of it after its claim.', policyCell),
    column('Status', 'string', 'Its phase.', statusCell),
    column('Claim', 'string', 'The claim that it is bound to.', claimCell),
    column('StorageClass', 'string', 'The class that it belongs to.', classCell),
    column('VolumeAttributesClass', 'string', 'The class that tunes it.', attributesCell),
    column('Reason', 'string', 'Why it is in its phase.', reasonCell),
    ageColumn,
    column('VolumeMode', 'string', 'File system or block device.', modeCell, { priority: 1 }),
  ],
  prepareCreate(object) {
    object.status = { phase: 'Pending' }
  },
  defaults: ({ spec }) => roundResources(spec.capacity),
  validate({ metadata, spec }, at, problems) {
    checkVolumeSpec(spec, metadata.name, at.child('spec'), problems)
  },
  validateUpdate: ({ spec }, previous, at, problems) =>
    checkVolumeChange(spec, previous.spec, at, problems),
  warnings: ({ metadata, spec }) => volumeWarnings(metadata.annotations, spec),
})
export interface PersistentVolume extends Stored<typeof PersistentVolume> {}

type Facts = Pick<PersistentVolume, 'metadata' | 'spec' | 'status'>

function capacityCell({ spec }: Facts): string {
  return spec.capacity?.storage ?? '0'
}

function modesCell({ spec }: Facts): string {
  return accessModesText(spec.accessModes)
}

function policyCell({ spec }: Facts): string {
  return spec.persistentVolumeReclaimPolicy
}

function statusCell({ metadata, status }: Facts): string {
  return metadata.deletionTimestamp ? 'Terminating' : status.phase
}

function claimCell({ spec: { claimRef } }: Facts): string {
  return claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : ''
}

function classCell({ metadata, spec }: Facts): string {
  return classOf(metadata.annotations, spec.storageClassName)
}

function attributesCell({ spec }: Facts): string {
  return spec.volumeAttributesClassName ?? '<unset>'
}

function reasonCell({ status }: Facts): string {
  return status.reason ?? ''
}

function modeCell({ spec }: Facts): string {
  return spec.volumeMode
}
