/**
 * Volumes that network storage serves: NFS, iSCSI, Ceph and others, as a pod names them. Where a
 * persistent volume only names the secret otherwise, both are made by one function.
 */
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
  type Struct,
  string,
  struct,
} from '../../schema.ts'
import { localObjectReference } from './references.ts'

export const nfsVolumeSource = struct('core.v1.NFSVolumeSource', 'A directory of an NFS server.', {
  server: always(1, string, 'Host name or address of the NFS server.'),
  path: always(2, string, 'Absolute path that the server exports.'),
  readOnly: omitEmpty(3, boolean, 'Mounts the export read-only; read-write unless set.'),
})
export interface NFSVolumeSource extends Stored<typeof nfsVolumeSource> {}

export const iscsiSourceWith = <S, I>(name: string, secret: Struct<S, I>) =>
  struct(name, 'A block device of an iSCSI target, attached to the node that needs it.', {
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
    secretRef: optional(10, secret, 'Secret that holds the CHAP credentials.'),
    initiatorName: optional(
      12,
      string,
      'Name that the initiator gives instead of that of the node.',
    ),
  })

export const iscsiVolumeSource = iscsiSourceWith('core.v1.ISCSIVolumeSource', localObjectReference)
export interface ISCSIVolumeSource extends Stored<typeof iscsiVolumeSource> {}

export const glusterfsVolumeSource = struct(
  'core.v1.GlusterfsVolumeSource',
  'A Glusterfs volume; the driver is no longer part of Kubernetes.',
  {
    endpoints: always(1, string, 'Name of the Endpoints object that lists the Glusterfs servers.'),
    path: always(2, string, 'Name of the Glusterfs volume.'),
    readOnly: omitEmpty(3, boolean, 'Mounts the volume read-only; read-write unless set.'),
  },
)
export interface GlusterfsVolumeSource extends Stored<typeof glusterfsVolumeSource> {}

export const rbdSourceWith = <S, I>(name: string, secret: Struct<S, I>) =>
  struct(name, 'A Ceph RADOS block device; the driver is no longer part of Kubernetes.', {
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
    secretRef: optional(7, secret, 'Secret with the key, used instead of a key ring.'),
    readOnly: omitEmpty(8, boolean, 'Mounts the image read-only; read-write unless set.'),
  })

export const rbdVolumeSource = rbdSourceWith('core.v1.RBDVolumeSource', localObjectReference)
export interface RBDVolumeSource extends Stored<typeof rbdVolumeSource> {}

export const flexSourceWith = <S, I>(name: string, secret: Struct<S, I>) =>
  struct(
    name,
    'A volume of a driver that is a program on the node; CSI drivers have replaced them.',
    {
      driver: always(1, string, 'Name of the driver, such as `example.com/nfs`.'),
      fsType: omitEmpty(2, string, 'File system on the volume; the driver chooses unless set.'),
      secretRef: optional(3, secret, 'Secret whose entries are passed to the driver.'),
      readOnly: omitEmpty(4, boolean, 'Asks for a read-only volume; read-write unless set.'),
      options: omitEmpty(5, mapOf(string), 'Options of the driver, passed on as they are.'),
    },
  )

export const flexVolumeSource = flexSourceWith('core.v1.FlexVolumeSource', localObjectReference)
export interface FlexVolumeSource extends Stored<typeof flexVolumeSource> {}

export const cephFSSourceWith = <S, I>(name: string, secret: Struct<S, I>) =>
  struct(name, 'A directory of a Ceph file system; the driver is no longer part of Kubernetes.', {
    monitors: always(1, listOf(string, { listType: 'atomic' }), 'Addresses of the Ceph monitors.'),
    path: omitEmpty(2, string, 'Directory that is mounted; the root unless set.'),
    user: omitEmpty(3, string, 'User that accesses Ceph; `admin` unless set.'),
    secretFile: omitEmpty(4, string, 'Path of the key ring on the node.'),
    secretRef: optional(5, secret, 'Secret with the key, used instead of a file.'),
    readOnly: omitEmpty(6, boolean, 'Mounts the directory read-only; read-write unless set.'),
  })

export const cephFSVolumeSource = cephFSSourceWith(
  'core.v1.CephFSVolumeSource',
  localObjectReference,
)
export interface CephFSVolumeSource extends Stored<typeof cephFSVolumeSource> {}

