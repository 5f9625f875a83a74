/** Volumes whose files the kubelet writes: secrets, config maps, pod fields, tokens, or a mix. */
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

/** 0644, the mode of projected files unless a volume says otherwise. */
const defaultFileMode = 0o644

export const keyToPath = struct(
  'core.v1.KeyToPath',
  'One key of a secret or config map and the file it becomes.',
  {
    key: always(1, string, 'Key whose value becomes the content of the file.'),
    path: always(2, string, 'Relative path of the file in the volume, without `..`.'),
    mode: optional(3, int32, 'Permission bits of the file, 0 to 0777; defaultMode unless set.'),
  },
)
export interface KeyToPath extends Stored<typeof keyToPath> {}

export const secretVolumeSource = struct(
  'core.v1.SecretVolumeSource',
  'The entries of a secret as files, kept in memory and updated with the secret.',
  {
    secretName: omitEmpty(1, string, 'Name of the secret, in the namespace of the pod.'),
    items: omitEmpty(
      2,
      listOf(keyToPath, { listType: 'atomic' }),
      'The keys to project and their paths; every key under its own name unless set.',
    ),
    defaultMode: optional(3, int32, 'Permission bits of the files, 0 to 0777; 0644 unless set.', {
      default: defaultFileMode,
    }),
    optional: optional(4, boolean, 'Whether the secret or a key of it may be missing.'),
  },
)
export interface SecretVolumeSource extends Stored<typeof secretVolumeSource> {}

export const downwardAPIVolumeFile = struct(
  'core.v1.DownwardAPIVolumeFile',
  'A file with the value of a field of the pod or of a resource of a container.',
  {
    path: always(1, string, 'Relative path of the file in the volume, without `..`.'),
    fieldRef: optional(2, objectFieldSelector, 'Field of the metadata of the pod.'),
    resourceFieldRef: optional(
      3,
      resourceFieldSelector,
      'Limit or request of a container, such as limits.memory.',
    ),
    mode: optional(4, int32, 'Permission bits of the file, 0 to 0777; defaultMode unless set.'),
  },
)
export interface DownwardAPIVolumeFile extends Stored<typeof downwardAPIVolumeFile> {}

export const downwardAPIVolumeSource = struct(
  'core.v1.DownwardAPIVolumeSource',
  'Fields of the pod as files, updated as they change.',
  {
    items: omitEmpty(
      1,
      listOf(downwardAPIVolumeFile, { listType: 'atomic' }),
      'The files of the volume.',
    ),
    defaultMode: optional(2, int32, 'Permission bits of the files, 0 to 0777; 0644 unless set.', {
      default: defaultFileMode,
    }),
  },
)
export interface DownwardAPIVolumeSource extends Stored<typeof downwardAPIVolumeSource> {}

export const configMapVolumeSource = struct(
  'core.v1.ConfigMapVolumeSource',
  'The entries of a config map as files, updated with the config map.',
  {
    localObjectReference: inline(1, localObjectReference),
    items: omitEmpty(
      2,
      listOf(keyToPath, { listType: 'atomic' }),
      'The keys to project and their paths; every key under its own name unless set.',
    ),
    defaultMode: optional(3, int32, 'Permission bits of the files, 0 to 0777; 0644 unless set.', {
      default: defaultFileMode,
    }),
    optional: optional(4, boolean, 'Whether the config map or a key of it may be missing.'),
  },
)
export interface ConfigMapVolumeSource extends Stored<typeof configMapVolumeSource> {}

export const secretProjection = struct(
  'core.v1.SecretProjection',
  'The entries of a secret as files of a projected volume.',
  {
    localObjectReference: inline(1, localObjectReference),
    items: omitEmpty(
      2,
      listOf(keyToPath, { listType: 'atomic' }),
      'The keys to project and their paths; every key under its own name unless set.',
    ),
    optional: optional(4, boolean, 'Whether the secret or a key of it may be missing.'),
  },
)
export interface SecretProjection extends Stored<typeof secretProjection> {}

export const downwardAPIProjection = struct(
  'core.v1.DownwardAPIProjection',
  'Fields of the pod as files of a projected volume.',
  {
    items: omitEmpty(
      1,
      listOf(downwardAPIVolumeFile, { listType: 'atomic' }),
      'The files that are projected.',
    ),
  },
)
export interface DownwardAPIProjection extends Stored<typeof downwardAPIProjection> {}

