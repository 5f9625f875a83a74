/** VolumeAttachment: asks a CSI driver to attach a volume to a node, and to detach it again. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind, statusSubresource } from '../../kind.ts'
import { dnsSubdomainName } from '../../names.ts'
import { persistentVolumeSpec } from '../../parts/core/persistent-volume.ts'
import { checkAttacher, checkSource, goShaped } from '../../rules/volume-attachment.ts'
import {
  always,
  boolean,
  int32,
  mapOf,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'
import { immutableMessage } from '../../validate-update.ts'

export const volumeAttachmentSource = struct(
  'storage.v1.VolumeAttachmentSource',
  'The volume to attach; exactly one member is set.',
  {
    persistentVolumeName: optional(1, string, 'Name of a persistent volume.'),
    inlineVolumeSpec: optional(
      2,
      persistentVolumeSpec,
      'A volume that stands in a pod itself, as if it were a persistent one.',
    ),
  },
)
export interface VolumeAttachmentSource extends Stored<typeof volumeAttachmentSource> {}

export const volumeAttachmentSpec = struct(
  'storage.v1.VolumeAttachmentSpec',
  'What is to be attached where. It never changes.',
  {
    attacher: required(1, string, 'The CSI driver that has to do it.'),
    source: always(2, volumeAttachmentSource, 'The volume.', { check: checkSource }),
    nodeName: always(3, string, 'The node.', { format: dnsSubdomainName }),
  },
)
export interface VolumeAttachmentSpec extends Stored<typeof volumeAttachmentSpec> {}

const MAX_MESSAGE_LENGTH = 1024
/** Of keys and values together, in bytes. */
const MAX_METADATA_SIZE = 256 * 1024

export const volumeError = struct('storage.v1.VolumeError', 'What went wrong with a volume.', {
  time: omitEmpty(1, time, 'When it went wrong.'),
  message: omitEmpty(2, string, 'What went wrong, at most 1024 bytes; keep secrets out of it.', {
    check(message, at, problems) {
      // The limit that upstream names here is that of another field.
      if (Buffer.byteLength(message) > MAX_MESSAGE_LENGTH) problems.tooLong(at, MAX_METADATA_SIZE)
    },
  }),
  errorCode: optional(3, int32, 'gRPC code of the error.', { min: 0, max: 2 ** 31 - 1 }),
})
export interface VolumeError extends Stored<typeof volumeError> {}

export const volumeAttachmentStatus = struct(
  'storage.v1.VolumeAttachmentStatus',
  'How far the driver has come.',
  {
    attached: always(1, boolean, 'Whether the volume is attached.'),
    attachmentMetadata: omitEmpty(
      2,
      mapOf(string),
      'What the driver says about the attachment, for those that mount the volume.',
      {
        check(metadata, at, problems) {
          const parts = Object.entries(metadata).flat()
          const size = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
          if (size > MAX_METADATA_SIZE) problems.tooLong(at, MAX_METADATA_SIZE)
        },
      },
    ),
    attachError: optional(3, volumeError, 'Why attaching failed last.'),
    detachError: optional(4, volumeError, 'Why detaching failed last.'),
  },
)
export interface VolumeAttachmentStatus extends Stored<typeof volumeAttachmentStatus> {}

export const VolumeAttachment = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  deletion: { returnsObject: true },
  doc: 'Asks a CSI driver to attach a volume to a node, or to detach it when deleted.',
  fields: {
    spec: required(2, volumeAttachmentSpec, 'What is to be attached where.'),
    status: omitEmpty(3, volumeAttachmentStatus, 'How far the driver has come.'),
  },
  conditionalUpdates: true,
  columns: [
    nameColumn,
    column('Attacher', 'string', 'The CSI driver that has to do it.', attacherCell, {
      format: 'name',
    }),
    column('PV', 'string', 'The persistent volume.', volumeCell),
    column('Node', 'string', 'The node.', nodeCell),
    column('Attached', 'boolean', 'Whether the volume is attached.', attachedCell),
    ageColumn,
  ],
  validate: ({ spec }, at, problems) => checkAttacher(spec, at.child('spec'), problems),
  validateUpdate({ spec }, previous, at, problems) {
    if (isDeepStrictEqual(spec, previous.spec)) return
    problems.invalid(at.child('spec'), goShaped(spec), immutableMessage)
  },
})
export interface VolumeAttachment extends Stored<typeof VolumeAttachment> {}

interface Facts {
  readonly spec: VolumeAttachmentSpec
  readonly status: VolumeAttachmentStatus
}

function attacherCell({ spec }: Facts): string {
  return spec.attacher
}

function volumeCell({ spec }: Facts): string {
  return spec.source.persistentVolumeName ?? ''
}

function nodeCell({ spec }: Facts): string {
  return spec.nodeName
}

function attachedCell({ status }: Facts): boolean {
  return status.attached
}
