/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  always,
  boolean,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const tokenRequest = struct('storage.v1.TokenRequest', '', {
  audience: always(1, string, ''),
  expirationSeconds: optional(2, int64, ''),
})
export interface TokenRequest extends Stored<typeof tokenRequest> {}

export const csiDriverSpec = struct('storage.v1.CSIDriverSpec', '', {
  attachRequired: optional(1, boolean, ''),
  podInfoOnMount: optional(2, boolean, ''),
  volumeLifecycleModes: omitEmpty(
    3,
    listOf(wordOf('Persistent', 'Ephemeral'), { listType: 'set' }),
    '',
  ),
  storageCapacity: optional(4, boolean, ''), // gate: CSIStorageCapacity
  fsGroupPolicy: optional(5, wordOf('ReadWriteOnceWithFSType', 'File', 'None'), ''),
  tokenRequests: omitEmpty(6, listOf(tokenRequest, { listType: 'atomic' }), ''),
  requiresRepublish: optional(7, boolean, ''),
  seLinuxMount: optional(8, boolean, ''), // gate: SELinuxMountReadWriteOncePod
  nodeAllocatableUpdatePeriodSeconds: optional(9, int64, ''), // gate: MutableCSINodeAllocatableCount
  serviceAccountTokenInSecrets: optional(10, boolean, ''), // gate: CSIServiceAccountTokenSecrets
  preventPodSchedulingIfMissing: optional(11, boolean, ''), // gate: VolumeLimitScaling
})
export interface CSIDriverSpec extends Stored<typeof csiDriverSpec> {}

export const CSIDriver = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  conditionalUpdates: true,
  deletion: { returnsObject: true },
  doc: '',
  fields: {
    spec: always(2, csiDriverSpec, ''),
  },
  // columns: Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age
})
export interface CSIDriver extends Stored<typeof CSIDriver> {}
