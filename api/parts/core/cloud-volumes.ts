/** Volumes that are disks or shares of a cloud, as a pod names them; CSI drivers serve them. */
import {
  always,
  boolean,
  int32,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { localObjectReference } from './references.ts'

export const gcePersistentDiskVolumeSource = struct(
  'core.v1.GCEPersistentDiskVolumeSource',
  'A persistent disk of Google Compute Engine.',
  {
    pdName: always(1, string, 'Name of the disk.'),
    fsType: omitEmpty(2, string, 'File system on the disk, such as ext4 (assumed when unset).'),
    partition: omitEmpty(3, int32, 'Number of the partition to mount; the whole disk when 0.'),
    readOnly: omitEmpty(4, boolean, 'Mounts the disk read-only; read-write unless set.'),
  },
)
export interface GCEPersistentDiskVolumeSource
  extends Stored<typeof gcePersistentDiskVolumeSource> {}

export const awsElasticBlockStoreVolumeSource = struct(
  'core.v1.AWSElasticBlockStoreVolumeSource',
  'A volume of the Elastic Block Store of AWS.',
  {
    volumeID: always(1, string, 'Identifier of the volume.'),
    fsType: omitEmpty(2, string, 'File system on the volume, such as ext4 (assumed when unset).'),
    partition: omitEmpty(3, int32, 'Number of the partition to mount; the whole volume when 0.'),
    readOnly: omitEmpty(4, boolean, 'Mounts the volume read-only; read-write unless set.'),
  },
)
export interface AWSElasticBlockStoreVolumeSource
  extends Stored<typeof awsElasticBlockStoreVolumeSource> {}

export const cinderVolumeSource = struct(
  'core.v1.CinderVolumeSource',
  'A Cinder volume of OpenStack.',
  {
    volumeID: always(1, string, 'Identifier of the volume.'),
    fsType: omitEmpty(2, string, 'File system on the volume, such as ext4 (assumed when unset).'),
    readOnly: omitEmpty(3, boolean, 'Mounts the volume read-only; read-write unless set.'),
    secretRef: optional(4, localObjectReference, 'Secret with the parameters to reach OpenStack.'),
  },
)
export interface CinderVolumeSource extends Stored<typeof cinderVolumeSource> {}

export const azureFileVolumeSource = struct(
  'core.v1.AzureFileVolumeSource',
  'A file share of Azure.',
  {
    secretName: always(1, string, 'Secret with the name and key of the storage account.'),
    shareName: always(2, string, 'Name of the share.'),
    readOnly: omitEmpty(3, boolean, 'Mounts the share read-only; read-write unless set.'),
  },
)
export interface AzureFileVolumeSource extends Stored<typeof azureFileVolumeSource> {}

export const vsphereVirtualDiskVolumeSource = struct(
  'core.v1.VsphereVirtualDiskVolumeSource',
  'A virtual disk of vSphere.',
  {
    volumePath: always(1, string, 'Path of the virtual disk (vmdk) in its datastore.'),
    fsType: omitEmpty(2, string, 'File system on the disk, such as ext4 (assumed when unset).'),
    storagePolicyName: omitEmpty(3, string, 'Name of the profile for policy-based management.'),
    storagePolicyID: omitEmpty(
      4,
      string,
      'Identifier of the profile that storagePolicyName names.',
    ),
  },
)
export interface VsphereVirtualDiskVolumeSource
  extends Stored<typeof vsphereVirtualDiskVolumeSource> {}

export const azureDiskVolumeSource = struct(
  'core.v1.AzureDiskVolumeSource',
  'A data disk of Azure.',
  {
    diskName: always(1, string, 'Name of the disk in blob storage.'),
    diskURI: always(2, string, 'Resource path of a managed disk, or URL of a blob.'),
    cachingMode: optional(
      3,
      publishedEnum('None', 'ReadOnly', 'ReadWrite'),
      'How the host caches the disk; ReadWrite unless set.',
      { default: 'ReadWrite' },
    ),
    fsType: optional(4, string, 'File system on the disk; ext4 unless set.', { default: 'ext4' }),
    readOnly: optional(5, boolean, 'Mounts the disk read-only; read-write unless set.', {
      default: false,
    }),
    kind: optional(
      6,
      publishedEnum('Shared', 'Dedicated', 'Managed'),
      'Several disks per account, one per account, or a managed disk; Shared unless set.',
      { default: 'Shared' },
    ),
  },
)
export interface AzureDiskVolumeSource extends Stored<typeof azureDiskVolumeSource> {}

export const photonPersistentDiskVolumeSource = struct(
  'core.v1.PhotonPersistentDiskVolumeSource',
  'A persistent disk of Photon Controller; the driver is no longer part of Kubernetes.',
  {
    pdID: always(1, string, 'Identifier of the disk.'),
    fsType: omitEmpty(2, string, 'File system on the disk, such as ext4 (assumed when unset).'),
  },
)
export interface PhotonPersistentDiskVolumeSource
  extends Stored<typeof photonPersistentDiskVolumeSource> {}
