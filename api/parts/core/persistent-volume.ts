/** Persistent volumes: the storage behind each of them and how it is handed out. */
import {
  inline,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  quantity,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { volumeNodeAffinity } from './affinity.ts'
import { accessModeList } from './claim.ts'
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
import {
  azureFilePersistentVolumeSource,
  cephFSPersistentVolumeSource,
  cinderPersistentVolumeSource,
  csiPersistentVolumeSource,
  flexPersistentVolumeSource,
  glusterfsPersistentVolumeSource,
  iscsiPersistentVolumeSource,
  localVolumeSource,
  rbdPersistentVolumeSource,
  scaleIOPersistentVolumeSource,
  storageOSPersistentVolumeSource,
} from './persistent-volume-sources.ts'
import { objectReference } from './references.ts'
import { hostPathVolumeSource } from './volume.ts'

export const persistentVolumeSource = struct(
  'core.v1.PersistentVolumeSource',
  'The storage behind a persistent volume; exactly one member is set.',
  {
    gcePersistentDisk: optional(
      1,
      gcePersistentDiskVolumeSource,
      'A disk of Google Compute Engine; its CSI driver serves it.',
    ),
    awsElasticBlockStore: optional(
      2,
      awsElasticBlockStoreVolumeSource,
      'A volume of AWS Elastic Block Store; its CSI driver serves it.',
    ),
    hostPath: optional(
      3,
      hostPathVolumeSource,
      'A file or directory of a node; fit for clusters of one node only.',
    ),
    glusterfs: optional(4, glusterfsPersistentVolumeSource, 'A Glusterfs volume; not supported.'),
    nfs: optional(5, nfsVolumeSource, 'A directory of an NFS server.'),
    rbd: optional(6, rbdPersistentVolumeSource, 'A Ceph block device; no longer supported.'),
    iscsi: optional(7, iscsiPersistentVolumeSource, 'A block device of an iSCSI target.'),
    cinder: optional(8, cinderPersistentVolumeSource, 'A Cinder volume; its CSI driver serves it.'),
    cephfs: optional(9, cephFSPersistentVolumeSource, 'A Ceph file system; no longer supported.'),
    fc: optional(10, fcVolumeSource, 'A block device of a Fibre Channel target.'),
    flocker: optional(11, flockerVolumeSource, 'A Flocker dataset; no longer supported.'),
    flexVolume: optional(
      12,
      flexPersistentVolumeSource,
      'A volume of a driver on the node; deprecated.',
    ),
    azureFile: optional(
      13,
      azureFilePersistentVolumeSource,
      'An Azure share; its CSI driver serves it.',
    ),
    vsphereVolume: optional(
      14,
      vsphereVirtualDiskVolumeSource,
      'A vSphere disk; its CSI driver serves it.',
    ),
    quobyte: optional(15, quobyteVolumeSource, 'A Quobyte volume; no longer supported.'),
    azureDisk: optional(16, azureDiskVolumeSource, 'An Azure disk; its CSI driver serves it.'),
    photonPersistentDisk: optional(
      17,
      photonPersistentDiskVolumeSource,
      'A Photon Controller disk; no longer supported.',
    ),
    portworxVolume: optional(
      18,
      portworxVolumeSource,
      'A Portworx volume; its CSI driver serves it.',
    ),
    scaleIO: optional(19, scaleIOPersistentVolumeSource, 'A ScaleIO volume; no longer supported.'),
    local: optional(20, localVolumeSource, 'A disk, partition or directory of one node.'),
    storageos: optional(
      21,
      storageOSPersistentVolumeSource,
      'A StorageOS volume; no longer supported.',
    ),
    csi: optional(22, csiPersistentVolumeSource, 'A volume of a CSI driver.'),
  },
)
export interface PersistentVolumeSource extends Stored<typeof persistentVolumeSource> {}

export const persistentVolumeSpec = struct(
  'core.v1.PersistentVolumeSpec',
  'What a persistent volume is and who may have it.',
  {
    capacity: omitEmpty(1, mapOf(quantity), 'Its size; `storage` is the only entry allowed.'),
    persistentVolumeSource: inline(2, persistentVolumeSource),
    accessModes: omitEmpty(
      3,
      accessModeList,
      'How it may be mounted: by one node, by many, by many read-only, or by one pod.',
    ),
    claimRef: optional(
      4,
      objectReference,
      'The claim that it is bound to, or kept for when the UID is not set yet.',
    ),
    persistentVolumeReclaimPolicy: omitEmpty(
      5,
      publishedEnum('Recycle', 'Delete', 'Retain'),
      'What becomes of it when its claim is gone; Retain unless set, Delete for provisioned ones.',
      { default: 'Retain' },
    ),
    storageClassName: omitEmpty(6, string, 'Class that it belongs to; empty means no class.'),
    mountOptions: omitEmpty(
      7,
      listOf(string, { listType: 'atomic' }),
      'Options for mounting it, such as `ro` or `soft`; a wrong one fails the mount.',
    ),
    volumeMode: optional(
      8,
      publishedEnum('Block', 'Filesystem'),
      'Whether pods get a raw block device or a file system; Filesystem unless set.',
      { default: 'Filesystem' },
    ),
    nodeAffinity: optional(9, volumeNodeAffinity, 'The nodes from which it can be reached.'),
    volumeAttributesClassName: optional(
      10,
      string,
      'VolumeAttributesClass in effect; for volumes of CSI drivers only.',
    ),
  },
)
export interface PersistentVolumeSpec extends Stored<typeof persistentVolumeSpec> {}
