/** Volumes of a pod: what each kind of volume needs to know. */
import { defaultPullPolicy } from '../../rules/image-reference.ts'
import {
  always,
  boolean,
  inline,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  quantity,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { persistentVolumeClaimTemplate } from './claim.ts'
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  cinderVolumeSource,
  gcePersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './cloud-volumes.ts'
import {
  cephFSVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  glusterfsVolumeSource,
  iscsiVolumeSource,
  nfsVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  rbdVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
} from './network-volumes.ts'
import {
  configMapVolumeSource,
  downwardAPIVolumeSource,
  projectedVolumeSource,
  secretVolumeSource,
} from './projected-volume.ts'
import { localObjectReference } from './references.ts'

export const hostPathVolumeSource = struct(
  'core.v1.HostPathVolumeSource',
  'A file or directory of the node.',
  {
    path: always(1, string, 'Absolute path on the node, without `..`; a link is followed.'),
    type: optional(
      2,
      publishedEnum(
        '',
        'DirectoryOrCreate',
        'Directory',
        'FileOrCreate',
        'File',
        'Socket',
        'CharDevice',
        'BlockDevice',
      ),
      'What must be at the path, or is made there; nothing is checked unless set.',
      { default: '' },
    ),
  },
)
export interface HostPathVolumeSource extends Stored<typeof hostPathVolumeSource> {}

export const emptyDirVolumeSource = struct(
  'core.v1.EmptyDirVolumeSource',
  'An empty directory that lives as long as the pod does on its node.',
  {
    medium: omitEmpty(
      1,
      wordOf('', 'Memory', 'HugePages', 'HugePages-'),
      'What backs it: the disk of the node unless set, Memory, or HugePages with an optional size.',
    ),
    sizeLimit: optional(
      2,
      quantity,
      'Most that the files may take; beyond it the pod is evicted. No limit unless set.',
    ),
  },
)
export interface EmptyDirVolumeSource extends Stored<typeof emptyDirVolumeSource> {}

export const gitRepoVolumeSource = struct(
  'core.v1.GitRepoVolumeSource',
  'A clone of a git repository; deprecated, since an init container can do it safely.',
  {
    repository: always(1, string, 'URL of the repository.'),
    revision: omitEmpty(2, string, 'Commit to check out; the default branch unless set.'),
    directory: omitEmpty(3, string, 'Relative directory to clone into, without `..`.'),
  },
)
export interface GitRepoVolumeSource extends Stored<typeof gitRepoVolumeSource> {}

export const persistentVolumeClaimVolumeSource = struct(
  'core.v1.PersistentVolumeClaimVolumeSource',
  'The persistent volume that a claim is bound to.',
  {
    claimName: always(1, string, 'Name of the claim, in the namespace of the pod.'),
    readOnly: omitEmpty(2, boolean, 'Makes every mount of the volume read-only.'),
  },
)
export interface PersistentVolumeClaimVolumeSource
  extends Stored<typeof persistentVolumeClaimVolumeSource> {}

export const csiVolumeSource = struct(
  'core.v1.CSIVolumeSource',
  'A volume that a CSI driver makes for this pod and deletes with it.',
  {
    driver: always(1, string, 'Name of the CSI driver, as registered in the cluster.'),
    readOnly: optional(2, boolean, 'Mounts the volume read-only; read-write unless set.'),
    fsType: optional(3, string, 'File system on the volume; the driver chooses unless set.'),
    volumeAttributes: omitEmpty(4, mapOf(string), 'Parameters that the driver understands.'),
    nodePublishSecretRef: optional(
      5,
      localObjectReference,
      'Secret that is passed to the driver when it mounts the volume.',
    ),
  },
)
export interface CSIVolumeSource extends Stored<typeof csiVolumeSource> {}

export const ephemeralVolumeSource = struct(
  'core.v1.EphemeralVolumeSource',
  'A persistent volume of its own for this pod, claimed and deleted with it.',
  {
    volumeClaimTemplate: optional(
      1,
      persistentVolumeClaimTemplate,
      'The claim to make, named after the pod and the volume.',
    ),
  },
)
export interface EphemeralVolumeSource extends Stored<typeof ephemeralVolumeSource> {}

export const imageVolumeSource = struct(
  'core.v1.ImageVolumeSource',
  'The files of a container image or artifact, read-only.',
  {
    reference: omitEmpty(1, string, 'Reference of the image, as for containers.'),
    pullPolicy: omitEmpty(
      2,
      publishedEnum('Always', 'Never', 'IfNotPresent'),
      'When it is pulled: Always for the tag latest, else IfNotPresent, unless set.',
    ),
  },
)
export interface ImageVolumeSource extends Stored<typeof imageVolumeSource> {}

export const volumeSource = struct(
  'core.v1.VolumeSource',
  'Where the files of a volume come from; exactly one member is set.',
  {
    hostPath: optional(1, hostPathVolumeSource, 'A file or directory of the node.'),
    emptyDir: optional(2, emptyDirVolumeSource, 'An empty directory that goes with the pod.'),
    gcePersistentDisk: optional(
      3,
      gcePersistentDiskVolumeSource,
      'A disk of Google Compute Engine; its CSI driver serves it.',
    ),
    awsElasticBlockStore: optional(
      4,
      awsElasticBlockStoreVolumeSource,
      'A volume of AWS Elastic Block Store; its CSI driver serves it.',
    ),
    gitRepo: optional(5, gitRepoVolumeSource, 'A clone of a git repository; deprecated.'),
    secret: optional(6, secretVolumeSource, 'The entries of a secret as files.'),
    nfs: optional(7, nfsVolumeSource, 'A directory of an NFS server.'),
    iscsi: optional(8, iscsiVolumeSource, 'A block device of an iSCSI target.'),
    glusterfs: optional(9, glusterfsVolumeSource, 'A Glusterfs volume; no longer supported.'),
    persistentVolumeClaim: optional(
      10,
      persistentVolumeClaimVolumeSource,
      'The persistent volume that a claim is bound to.',
    ),
    rbd: optional(11, rbdVolumeSource, 'A Ceph block device; no longer supported.'),
    flexVolume: optional(12, flexVolumeSource, 'A volume of a driver on the node; deprecated.'),
    cinder: optional(13, cinderVolumeSource, 'A Cinder volume; its CSI driver serves it.'),
    cephfs: optional(14, cephFSVolumeSource, 'A Ceph file system; no longer supported.'),
    flocker: optional(15, flockerVolumeSource, 'A Flocker dataset; no longer supported.'),
    downwardAPI: optional(16, downwardAPIVolumeSource, 'Fields of the pod as files.'),
    fc: optional(17, fcVolumeSource, 'A block device of a Fibre Channel target.'),
    azureFile: optional(18, azureFileVolumeSource, 'An Azure share; its CSI driver serves it.'),
    configMap: optional(19, configMapVolumeSource, 'The entries of a config map as files.'),
    vsphereVolume: optional(
      20,
      vsphereVirtualDiskVolumeSource,
      'A vSphere disk; its CSI driver serves it.',
    ),
    quobyte: optional(21, quobyteVolumeSource, 'A Quobyte volume; no longer supported.'),
    azureDisk: optional(22, azureDiskVolumeSource, 'An Azure disk; its CSI driver serves it.'),
    photonPersistentDisk: optional(
      23,
      photonPersistentDiskVolumeSource,
      'A Photon Controller disk; no longer supported.',
    ),
    projected: optional(26, projectedVolumeSource, 'Several sources in one directory.'),
    portworxVolume: optional(
      24,
      portworxVolumeSource,
      'A Portworx volume; its CSI driver serves it.',
    ),
    scaleIO: optional(25, scaleIOVolumeSource, 'A ScaleIO volume; no longer supported.'),
    storageos: optional(27, storageOSVolumeSource, 'A StorageOS volume; no longer supported.'),
    csi: optional(28, csiVolumeSource, 'A volume that a CSI driver makes for this pod.'),
    ephemeral: optional(29, ephemeralVolumeSource, 'A persistent volume made for this pod.'),
    image: optional(30, imageVolumeSource, 'The files of a container image, read-only.'),
  },
)
export interface VolumeSource extends Stored<typeof volumeSource> {}

export const volume = struct(
  'core.v1.Volume',
  'A volume of a pod, which its containers may mount by name.',
  {
    name: always(1, string, 'Name that mounts refer to: a DNS label, unique in the pod.'),
    volumeSource: inline(2, volumeSource),
  },
  {
    defaults(value) {
      if (!hasSource(value)) value.emptyDir = {}
      if (value.image && !value.image.pullPolicy) {
        value.image.pullPolicy = defaultPullPolicy(value.image.reference ?? '')
      }
    },
  },
)
export interface Volume extends Stored<typeof volume> {}

function hasSource(value: object): boolean {
  for (const name in value) if (name !== 'name') return true
  return false
}