export const configMapProjection = struct(
  'core.v1.ConfigMapProjection',
  'The entries of a config map as files of a projected volume.',
  {
    localObjectReference: inline(1, localObjectReference),
    items: omitEmpty(
      2,
      listOf(keyToPath, { listType: 'atomic' }),
      'The keys to project and their paths; every key under its own name unless set.',
    ),
    optional: optional(4, boolean, 'Whether the config map or a key of it may be missing.'),
  },
)
export interface ConfigMapProjection extends Stored<typeof configMapProjection> {}

export const serviceAccountTokenProjection = struct(
  'core.v1.ServiceAccountTokenProjection',
  'A token of the service account of the pod, renewed by the kubelet before it expires.',
  {
    audience: omitEmpty(1, string, 'Who may accept the token; the API server unless set.'),
    expirationSeconds: optional(
      2,
      int64,
      'How long a token is valid, in seconds: at least 600, 3600 unless set.',
      { default: 3600 },
    ),
    path: always(3, string, 'Relative path of the token file in the volume.'),
  },
)
export interface ServiceAccountTokenProjection
  extends Stored<typeof serviceAccountTokenProjection> {}

export const clusterTrustBundleProjection = struct(
  'core.v1.ClusterTrustBundleProjection',
  'Trust anchors of cluster trust bundles as one PEM file.',
  {
    name: optional(1, string, 'The one bundle to take; excludes signerName and labelSelector.'),
    signerName: optional(2, string, 'Takes every bundle of this signer; excludes name.'),
    labelSelector: optional(
      3,
      labelSelector,
      'Which bundles of the signer: none when unset, all of them when empty.',
    ),
    optional: optional(5, boolean, 'Whether no bundle need match for the pod to start.'),
    path: always(4, string, 'Relative path of the file in the volume.'),
  },
)
export interface ClusterTrustBundleProjection extends Stored<typeof clusterTrustBundleProjection> {}

export const podCertificateProjection = struct(
  'core.v1.PodCertificateProjection',
  'A private key of the pod with the certificate that a signer issued for it, renewed in time.',
  {
    signerName: omitEmpty(1, string, 'Signer that is asked for the certificate.'),
    keyType: omitEmpty(
      2,
      string,
      'Kind of key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519.',
    ),
    maxExpirationSeconds: optional(
      3,
      int32,
      'Longest validity to accept, in seconds: at least 3600, 86400 unless set.',
    ),
    credentialBundlePath: omitEmpty(
      4,
      string,
      'Relative path of one PEM file with the key and the certificate chain.',
    ),
    keyPath: omitEmpty(5, string, 'Relative path of a PEM file with the key alone.'),
    certificateChainPath: omitEmpty(6, string, 'Relative path of a PEM file with the chain alone.'),
    userAnnotations: omitEmpty(7, mapOf(string), 'Further wishes, passed on to the signer.'),
  },
)
export interface PodCertificateProjection extends Stored<typeof podCertificateProjection> {}

export const volumeProjection = struct(
  'core.v1.VolumeProjection',
  'One source of a projected volume; exactly one of its members is set.',
  {
    secret: optional(1, secretProjection, 'Entries of a secret.'),
    downwardAPI: optional(2, downwardAPIProjection, 'Fields of the pod.'),
    configMap: optional(3, configMapProjection, 'Entries of a config map.'),
    serviceAccountToken: optional(
      4,
      serviceAccountTokenProjection,
      'Token of the service account.',
    ),
    clusterTrustBundle: optional(5, clusterTrustBundleProjection, 'Trust anchors of a signer.'),
    podCertificate: optional(6, podCertificateProjection, 'Key and certificate of the pod.'),
  },
)
export interface VolumeProjection extends Stored<typeof volumeProjection> {}

export const projectedVolumeSource = struct(
  'core.v1.ProjectedVolumeSource',
  'Several sources in one directory.',
  {
    sources: always(1, listOf(volumeProjection, { listType: 'atomic' }), 'What is projected.', {
      mayOmit: true,
    }),
    defaultMode: optional(2, int32, 'Permission bits of the files, 0 to 0777; 0644 unless set.', {
      default: defaultFileMode,
    }),
  },
)
export interface ProjectedVolumeSource extends Stored<typeof projectedVolumeSource> {}
