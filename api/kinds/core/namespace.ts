/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  always,
  enumOf,
  listOf,
  omitEmpty,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const namespaceSpec = struct('core.v1.NamespaceSpec', '', {
  finalizers: omitEmpty(1, listOf(wordOf('kubernetes'), { listType: 'atomic' }), ''),
})
export interface NamespaceSpec extends Stored<typeof namespaceSpec> {}

export const namespaceCondition = struct('core.v1.NamespaceCondition', '', {
  type: always(
    1,
    wordOf(
      'NamespaceDeletionDiscoveryFailure',
      'NamespaceDeletionContentFailure',
      'NamespaceDeletionGroupVersionParsingFailure',
      'NamespaceContentRemaining',
      'NamespaceFinalizersRemaining',
    ),
    '',
  ),
  status: always(2, wordOf('True', 'False', 'Unknown'), ''),
  lastTransitionTime: omitEmpty(4, time, ''),
  reason: omitEmpty(5, string, ''),
  message: omitEmpty(6, string, ''),
})
export interface NamespaceCondition extends Stored<typeof namespaceCondition> {}

export const namespaceStatus = struct('core.v1.NamespaceStatus', '', {
  phase: omitEmpty(1, enumOf('Active', 'Terminating'), ''),
  conditions: omitEmpty(
    2,
    listOf(namespaceCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface NamespaceStatus extends Stored<typeof namespaceStatus> {}

export const Namespace = defineKind({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  scope: 'Cluster',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: { finalize: { verbs: ['update'] }, ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, namespaceSpec, ''),
    status: omitEmpty(3, namespaceStatus, ''),
  },
  // columns: Name, Status, Age
})
export interface Namespace extends Stored<typeof Namespace> {}
