/** Volume sources that persistent volumes describe otherwise than pods: secrets anywhere. */
import {
  always,
  boolean,
  mapOf,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import {
  cephFSSourceWith,
  flexSourceWith,
  iscsiSourceWith,
  rbdSourceWith,
  scaleIOSourceWith,
  storageOSSourceWith,
} from './network-volumes.ts'
import { objectReference, secretReference } from './references.ts'

export const glusterfsPersistentVolumeSource = struct(
  'core.v1.GlusterfsPersistentVolumeSource',
  'A Glusterfs volume; the driver is no longer part of Kubernetes.',
  {
    endpoints: always(1, string, 'Name of the Endpoints object that lists the Glusterfs servers.'),
    path: always(2, string, 'Name of the Glusterfs volume.'),
    readOnly: omitEmpty(3, boolean, 'Mounts the volume read-only; read-write unless set.'),
    endpointsNamespace: optional(
      4,
      string,
      'Namespace of the Endpoints object; that of the claim unless set.',
    ),
  },
)
export interface GlusterfsPersistentVolumeSource
  extends Stored<typeof glusterfsPersistentVolumeSource> {}

export const rbdPersistentVolumeSource = rbdSourceWith(
  'core.v1.RBDPersistentVolumeSource',
  secretReference,
)
export interface RBDPersistentVolumeSource extends Stored<typeof rbdPersistentVolumeSource> {}

export const iscsiPersistentVolumeSource = iscsiSourceWith(
  'core.v1.ISCSIPersistentVolumeSource',
  secretReference,
)
export interface ISCSIPersistentVolumeSource extends Stored<typeof iscsiPersistentVolumeSource> {}

export const cinderPersistentVolumeSource = struct(
  'core.v1.CinderPersistentVolumeSource',
  'A Cinder volume of OpenStack.',
  {
    volumeID: always(1, string, 'Identifier of the volume.'),
    fsType: omitEmpty(2, string, 'File system on the volume, such as ext4 (assumed when unset).'),
    readOnly: omitEmpty(3, boolean, 'Mounts the volume read-only; read-write unless set.'),
    secretRef: optional(4, secretReference, 'Secret with the parameters to reach OpenStack.'),
  },
)
export interface CinderPersistentVolumeSource extends Stored<typeof cinderPersistentVolumeSource> {}

export const cephFSPersistentVolumeSource = cephFSSourceWith(
  'core.v1.CephFSPersistentVolumeSource',
  secretReference,
)
export interface CephFSPersistentVolumeSource extends Stored<typeof cephFSPersistentVolumeSource> {}

export const flexPersistentVolumeSource = flexSourceWith(
  'core.v1.FlexPersistentVolumeSource',
  secretReference,
)
export interface FlexPersistentVolumeSource extends Stored<typeof flexPersistentVolumeSource> {}

export const azureFilePersistentVolumeSource = struct(
  'core.v1.AzureFilePersistentVolumeSource',
  'A file share of Azure.',
  {
    secretName: always(1, string, 'Secret with the name and key of the storage account.'),
    shareName: always(2, string, 'Name of the share.'),
    readOnly: omitEmpty(3, boolean, 'Mounts the share read-only; read-write unless set.'),
    secretNamespace: nullable(4, string, 'Namespace of the secret; that of the claim unless set.', {
      mayOmit: true,
    }),
  },
)
export interface AzureFilePersistentVolumeSource
  extends Stored<typeof azureFilePersistentVolumeSource> {}

export const scaleIOPersistentVolumeSource = scaleIOSourceWith(
  'core.v1.ScaleIOPersistentVolumeSource',
  secretReference,
)
export interface ScaleIOPersistentVolumeSource
  extends Stored<typeof scaleIOPersistentVolumeSource> {}

export const localVolumeSource = struct(
  'core.v1.LocalVolumeSource',
  'A disk, partition or directory of one node, which nodeAffinity must name.',
  {
    path: always(1, string, 'Absolute path on the node, without `..`.'),
    fsType: optional(2, string, 'File system of a block device at the path; guessed unless set.'),
  },
)
export interface LocalVolumeSource extends Stored<typeof localVolumeSource> {}

export const storageOSPersistentVolumeSource = storageOSSourceWith(
  'core.v1.StorageOSPersistentVolumeSource',
  objectReference,
)
export interface StorageOSPersistentVolumeSource
  extends Stored<typeof storageOSPersistentVolumeSource> {}

export const csiPersistentVolumeSource = struct(
  'core.v1.CSIPersistentVolumeSource',
  'A volume of a CSI driver.',
  {
    driver: always(1, string, 'Name of the CSI driver.'),
    volumeHandle: always(2, string, 'What the driver calls the volume. Never changes.'),
    readOnly: omitEmpty(3, boolean, 'Publishes the volume read-only; read-write unless set.'),
    fsType: omitEmpty(4, string, 'File system on the volume; the driver chooses unless set.'),
    volumeAttributes: omitEmpty(5, mapOf(string), 'Attributes that the driver gave the volume.'),
    controllerPublishSecretRef: optional(6, secretReference, 'Secret for attach and detach calls.'),
    nodeStageSecretRef: optional(7, secretReference, 'Secret for preparing the volume on a node.'),
    nodePublishSecretRef: optional(8, secretReference, 'Secret for mounting it into a pod.'),
    controllerExpandSecretRef: optional(
      9,
      secretReference,
      'Secret for growing it in the storage.',
    ),
    nodeExpandSecretRef: optional(10, secretReference, 'Secret for growing it on a node.'),
  },
)
export interface CSIPersistentVolumeSource extends Stored<typeof csiPersistentVolumeSource> {}
