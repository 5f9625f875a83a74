/** FIXME: one sentence. */

import {
  always,
  boolean,
  inline,
  int32,
  int64,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { objectFieldSelector, resourceFieldSelector } from './env.ts'
import { localObjectReference } from './references.ts'

export const keyToPath = struct('core.v1.KeyToPath', '', {
  key: always(1, string, ''),
  path: always(2, string, ''),
  mode: optional(3, int32, ''),
})
export interface KeyToPath extends Stored<typeof keyToPath> {}

export const secretVolumeSource = struct('core.v1.SecretVolumeSource', '', {
  secretName: omitEmpty(1, string, ''),
  items: omitEmpty(2, listOf(keyToPath, { listType: 'atomic' }), ''),
  defaultMode: optional(3, int32, ''),
  optional: optional(4, boolean, ''),
})
export interface SecretVolumeSource extends Stored<typeof secretVolumeSource> {}

export const downwardAPIVolumeFile = struct('core.v1.DownwardAPIVolumeFile', '', {
  path: always(1, string, ''),
  fieldRef: optional(2, objectFieldSelector, ''),
  resourceFieldRef: optional(3, resourceFieldSelector, ''),
  mode: optional(4, int32, ''),
})
export interface DownwardAPIVolumeFile extends Stored<typeof downwardAPIVolumeFile> {}

export const downwardAPIVolumeSource = struct('core.v1.DownwardAPIVolumeSource', '', {
  items: omitEmpty(1, listOf(downwardAPIVolumeFile, { listType: 'atomic' }), ''),
  defaultMode: optional(2, int32, ''),
})
export interface DownwardAPIVolumeSource extends Stored<typeof downwardAPIVolumeSource> {}

export const configMapVolumeSource = struct('core.v1.ConfigMapVolumeSource', '', {
  localObjectReference: inline(1, localObjectReference),
  items: omitEmpty(2, listOf(keyToPath, { listType: 'atomic' }), ''),
  defaultMode: optional(3, int32, ''),
  optional: optional(4, boolean, ''),
})
export interface ConfigMapVolumeSource extends Stored<typeof configMapVolumeSource> {}

export const secretProjection = struct('core.v1.SecretProjection', '', {
  localObjectReference: inline(1, localObjectReference),
  items: omitEmpty(2, listOf(keyToPath, { listType: 'atomic' }), ''),
  optional: optional(4, boolean, ''),
})
export interface SecretProjection extends Stored<typeof secretProjection> {}

export const downwardAPIProjection = struct('core.v1.DownwardAPIProjection', '', {
  items: omitEmpty(1, listOf(downwardAPIVolumeFile, { listType: 'atomic' }), ''),
})
export interface DownwardAPIProjection extends Stored<typeof downwardAPIProjection> {}

export const configMapProjection = struct('core.v1.ConfigMapProjection', '', {
  localObjectReference: inline(1, localObjectReference),
  items: omitEmpty(2, listOf(keyToPath, { listType: 'atomic' }), ''),
  optional: optional(4, boolean, ''),
})
export interface ConfigMapProjection extends Stored<typeof configMapProjection> {}

export const serviceAccountTokenProjection = struct('core.v1.ServiceAccountTokenProjection', '', {
  audience: omitEmpty(1, string, ''),
  expirationSeconds: optional(2, int64, ''),
  path: always(3, string, ''),
})
export interface ServiceAccountTokenProjection
  extends Stored<typeof serviceAccountTokenProjection> {}

export const clusterTrustBundleProjection = struct('core.v1.ClusterTrustBundleProjection', '', {
  name: optional(1, string, ''),
  signerName: optional(2, string, ''),
  labelSelector: optional(3, labelSelector, ''),
  optional: optional(5, boolean, ''),
  path: always(4, string, ''),
})
export interface ClusterTrustBundleProjection extends Stored<typeof clusterTrustBundleProjection> {}

export const podCertificateProjection = struct('core.v1.PodCertificateProjection', '', {
  signerName: omitEmpty(1, string, ''),
  keyType: omitEmpty(2, string, ''),
  maxExpirationSeconds: optional(3, int32, ''),
  credentialBundlePath: omitEmpty(4, string, ''),
  keyPath: omitEmpty(5, string, ''),
  certificateChainPath: omitEmpty(6, string, ''),
  userAnnotations: omitEmpty(7, mapOf(string), ''),
})
export interface PodCertificateProjection extends Stored<typeof podCertificateProjection> {}

export const volumeProjection = struct('core.v1.VolumeProjection', '', {
  secret: optional(1, secretProjection, ''),
  downwardAPI: optional(2, downwardAPIProjection, ''),
  configMap: optional(3, configMapProjection, ''),
  serviceAccountToken: optional(4, serviceAccountTokenProjection, ''),
  clusterTrustBundle: optional(5, clusterTrustBundleProjection, ''), // gate: ClusterTrustBundleProjection
  podCertificate: optional(6, podCertificateProjection, ''), // gate: PodCertificateProjection
})
export interface VolumeProjection extends Stored<typeof volumeProjection> {}

export const projectedVolumeSource = struct('core.v1.ProjectedVolumeSource', '', {
  sources: always(1, listOf(volumeProjection, { listType: 'atomic' }), '', { mayOmit: true }),
  defaultMode: optional(2, int32, ''),
})
export interface ProjectedVolumeSource extends Stored<typeof projectedVolumeSource> {}
