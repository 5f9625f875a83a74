/** FIXME: one sentence. */

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
import { localObjectReference } from './references.ts'

export const nfsVolumeSource = struct('core.v1.NFSVolumeSource', '', {
  server: always(1, string, ''),
  path: always(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
})
export interface NFSVolumeSource extends Stored<typeof nfsVolumeSource> {}

export const iscsiVolumeSource = struct('core.v1.ISCSIVolumeSource', '', {
  targetPortal: always(1, string, ''),
  iqn: always(2, string, ''),
  lun: always(3, int32, ''),
  iscsiInterface: omitEmpty(4, string, '', { default: 'default' }),
  fsType: omitEmpty(5, string, ''),
  readOnly: omitEmpty(6, boolean, ''),
  portals: omitEmpty(7, listOf(string, { listType: 'atomic' }), ''),
  chapAuthDiscovery: omitEmpty(8, boolean, ''),
  chapAuthSession: omitEmpty(11, boolean, ''),
  secretRef: optional(10, localObjectReference, ''),
  initiatorName: optional(12, string, ''),
})
export interface ISCSIVolumeSource extends Stored<typeof iscsiVolumeSource> {}

export const glusterfsVolumeSource = struct('core.v1.GlusterfsVolumeSource', '', {
  endpoints: always(1, string, ''),
  path: always(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
})
export interface GlusterfsVolumeSource extends Stored<typeof glusterfsVolumeSource> {}

export const rbdVolumeSource = struct('core.v1.RBDVolumeSource', '', {
  monitors: always(1, listOf(string, { listType: 'atomic' }), ''),
  image: always(2, string, ''),
  fsType: omitEmpty(3, string, ''),
  pool: omitEmpty(4, string, '', { default: 'rbd' }),
  user: omitEmpty(5, string, '', { default: 'admin' }),
  keyring: omitEmpty(6, string, '', { default: '/etc/ceph/keyring' }),
  secretRef: optional(7, localObjectReference, ''),
  readOnly: omitEmpty(8, boolean, ''),
})
export interface RBDVolumeSource extends Stored<typeof rbdVolumeSource> {}

export const flexVolumeSource = struct('core.v1.FlexVolumeSource', '', {
  driver: always(1, string, ''),
  fsType: omitEmpty(2, string, ''),
  secretRef: optional(3, localObjectReference, ''),
  readOnly: omitEmpty(4, boolean, ''),
  options: omitEmpty(5, mapOf(string), ''),
})
export interface FlexVolumeSource extends Stored<typeof flexVolumeSource> {}

export const cephFSVolumeSource = struct('core.v1.CephFSVolumeSource', '', {
  monitors: always(1, listOf(string, { listType: 'atomic' }), ''),
  path: omitEmpty(2, string, ''),
  user: omitEmpty(3, string, ''),
  secretFile: omitEmpty(4, string, ''),
  secretRef: optional(5, localObjectReference, ''),
  readOnly: omitEmpty(6, boolean, ''),
})
export interface CephFSVolumeSource extends Stored<typeof cephFSVolumeSource> {}

export const flockerVolumeSource = struct('core.v1.FlockerVolumeSource', '', {
  datasetName: omitEmpty(1, string, ''),
  datasetUUID: omitEmpty(2, string, ''),
})
export interface FlockerVolumeSource extends Stored<typeof flockerVolumeSource> {}

export const fcVolumeSource = struct('core.v1.FCVolumeSource', '', {
  targetWWNs: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
  lun: optional(2, int32, ''),
  fsType: omitEmpty(3, string, ''),
  readOnly: omitEmpty(4, boolean, ''),
  wwids: omitEmpty(5, listOf(string, { listType: 'atomic' }), ''),
})
export interface FCVolumeSource extends Stored<typeof fcVolumeSource> {}

export const quobyteVolumeSource = struct('core.v1.QuobyteVolumeSource', '', {
  registry: always(1, string, ''),
  volume: always(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
  user: omitEmpty(4, string, ''),
  group: omitEmpty(5, string, ''),
  tenant: omitEmpty(6, string, ''),
})
export interface QuobyteVolumeSource extends Stored<typeof quobyteVolumeSource> {}

export const portworxVolumeSource = struct('core.v1.PortworxVolumeSource', '', {
  volumeID: always(1, string, ''),
  fsType: omitEmpty(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
})
export interface PortworxVolumeSource extends Stored<typeof portworxVolumeSource> {}

export const scaleIOVolumeSource = struct('core.v1.ScaleIOVolumeSource', '', {
  gateway: always(1, string, ''),
  system: always(2, string, ''),
  secretRef: nullable(3, localObjectReference, ''),
  sslEnabled: omitEmpty(4, boolean, ''),
  protectionDomain: omitEmpty(5, string, ''),
  storagePool: omitEmpty(6, string, ''),
  storageMode: omitEmpty(7, string, '', { default: 'ThinProvisioned' }),
  volumeName: omitEmpty(8, string, ''),
  fsType: omitEmpty(9, string, '', { default: 'xfs' }),
  readOnly: omitEmpty(10, boolean, ''),
})
export interface ScaleIOVolumeSource extends Stored<typeof scaleIOVolumeSource> {}

export const storageOSVolumeSource = struct('core.v1.StorageOSVolumeSource', '', {
  volumeName: omitEmpty(1, string, ''),
  volumeNamespace: omitEmpty(2, string, ''),
  fsType: omitEmpty(3, string, ''),
  readOnly: omitEmpty(4, boolean, ''),
  secretRef: optional(5, localObjectReference, ''),
})
export interface StorageOSVolumeSource extends Stored<typeof storageOSVolumeSource> {}
