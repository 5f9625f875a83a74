/** FIXME: one sentence. */

import {
  always,
  boolean,
  enumOf,
  inline,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { persistentVolumeClaimTemplate } from './claim.ts'
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  cinderVolumeSource,
  gcePersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './cloud-volumes.ts'
import {
  cephFSVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  glusterfsVolumeSource,
  iscsiVolumeSource,
  nfsVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  rbdVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
} from './network-volumes.ts'
import {
  configMapVolumeSource,
  downwardAPIVolumeSource,
  projectedVolumeSource,
  secretVolumeSource,
} from './projected-volume.ts'
import { localObjectReference } from './references.ts'

export const hostPathVolumeSource = struct('core.v1.HostPathVolumeSource', '', {
  path: always(1, string, ''),
  type: optional(
    2,
    enumOf(
      '',
      'DirectoryOrCreate',
      'Directory',
      'FileOrCreate',
      'File',
      'Socket',
      'CharDevice',
      'BlockDevice',
    ),
    '',
  ),
})
export interface HostPathVolumeSource extends Stored<typeof hostPathVolumeSource> {}

export const emptyDirVolumeSource = struct('core.v1.EmptyDirVolumeSource', '', {
  medium: omitEmpty(1, wordOf('', 'Memory', 'HugePages', 'HugePages-'), ''),
  sizeLimit: optional(2, quantity, ''),
})
export interface EmptyDirVolumeSource extends Stored<typeof emptyDirVolumeSource> {}

export const gitRepoVolumeSource = struct('core.v1.GitRepoVolumeSource', '', {
  repository: always(1, string, ''),
  revision: omitEmpty(2, string, ''),
  directory: omitEmpty(3, string, ''),
})
export interface GitRepoVolumeSource extends Stored<typeof gitRepoVolumeSource> {}

export const persistentVolumeClaimVolumeSource = struct(
  'core.v1.PersistentVolumeClaimVolumeSource',
  '',
  {
    claimName: always(1, string, ''),
    readOnly: omitEmpty(2, boolean, ''),
  },
)
export interface PersistentVolumeClaimVolumeSource
  extends Stored<typeof persistentVolumeClaimVolumeSource> {}

export const csiVolumeSource = struct('core.v1.CSIVolumeSource', '', {
  driver: always(1, string, ''),
  readOnly: optional(2, boolean, ''),
  fsType: optional(3, string, ''),
  volumeAttributes: omitEmpty(4, mapOf(string), ''),
  nodePublishSecretRef: optional(5, localObjectReference, ''),
})
export interface CSIVolumeSource extends Stored<typeof csiVolumeSource> {}

export const ephemeralVolumeSource = struct('core.v1.EphemeralVolumeSource', '', {
  volumeClaimTemplate: optional(1, persistentVolumeClaimTemplate, ''),
})
export interface EphemeralVolumeSource extends Stored<typeof ephemeralVolumeSource> {}

export const imageVolumeSource = struct('core.v1.ImageVolumeSource', '', {
  reference: omitEmpty(1, string, ''),
  pullPolicy: omitEmpty(2, enumOf('Always', 'Never', 'IfNotPresent'), ''),
})
export interface ImageVolumeSource extends Stored<typeof imageVolumeSource> {}

export const volumeSource = struct('core.v1.VolumeSource', '', {
  hostPath: optional(1, hostPathVolumeSource, ''),
  emptyDir: optional(2, emptyDirVolumeSource, ''),
  gcePersistentDisk: optional(3, gcePersistentDiskVolumeSource, ''),
  awsElasticBlockStore: optional(4, awsElasticBlockStoreVolumeSource, ''),
  gitRepo: optional(5, gitRepoVolumeSource, ''),
  secret: optional(6, secretVolumeSource, ''),
  nfs: optional(7, nfsVolumeSource, ''),
  iscsi: optional(8, iscsiVolumeSource, ''),
  glusterfs: optional(9, glusterfsVolumeSource, ''),
  persistentVolumeClaim: optional(10, persistentVolumeClaimVolumeSource, ''),
  rbd: optional(11, rbdVolumeSource, ''),
  flexVolume: optional(12, flexVolumeSource, ''),
  cinder: optional(13, cinderVolumeSource, ''),
  cephfs: optional(14, cephFSVolumeSource, ''),
  flocker: optional(15, flockerVolumeSource, ''),
  downwardAPI: optional(16, downwardAPIVolumeSource, ''),
  fc: optional(17, fcVolumeSource, ''),
  azureFile: optional(18, azureFileVolumeSource, ''),
  configMap: optional(19, configMapVolumeSource, ''),
  vsphereVolume: optional(20, vsphereVirtualDiskVolumeSource, ''),
  quobyte: optional(21, quobyteVolumeSource, ''),
  azureDisk: optional(22, azureDiskVolumeSource, ''),
  photonPersistentDisk: optional(23, photonPersistentDiskVolumeSource, ''),
  projected: optional(26, projectedVolumeSource, ''),
  portworxVolume: optional(24, portworxVolumeSource, ''),
  scaleIO: optional(25, scaleIOVolumeSource, ''),
  storageos: optional(27, storageOSVolumeSource, ''),
  csi: optional(28, csiVolumeSource, ''),
  ephemeral: optional(29, ephemeralVolumeSource, ''),
  image: optional(30, imageVolumeSource, ''),
})
export interface VolumeSource extends Stored<typeof volumeSource> {}

export const volume = struct('core.v1.Volume', '', {
  name: always(1, string, ''),
  volumeSource: inline(2, volumeSource),
})
export interface Volume extends Stored<typeof volume> {}