export const flockerVolumeSource = struct(
  'core.v1.FlockerVolumeSource',
  'A dataset of Flocker; the driver is no longer part of Kubernetes.',
  {
    datasetName: omitEmpty(1, string, 'Name of the dataset; use the UUID instead where possible.'),
    datasetUUID: omitEmpty(2, string, 'UUID of the dataset.'),
  },
)
export interface FlockerVolumeSource extends Stored<typeof flockerVolumeSource> {}

export const fcVolumeSource = struct(
  'core.v1.FCVolumeSource',
  'A block device of a Fibre Channel target, attached to the node that needs it.',
  {
    targetWWNs: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'World wide names of the targets; needs lun, and excludes wwids.',
    ),
    lun: optional(2, int32, 'Number of the logical unit at the targets, from 0 to 255.'),
    fsType: omitEmpty(3, string, 'File system on the device, such as ext4 (assumed when unset).'),
    readOnly: omitEmpty(4, boolean, 'Mounts the device read-only; read-write unless set.'),
    wwids: omitEmpty(
      5,
      listOf(string, { listType: 'atomic' }),
      'World wide identifiers of the device; excludes targetWWNs.',
    ),
  },
)
export interface FCVolumeSource extends Stored<typeof fcVolumeSource> {}

export const quobyteVolumeSource = struct(
  'core.v1.QuobyteVolumeSource',
  'A Quobyte volume; the driver is no longer part of Kubernetes.',
  {
    registry: always(1, string, 'Registry services as host:port pairs, separated by commas.'),
    volume: always(2, string, 'Name of the volume.'),
    readOnly: omitEmpty(3, boolean, 'Mounts the volume read-only; read-write unless set.'),
    user: omitEmpty(4, string, 'User that access is mapped to; the service account unless set.'),
    group: omitEmpty(5, string, 'Group that access is mapped to; none unless set.'),
    tenant: omitEmpty(6, string, 'Tenant that owns the volume, at most 64 characters.'),
  },
)
export interface QuobyteVolumeSource extends Stored<typeof quobyteVolumeSource> {}

export const portworxVolumeSource = struct(
  'core.v1.PortworxVolumeSource',
  'A Portworx volume, served by its CSI driver.',
  {
    volumeID: always(1, string, 'Identifier of the volume.'),
    fsType: omitEmpty(2, string, 'File system on the volume, such as ext4 (assumed when unset).'),
    readOnly: omitEmpty(3, boolean, 'Mounts the volume read-only; read-write unless set.'),
  },
)
export interface PortworxVolumeSource extends Stored<typeof portworxVolumeSource> {}

export const scaleIOSourceWith = <S, I>(name: string, secret: Struct<S, I>) =>
  struct(name, 'A ScaleIO volume; the driver is no longer part of Kubernetes.', {
    gateway: always(1, string, 'Address of the API gateway.'),
    system: always(2, string, 'Name of the storage system.'),
    secretRef: nullable(3, secret, 'Secret with the user and password for the login.'),
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
  })

export const scaleIOVolumeSource = scaleIOSourceWith(
  'core.v1.ScaleIOVolumeSource',
  localObjectReference,
)
export interface ScaleIOVolumeSource extends Stored<typeof scaleIOVolumeSource> {}

export const storageOSSourceWith = <S, I>(name: string, secret: Struct<S, I>) =>
  struct(name, 'A StorageOS volume; the driver is no longer part of Kubernetes.', {
    volumeName: omitEmpty(1, string, 'Name of the volume in its StorageOS namespace.'),
    volumeNamespace: omitEmpty(2, string, 'StorageOS namespace; that of the pod unless set.'),
    fsType: omitEmpty(3, string, 'File system on the volume, such as ext4 (assumed when unset).'),
    readOnly: omitEmpty(4, boolean, 'Mounts the volume read-only; read-write unless set.'),
    secretRef: optional(5, secret, 'Secret with the credentials of the StorageOS API.'),
  })

export const storageOSVolumeSource = storageOSSourceWith(
  'core.v1.StorageOSVolumeSource',
  localObjectReference,
)
export interface StorageOSVolumeSource extends Stored<typeof storageOSVolumeSource> {}
