/** PersistentVolumeClaim: asks for storage, and names it for pods once a volume is bound. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  type PersistentVolumeClaimSpec,
  type PersistentVolumeClaimStatus,
  persistentVolumeClaimSpec,
  persistentVolumeClaimStatus,
} from '../../parts/core/claim.ts'
import { alignDataSources, checkClaimSpec, dropUnknownDataSource } from '../../rules/claim.ts'
import { checkClaimChange } from '../../rules/claim-change.ts'
import { checkClaimStatus } from '../../rules/claim-status.ts'
import { roundResources } from '../../rules/resource-list.ts'
import { accessModesText, claimWarnings, classOf } from '../../rules/storage-text.ts'
import { omitEmpty, type Stored } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const PersistentVolumeClaim = defineKind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  deletion: { returnsObject: true },
  doc: 'Asks for storage, and names it for pods once a volume is bound.',
  fields: {
    spec: omitEmpty(2, persistentVolumeClaimSpec, 'The storage that is asked for.'),
    status: omitEmpty(3, persistentVolumeClaimStatus, 'What has come of it.'),
  },
  columns: [
    nameColumn,
    column('Status', 'string', 'Its phase.', statusCell),
    column('Volume', 'string', 'The volume that it is bound to.', volumeCell),
    column('Capacity', 'string', 'The size of that volume.', capacityCell),
    column('Access Modes', 'string', 'How that volume may be mounted.', modesCell),
    column('StorageClass', 'string', 'The class that it asks for.', classCell),
    column('VolumeAttributesClass', 'string', 'The class that tunes it.', attributesCell),
    ageColumn,
    column('VolumeMode', 'string', 'File system or block device.', modeCell, { priority: 1 }),
  ],
  prepareCreate({ spec }) {
    dropUnknownDataSource(spec)
    alignDataSources(spec)
  },
  prepareUpdate({ spec }, previous) {
    if (!previous.spec.dataSource && !previous.spec.dataSourceRef) dropUnknownDataSource(spec)
    alignDataSources(spec)
  },
  defaults({ spec, status }) {
    roundResources(spec.resources.requests)
    roundResources(spec.resources.limits)
    roundResources(status.capacity)
    roundResources(status.allocatedResources)
  },
  validate({ spec, status }, at, problems) {
    checkClaimSpec(spec, at.child('spec'), problems)
    checkClaimStatus(status, at.child('status'), problems)
  },
  validateUpdate: checkClaimChange,
  warnings: ({ metadata, spec }) => claimWarnings(metadata.annotations, spec),
})
export interface PersistentVolumeClaim extends Stored<typeof PersistentVolumeClaim> {}

interface Facts {
  readonly metadata: {
    readonly deletionTimestamp?: string
    readonly annotations?: Record<string, string>
  }
  readonly spec: PersistentVolumeClaimSpec
  readonly status: PersistentVolumeClaimStatus
}

function statusCell({ metadata, status }: Facts): string {
  return metadata.deletionTimestamp ? 'Terminating' : status.phase
}

function volumeCell({ spec }: Facts): string {
  return spec.volumeName ?? ''
}

function capacityCell({ spec, status }: Facts): string {
  return spec.volumeName ? (status.capacity?.storage ?? '0') : ''
}

function modesCell({ spec, status }: Facts): string {
  return spec.volumeName ? accessModesText(status.accessModes) : ''
}

function classCell({ metadata, spec }: Facts): string {
  return classOf(metadata.annotations, spec.storageClassName)
}

function attributesCell({ spec }: Facts): string {
  return spec.volumeAttributesClassName ?? '<unset>'
}

function modeCell({ spec }: Facts): string {
  return spec.volumeMode
}
