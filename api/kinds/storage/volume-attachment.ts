/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { persistentVolumeSpec } from '../../parts/core/persistent-volume.ts'
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

export const volumeAttachmentSource = struct('storage.v1.VolumeAttachmentSource', '', {
  persistentVolumeName: optional(1, string, ''),
  inlineVolumeSpec: optional(2, persistentVolumeSpec, ''),
})
export interface VolumeAttachmentSource extends Stored<typeof volumeAttachmentSource> {}

export const volumeAttachmentSpec = struct('storage.v1.VolumeAttachmentSpec', '', {
  attacher: required(1, string, ''),
  source: always(2, volumeAttachmentSource, ''),
  nodeName: always(3, string, ''),
})
export interface VolumeAttachmentSpec extends Stored<typeof volumeAttachmentSpec> {}

export const volumeError = struct('storage.v1.VolumeError', '', {
  time: omitEmpty(1, time, ''),
  message: omitEmpty(2, string, ''),
  errorCode: optional(3, int32, ''), // gate: MutableCSINodeAllocatableCount
})
export interface VolumeError extends Stored<typeof volumeError> {}

export const volumeAttachmentStatus = struct('storage.v1.VolumeAttachmentStatus', '', {
  attached: always(1, boolean, ''),
  attachmentMetadata: omitEmpty(2, mapOf(string), ''),
  attachError: optional(3, volumeError, ''),
  detachError: optional(4, volumeError, ''),
})
export interface VolumeAttachmentStatus extends Stored<typeof volumeAttachmentStatus> {}

export const VolumeAttachment = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  conditionalUpdates: true,
  deletion: { returnsObject: true },
  doc: '',
  fields: {
    spec: required(2, volumeAttachmentSpec, ''),
    status: omitEmpty(3, volumeAttachmentStatus, ''),
  },
  // columns: Name, Attacher, PV, Node, Attached, Age
})
export interface VolumeAttachment extends Stored<typeof VolumeAttachment> {}
