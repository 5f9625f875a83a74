/** CSIDriver: what the cluster should know about a CSI driver. It is named after the driver. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind } from '../../kind.ts'
import { checkDriverSpec } from '../../rules/csi-driver.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'
import { immutableMessage } from '../../validate-update.ts'

export const tokenRequest = struct(
  'storage.v1.TokenRequest',
  'A token of the service account of a pod, which the driver gets when it mounts a volume.',
  {
    audience: always(1, string, 'Who may accept the token; the API server when empty.'),
    expirationSeconds: optional(
      2,
      int64,
      'How long it is valid, in seconds, at least 600; the server decides unless set.',
    ),
  },
)
export interface TokenRequest extends Stored<typeof tokenRequest> {}

export const csiDriverSpec = struct(
  'storage.v1.CSIDriverSpec',
  'What the driver can do and needs.',
  {
    attachRequired: optional(
      1,
      boolean,
      'Whether volumes must be attached before they are mounted; true unless set. Never changes.',
      { default: true },
    ),
    podInfoOnMount: optional(
      2,
      boolean,
      'Whether the driver wants to know the pod that it mounts for; false unless set.',
      { default: false },
    ),
    volumeLifecycleModes: omitEmpty(
      3,
      listOf(wordOf('Persistent', 'Ephemeral'), { listType: 'set' }),
      'Persistent (unless set), Ephemeral (volumes that live with a pod) or both. Never changes.',
      { default: ['Persistent'] },
    ),
    storageCapacity: optional(
      4,
      boolean,
      'Whether the scheduler should mind the space that the driver reports; false unless set.',
      { default: false },
    ),
    fsGroupPolicy: optional(
      5,
      wordOf('ReadWriteOnceWithFSType', 'File', 'None'),
      'When fsGroup of a pod changes owner and mode of files: ReadWriteOnceWithFSType unless set.',
      { default: 'ReadWriteOnceWithFSType' },
    ),
    tokenRequests: omitEmpty(
      6,
      listOf(tokenRequest, { listType: 'atomic' }),
      'Tokens that the driver gets when it mounts; audiences are unique.',
    ),
    requiresRepublish: optional(
      7,
      boolean,
      'Whether mounts are repeated from time to time, to renew what is in them; false unless set.',
      { default: false },
    ),
    seLinuxMount: optional(
      8,
      boolean,
      'Whether volumes can be mounted with an SELinux context; false unless set.',
      { default: false },
    ),
    nodeAllocatableUpdatePeriodSeconds: optional(
      9,
      int64,
      'How often the room on nodes is asked for again, in seconds, at least 10; never unless set.',
    ),
    serviceAccountTokenInSecrets: optional(
      10,
      boolean,
      'Whether tokens come with the secrets of a call instead of its context; false unless set.',
    ),
    preventPodSchedulingIfMissing: optional(
      11,
      boolean,
      'Whether pods keep off nodes where the driver does not run; false unless set.',
    ),
  },
  { validate: checkDriverSpec },
)
export interface CSIDriverSpec extends Stored<typeof csiDriverSpec> {}

export const CSIDriver = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  deletion: { returnsObject: true },
  doc: 'What the cluster should know about a CSI driver. It is named after the driver.',
  fields: {
    spec: always(2, csiDriverSpec, 'What the driver can do and needs.'),
  },
  conditionalUpdates: true,
  columns: [
    nameColumn,
    column('AttachRequired', 'boolean', 'Whether volumes must be attached first.', attachCell),
    column('PodInfoOnMount', 'boolean', 'Whether it wants to know the pod.', podInfoCell),
    column('StorageCapacity', 'boolean', 'Whether it reports the space it has.', capacityCell),
    column('TokenRequests', 'string', 'The tokens that it gets.', tokensCell),
    column('RequiresRepublish', 'boolean', 'Whether mounts are repeated.', republishCell),
    column('Modes', 'string', 'The lives of volumes that it supports.', modesCell),
    ageColumn,
  ],
  validateUpdate({ spec }, previous, at, problems) {
    const place = at.child('spec')
    if (spec.attachRequired !== previous.spec.attachRequired) {
      // The path that upstream names.
      problems.invalid(place.child('attachedRequired'), spec.attachRequired, immutableMessage)
    }
    const { volumeLifecycleModes: modes } = spec
    if (!isDeepStrictEqual(modes, previous.spec.volumeLifecycleModes)) {
      problems.invalid(place.child('volumeLifecycleModes'), modes, immutableMessage)
    }
  },
})
export interface CSIDriver extends Stored<typeof CSIDriver> {}

interface Facts {
  readonly spec: CSIDriverSpec
}

function attachCell({ spec }: Facts): boolean {
  return spec.attachRequired
}

function podInfoCell({ spec }: Facts): boolean {
  return spec.podInfoOnMount
}

function capacityCell({ spec }: Facts): boolean {
  return spec.storageCapacity
}

function tokensCell({ spec: { tokenRequests } }: Facts): string {
  return tokenRequests ? tokenRequests.map(({ audience }) => audience).join(',') : '<unset>'
}

function republishCell({ spec }: Facts): boolean {
  return spec.requiresRepublish
}

function modesCell({ spec }: Facts): string {
  return spec.volumeLifecycleModes.join(',') || '<none>'
}
