/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  always,
  boolean,
  enumOf,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const topologySelectorLabelRequirement = struct(
  'core.v1.TopologySelectorLabelRequirement',
  '',
  {
    key: always(1, string, ''),
    values: always(2, listOf(string, { listType: 'atomic' }), ''),
  },
)
export interface TopologySelectorLabelRequirement
  extends Stored<typeof topologySelectorLabelRequirement> {}

export const topologySelectorTerm = struct(
  'core.v1.TopologySelectorTerm',
  '',
  {
    matchLabelExpressions: omitEmpty(
      1,
      listOf(topologySelectorLabelRequirement, { listType: 'atomic' }),
      '',
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
  doc: '',
  fields: {
    provisioner: required(2, string, ''),
    parameters: omitEmpty(3, mapOf(string), ''),
    reclaimPolicy: optional(4, enumOf('Recycle', 'Delete', 'Retain'), ''),
    mountOptions: omitEmpty(5, listOf(string, { listType: 'atomic' }), ''),
    allowVolumeExpansion: optional(6, boolean, ''),
    volumeBindingMode: optional(7, enumOf('Immediate', 'WaitForFirstConsumer'), ''),
    allowedTopologies: omitEmpty(8, listOf(topologySelectorTerm, { listType: 'atomic' }), ''),
  },
  // columns: Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age
})
export interface StorageClass extends Stored<typeof StorageClass> {}
