/** FIXME: one sentence. */

import {
  always,
  boolean,
  enumOf,
  int32,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { localObjectReference } from './references.ts'

export const gcePersistentDiskVolumeSource = struct('core.v1.GCEPersistentDiskVolumeSource', '', {
  pdName: always(1, string, ''),
  fsType: omitEmpty(2, string, ''),
  partition: omitEmpty(3, int32, ''),
  readOnly: omitEmpty(4, boolean, ''),
})
export interface GCEPersistentDiskVolumeSource
  extends Stored<typeof gcePersistentDiskVolumeSource> {}

export const awsElasticBlockStoreVolumeSource = struct(
  'core.v1.AWSElasticBlockStoreVolumeSource',
  '',
  {
    volumeID: always(1, string, ''),
    fsType: omitEmpty(2, string, ''),
    partition: omitEmpty(3, int32, ''),
    readOnly: omitEmpty(4, boolean, ''),
  },
)
export interface AWSElasticBlockStoreVolumeSource
  extends Stored<typeof awsElasticBlockStoreVolumeSource> {}

export const cinderVolumeSource = struct('core.v1.CinderVolumeSource', '', {
  volumeID: always(1, string, ''),
  fsType: omitEmpty(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
  secretRef: optional(4, localObjectReference, ''),
})
export interface CinderVolumeSource extends Stored<typeof cinderVolumeSource> {}

export const azureFileVolumeSource = struct('core.v1.AzureFileVolumeSource', '', {
  secretName: always(1, string, ''),
  shareName: always(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
})
export interface AzureFileVolumeSource extends Stored<typeof azureFileVolumeSource> {}

export const vsphereVirtualDiskVolumeSource = struct('core.v1.VsphereVirtualDiskVolumeSource', '', {
  volumePath: always(1, string, ''),
  fsType: omitEmpty(2, string, ''),
  storagePolicyName: omitEmpty(3, string, ''),
  storagePolicyID: omitEmpty(4, string, ''),
})
export interface VsphereVirtualDiskVolumeSource
  extends Stored<typeof vsphereVirtualDiskVolumeSource> {}

export const azureDiskVolumeSource = struct('core.v1.AzureDiskVolumeSource', '', {
  diskName: always(1, string, ''),
  diskURI: always(2, string, ''),
  cachingMode: optional(3, enumOf('None', 'ReadOnly', 'ReadWrite'), '', { default: 'ReadWrite' }),
  fsType: optional(4, string, '', { default: 'ext4' }),
  readOnly: optional(5, boolean, '', { default: false }),
  kind: optional(6, enumOf('Shared', 'Dedicated', 'Managed'), '', { default: 'Shared' }),
})
export interface AzureDiskVolumeSource extends Stored<typeof azureDiskVolumeSource> {}

export const photonPersistentDiskVolumeSource = struct(
  'core.v1.PhotonPersistentDiskVolumeSource',
  '',
  {
    pdID: always(1, string, ''),
    fsType: omitEmpty(2, string, ''),
  },
)
export interface PhotonPersistentDiskVolumeSource
  extends Stored<typeof photonPersistentDiskVolumeSource> {}
