/** StorageClass: how volumes are made for claims that name it. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind } from '../../kind.ts'
import type { Path, Problems } from '../../problems.ts'
import { checkParameters, checkProvisioner, checkTopologies } from '../../rules/storage.ts'
import {
  always,
  boolean,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column } from '../../table.ts'
import { immutableMessage } from '../../validate-update.ts'

export const topologySelectorLabelRequirement = struct(
  'core.v1.TopologySelectorLabelRequirement',
  'A label that nodes must have with one of some values.',
  {
    key: always(1, string, 'Key of the label.'),
    values: always(2, listOf(string, { listType: 'atomic' }), 'Values, one of which must match.'),
  },
)
export interface TopologySelectorLabelRequirement
  extends Stored<typeof topologySelectorLabelRequirement> {}

export const topologySelectorTerm = struct(
  'core.v1.TopologySelectorTerm',
  'Labels of nodes; all of them must match.',
  {
    matchLabelExpressions: omitEmpty(
      1,
      listOf(topologySelectorLabelRequirement, { listType: 'atomic' }),
      'The labels.',
    ),
  },
  { atomic: true },
)
export interface TopologySelectorTerm extends Stored<typeof topologySelectorTerm> {}

export const StorageClass = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  scope: 'Cluster',
  deletion: { returnsObject: true },
  doc: 'How volumes are made for claims that name it. An annotation makes one the default.',
  fields: {
    provisioner: required(2, string, 'Who makes the volumes. Never changes.', {
      check: checkProvisioner,
    }),
    parameters: omitEmpty(
      3,
      mapOf(string),
      'Settings for the provisioner, at most 512 and 256 KiB. They never change.',
      { check: checkParameters },
    ),
    reclaimPolicy: optional(
      4,
      publishedEnum('Recycle', 'Delete', 'Retain'),
      'What becomes of volumes after their claims: Delete (unless set) or Retain. Never changes.',
      { default: 'Delete', check: checkPolicy },
    ),
    mountOptions: omitEmpty(
      5,
      listOf(string, { listType: 'atomic' }),
      'Options for mounting the volumes; a wrong one fails the mount.',
    ),
    allowVolumeExpansion: optional(6, boolean, 'Whether claims may grow; not unless set.'),
    volumeBindingMode: optional(
      7,
      publishedEnum('Immediate', 'WaitForFirstConsumer'),
      'Whether volumes are made at once (unless set) or when a pod needs them. Never changes.',
      { default: 'Immediate', check: checkBindingMode },
    ),
    allowedTopologies: omitEmpty(
      8,
      listOf(topologySelectorTerm, { listType: 'atomic' }),
      'Where volumes may be made; everywhere unless set.',
      { check: checkTopologies },
    ),
  },
  columns: [
    column('Name', 'string', 'Name of the class, and whether it is the default.', nameCell, {
      format: 'name',
    }),
    column('Provisioner', 'string', 'Who makes the volumes.', provisionerCell),
    column('ReclaimPolicy', 'string', 'What becomes of volumes after their claims.', policyCell),
    column('VolumeBindingMode', 'string', 'When volumes are made.', bindingCell),
    column('AllowVolumeExpansion', 'string', 'Whether claims may grow.', expansionCell),
    ageColumn,
  ],
  validateUpdate(next, previous, at, problems) {
    for (const name of ['parameters', 'provisioner', 'reclaimPolicy'] as const) {
      if (isDeepStrictEqual(next[name], previous[name])) continue
      problems.forbidden(at.child(name), `updates to ${name} are forbidden.`)
    }
    if (next.volumeBindingMode !== previous.volumeBindingMode) {
      const place = at.child('volumeBindingMode')
      problems.invalid(place, next.volumeBindingMode, immutableMessage)
    }
  },
})
export interface StorageClass extends Stored<typeof StorageClass> {}

/** Recycling needs a volume that somebody made by hand. */
function checkPolicy(policy: string, at: Path, problems: Problems): void {
  if (policy && policy !== 'Delete' && policy !== 'Retain') {
    problems.notSupported(at, policy, ['Delete', 'Retain'])
  }
}

function checkBindingMode(mode: string, at: Path, problems: Problems): void {
  if (mode !== 'Immediate' && mode !== 'WaitForFirstConsumer') {
    problems.notSupported(at, mode, ['Immediate', 'WaitForFirstConsumer'])
  }
}

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

interface Facts {
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> }
  readonly provisioner: string
  readonly reclaimPolicy: string
  readonly volumeBindingMode: string
  readonly allowVolumeExpansion?: boolean
}

function nameCell({ metadata }: Facts): string {
  const isDefault = defaultAnnotations.some((each) => metadata.annotations?.[each] === 'true')
  return isDefault ? `${metadata.name} (default)` : metadata.name
}

function provisionerCell({ provisioner }: Facts): string {
  return provisioner
}

function policyCell({ reclaimPolicy }: Facts): string {
  return reclaimPolicy
}

function bindingCell({ volumeBindingMode }: Facts): string {
  return volumeBindingMode
}

function expansionCell({ allowVolumeExpansion = false }: Facts): boolean {
  return allowVolumeExpansion
}
