/** FIXME: one sentence. */

import {
  always,
  boolean,
  enumOf,
  inline,
  int32,
  listOf,
  mapOf,
  nullable,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { volumeNodeAffinity } from './affinity.ts'
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  gcePersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './cloud-volumes.ts'
import {
  fcVolumeSource,
  flockerVolumeSource,
  nfsVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
} from './network-volumes.ts'
import { objectReference, secretReference } from './references.ts'
import { hostPathVolumeSource } from './volume.ts'

export const glusterfsPersistentVolumeSource = struct(
  'core.v1.GlusterfsPersistentVolumeSource',
  '',
  {
    endpoints: always(1, string, ''),
    path: always(2, string, ''),
    readOnly: omitEmpty(3, boolean, ''),
    endpointsNamespace: optional(4, string, ''),
  },
)
export interface GlusterfsPersistentVolumeSource
  extends Stored<typeof glusterfsPersistentVolumeSource> {}

export const rbdPersistentVolumeSource = struct('core.v1.RBDPersistentVolumeSource', '', {
  monitors: always(1, listOf(string, { listType: 'atomic' }), ''),
  image: always(2, string, ''),
  fsType: omitEmpty(3, string, ''),
  pool: omitEmpty(4, string, '', { default: 'rbd' }),
  user: omitEmpty(5, string, '', { default: 'admin' }),
  keyring: omitEmpty(6, string, '', { default: '/etc/ceph/keyring' }),
  secretRef: optional(7, secretReference, ''),
  readOnly: omitEmpty(8, boolean, ''),
})
export interface RBDPersistentVolumeSource extends Stored<typeof rbdPersistentVolumeSource> {}

export const iscsiPersistentVolumeSource = struct('core.v1.ISCSIPersistentVolumeSource', '', {
  targetPortal: always(1, string, ''),
  iqn: always(2, string, ''),
  lun: always(3, int32, ''),
  iscsiInterface: omitEmpty(4, string, '', { default: 'default' }),
  fsType: omitEmpty(5, string, ''),
  readOnly: omitEmpty(6, boolean, ''),
  portals: omitEmpty(7, listOf(string, { listType: 'atomic' }), ''),
  chapAuthDiscovery: omitEmpty(8, boolean, ''),
  chapAuthSession: omitEmpty(11, boolean, ''),
  secretRef: optional(10, secretReference, ''),
  initiatorName: optional(12, string, ''),
})
export interface ISCSIPersistentVolumeSource extends Stored<typeof iscsiPersistentVolumeSource> {}

export const cinderPersistentVolumeSource = struct('core.v1.CinderPersistentVolumeSource', '', {
  volumeID: always(1, string, ''),
  fsType: omitEmpty(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
  secretRef: optional(4, secretReference, ''),
})
export interface CinderPersistentVolumeSource extends Stored<typeof cinderPersistentVolumeSource> {}

export const cephFSPersistentVolumeSource = struct('core.v1.CephFSPersistentVolumeSource', '', {
  monitors: always(1, listOf(string, { listType: 'atomic' }), ''),
  path: omitEmpty(2, string, ''),
  user: omitEmpty(3, string, ''),
  secretFile: omitEmpty(4, string, ''),
  secretRef: optional(5, secretReference, ''),
  readOnly: omitEmpty(6, boolean, ''),
})
export interface CephFSPersistentVolumeSource extends Stored<typeof cephFSPersistentVolumeSource> {}

export const flexPersistentVolumeSource = struct('core.v1.FlexPersistentVolumeSource', '', {
  driver: always(1, string, ''),
  fsType: omitEmpty(2, string, ''),
  secretRef: optional(3, secretReference, ''),
  readOnly: omitEmpty(4, boolean, ''),
  options: omitEmpty(5, mapOf(string), ''),
})
export interface FlexPersistentVolumeSource extends Stored<typeof flexPersistentVolumeSource> {}

export const azureFilePersistentVolumeSource = struct(
  'core.v1.AzureFilePersistentVolumeSource',
  '',
  {
    secretName: always(1, string, ''),
    shareName: always(2, string, ''),
    readOnly: omitEmpty(3, boolean, ''),
    secretNamespace: nullable(4, string, '', { mayOmit: true }),
  },
)
export interface AzureFilePersistentVolumeSource
  extends Stored<typeof azureFilePersistentVolumeSource> {}

export const scaleIOPersistentVolumeSource = struct('core.v1.ScaleIOPersistentVolumeSource', '', {
  gateway: always(1, string, ''),
  system: always(2, string, ''),
  secretRef: nullable(3, secretReference, ''),
  sslEnabled: omitEmpty(4, boolean, ''),
  protectionDomain: omitEmpty(5, string, ''),
  storagePool: omitEmpty(6, string, ''),
  storageMode: omitEmpty(7, string, '', { default: 'ThinProvisioned' }),
  volumeName: omitEmpty(8, string, ''),
  fsType: omitEmpty(9, string, '', { default: 'xfs' }),
  readOnly: omitEmpty(10, boolean, ''),
})
export interface ScaleIOPersistentVolumeSource
  extends Stored<typeof scaleIOPersistentVolumeSource> {}

export const localVolumeSource = struct('core.v1.LocalVolumeSource', '', {
  path: always(1, string, ''),
  fsType: optional(2, string, ''),
})
export interface LocalVolumeSource extends Stored<typeof localVolumeSource> {}

export const storageOSPersistentVolumeSource = struct(
  'core.v1.StorageOSPersistentVolumeSource',
  '',
  {
    volumeName: omitEmpty(1, string, ''),
    volumeNamespace: omitEmpty(2, string, ''),
    fsType: omitEmpty(3, string, ''),
    readOnly: omitEmpty(4, boolean, ''),
    secretRef: optional(5, objectReference, ''),
  },
)
export interface StorageOSPersistentVolumeSource
  extends Stored<typeof storageOSPersistentVolumeSource> {}

export const csiPersistentVolumeSource = struct('core.v1.CSIPersistentVolumeSource', '', {
  driver: always(1, string, ''),
  volumeHandle: always(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
  fsType: omitEmpty(4, string, ''),
  volumeAttributes: omitEmpty(5, mapOf(string), ''),
  controllerPublishSecretRef: optional(6, secretReference, ''),
  nodeStageSecretRef: optional(7, secretReference, ''),
  nodePublishSecretRef: optional(8, secretReference, ''),
  controllerExpandSecretRef: optional(9, secretReference, ''),
  nodeExpandSecretRef: optional(10, secretReference, ''),
})
export interface CSIPersistentVolumeSource extends Stored<typeof csiPersistentVolumeSource> {}

export const persistentVolumeSource = struct('core.v1.PersistentVolumeSource', '', {
  gcePersistentDisk: optional(1, gcePersistentDiskVolumeSource, ''),
  awsElasticBlockStore: optional(2, awsElasticBlockStoreVolumeSource, ''),
  hostPath: optional(3, hostPathVolumeSource, ''),
  glusterfs: optional(4, glusterfsPersistentVolumeSource, ''),
  nfs: optional(5, nfsVolumeSource, ''),
  rbd: optional(6, rbdPersistentVolumeSource, ''),
  iscsi: optional(7, iscsiPersistentVolumeSource, ''),
  cinder: optional(8, cinderPersistentVolumeSource, ''),
  cephfs: optional(9, cephFSPersistentVolumeSource, ''),
  fc: optional(10, fcVolumeSource, ''),
  flocker: optional(11, flockerVolumeSource, ''),
  flexVolume: optional(12, flexPersistentVolumeSource, ''),
  azureFile: optional(13, azureFilePersistentVolumeSource, ''),
  vsphereVolume: optional(14, vsphereVirtualDiskVolumeSource, ''),
  quobyte: optional(15, quobyteVolumeSource, ''),
  azureDisk: optional(16, azureDiskVolumeSource, ''),
  photonPersistentDisk: optional(17, photonPersistentDiskVolumeSource, ''),
  portworxVolume: optional(18, portworxVolumeSource, ''),
  scaleIO: optional(19, scaleIOPersistentVolumeSource, ''),
  local: optional(20, localVolumeSource, ''),
  storageos: optional(21, storageOSPersistentVolumeSource, ''),
  csi: optional(22, csiPersistentVolumeSource, ''),
})
export interface PersistentVolumeSource extends Stored<typeof persistentVolumeSource> {}

export const persistentVolumeSpec = struct('core.v1.PersistentVolumeSpec', '', {
  capacity: omitEmpty(1, mapOf(quantity), ''),
  persistentVolumeSource: inline(2, persistentVolumeSource),
  accessModes: omitEmpty(
    3,
    listOf(enumOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'), {
      listType: 'atomic',
    }),
    '',
  ),
  claimRef: optional(4, objectReference, ''),
  persistentVolumeReclaimPolicy: omitEmpty(5, enumOf('Recycle', 'Delete', 'Retain'), ''),
  storageClassName: omitEmpty(6, string, ''),
  mountOptions: omitEmpty(7, listOf(string, { listType: 'atomic' }), ''),
  volumeMode: optional(8, enumOf('Block', 'Filesystem'), ''),
  nodeAffinity: optional(9, volumeNodeAffinity, ''),
  volumeAttributesClassName: optional(10, string, ''), // gate: VolumeAttributesClass
})
export interface PersistentVolumeSpec extends Stored<typeof persistentVolumeSpec> {}
