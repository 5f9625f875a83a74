/** Volume sources that persistent volumes describe otherwise than pods: secrets anywhere. */
import {
  always,
  boolean,
  int32,
  listOf,
  mapOf,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
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

export const rbdPersistentVolumeSource = struct(
  'core.v1.RBDPersistentVolumeSource',
  'A Ceph RADOS block device; the driver is no longer part of Kubernetes.',
  {
    monitors: always(1, listOf(string, { listType: 'atomic' }), 'Addresses of the Ceph monitors.'),
    image: always(2, string, 'Name of the image in the pool.'),
    fsType: omitEmpty(3, string, 'File system on the image, such as ext4 (assumed when unset).'),
    pool: omitEmpty(4, string, 'Pool that holds the image; `rbd` unless set.', { default: 'rbd' }),
    user: omitEmpty(5, string, 'User that accesses Ceph; `admin` unless set.', {
      default: 'admin',
    }),
    keyring: omitEmpty(
      6,
      string,
      'Path of the key ring on the node; /etc/ceph/keyring unless set.',
      {
        default: '/etc/ceph/keyring',
      },
    ),
    secretRef: optional(7, secretReference, 'Secret with the key, used instead of a key ring.'),
    readOnly: omitEmpty(8, boolean, 'Mounts the image read-only; read-write unless set.'),
  },
)
export interface RBDPersistentVolumeSource extends Stored<typeof rbdPersistentVolumeSource> {}

export const iscsiPersistentVolumeSource = struct(
  'core.v1.ISCSIPersistentVolumeSource',
  'A block device of an iSCSI target, attached to the node that needs it.',
  {
    targetPortal: always(1, string, 'Portal of the target: an address, with its port unless 3260.'),
    iqn: always(2, string, 'Qualified name of the target, in iqn, eui or naa form.'),
    lun: always(3, int32, 'Number of the logical unit at the target, from 0 to 255.'),
    iscsiInterface: omitEmpty(
      4,
      string,
      'Interface that the initiator uses; the transport `default` (tcp) unless set.',
      { default: 'default' },
    ),
    fsType: omitEmpty(5, string, 'File system on the device, such as ext4 (assumed when unset).'),
    readOnly: omitEmpty(6, boolean, 'Mounts the device read-only; read-write unless set.'),
    portals: omitEmpty(
      7,
      listOf(string, { listType: 'atomic' }),
      'Further portals of the target, for several paths to one device.',
    ),
    chapAuthDiscovery: omitEmpty(8, boolean, 'Whether discovery authenticates with CHAP.'),
    chapAuthSession: omitEmpty(11, boolean, 'Whether sessions authenticate with CHAP.'),
    secretRef: optional(10, secretReference, 'Secret that holds the CHAP credentials.'),
    initiatorName: optional(
      12,
      string,
      'Name that the initiator gives instead of that of the node.',
    ),
  },
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

export const cephFSPersistentVolumeSource = struct(
  'core.v1.CephFSPersistentVolumeSource',
  'A directory of a Ceph file system; the driver is no longer part of Kubernetes.',
  {
    monitors: always(1, listOf(string, { listType: 'atomic' }), 'Addresses of the Ceph monitors.'),
    path: omitEmpty(2, string, 'Directory that is mounted; the root unless set.'),
    user: omitEmpty(3, string, 'User that accesses Ceph; `admin` unless set.'),
    secretFile: omitEmpty(4, string, 'Path of the key ring on the node.'),
    secretRef: optional(5, secretReference, 'Secret with the key, used instead of a file.'),
    readOnly: omitEmpty(6, boolean, 'Mounts the directory read-only; read-write unless set.'),
  },
)
export interface CephFSPersistentVolumeSource extends Stored<typeof cephFSPersistentVolumeSource> {}

export const flexPersistentVolumeSource = struct(
  'core.v1.FlexPersistentVolumeSource',
  'A volume of a driver that is a program on the node; CSI drivers have replaced them.',
  {
    driver: always(1, string, 'Name of the driver, such as `example.com/nfs`.'),
    fsType: omitEmpty(2, string, 'File system on the volume; the driver chooses unless set.'),
    secretRef: optional(3, secretReference, 'Secret whose entries are passed to the driver.'),
    readOnly: omitEmpty(4, boolean, 'Asks for a read-only volume; read-write unless set.'),
    options: omitEmpty(5, mapOf(string), 'Options of the driver, passed on as they are.'),
  },
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

export const scaleIOPersistentVolumeSource = struct(
  'core.v1.ScaleIOPersistentVolumeSource',
  'A ScaleIO volume; the driver is no longer part of Kubernetes.',
  {
    gateway: always(1, string, 'Address of the API gateway.'),
    system: always(2, string, 'Name of the storage system.'),
    secretRef: nullable(3, secretReference, 'Secret with the user and password for the login.'),
    sslEnabled: omitEmpty(4, boolean, 'Whether the gateway is reached by TLS.'),
    protectionDomain: omitEmpty(5, string, 'Protection domain that holds the volume.'),
    storagePool: omitEmpty(6, string, 'Storage pool in the protection domain.'),
    storageMode: omitEmpty(
      7,
      string,
      'How space is set aside: ThinProvisioned (unless set) or ThickProvisioned.',
      { default: 'ThinProvisioned' },
    ),
    volumeName: omitEmpty(8, string, 'Name of the volume in the storage system.'),
    fsType: omitEmpty(9, string, 'File system on the volume; xfs unless set.', { default: 'xfs' }),
    readOnly: omitEmpty(10, boolean, 'Mounts the volume read-only; read-write unless set.'),
  },
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

export const storageOSPersistentVolumeSource = struct(
  'core.v1.StorageOSPersistentVolumeSource',
  'A StorageOS volume; the driver is no longer part of Kubernetes.',
  {
    volumeName: omitEmpty(1, string, 'Name of the volume in its StorageOS namespace.'),
    volumeNamespace: omitEmpty(2, string, 'StorageOS namespace; that of the pod unless set.'),
    fsType: omitEmpty(3, string, 'File system on the volume, such as ext4 (assumed when unset).'),
    readOnly: omitEmpty(4, boolean, 'Mounts the volume read-only; read-write unless set.'),
    secretRef: optional(5, objectReference, 'Secret with the credentials of the StorageOS API.'),
  },
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
