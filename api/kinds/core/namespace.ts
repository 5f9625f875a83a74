/** Namespace: a scope for names, and for the rules and quotas that hold inside it. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { dnsLabelName, isQualifiedName } from '../../names.ts'
import { changeFields, conditionStatus } from '../../parts/meta/condition-fields.ts'
import type { Path, Problems } from '../../problems.ts'
import {
  always,
  listOf,
  omitEmpty,
  publishedEnum,
  type Stored,
  struct,
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const namespaceSpec = struct('core.v1.NamespaceSpec', 'What a namespace should be.', {
  finalizers: omitEmpty(
    1,
    listOf(wordOf('kubernetes'), { listType: 'atomic' }),
    'What must be done before it is gone; emptied through the finalize subresource only.',
  ),
})
export interface NamespaceSpec extends Stored<typeof namespaceSpec> {}

export const namespaceCondition = struct(
  'core.v1.NamespaceCondition',
  'One aspect of how the deletion of a namespace goes on.',
  {
    type: always(
      1,
      wordOf(
        'NamespaceDeletionDiscoveryFailure',
        'NamespaceDeletionContentFailure',
        'NamespaceDeletionGroupVersionParsingFailure',
        'NamespaceContentRemaining',
        'NamespaceFinalizersRemaining',
      ),
      'Which aspect, such as NamespaceContentRemaining.',
    ),
    status: conditionStatus,
    ...changeFields(4),
  },
)
export interface NamespaceCondition extends Stored<typeof namespaceCondition> {}

export const namespaceStatus = struct('core.v1.NamespaceStatus', 'The state of a namespace.', {
  phase: omitEmpty(
    1,
    publishedEnum('Active', 'Terminating'),
    'Active, or Terminating from the request to delete it until it is empty.',
    { default: 'Active' },
  ),
  conditions: omitEmpty(
    2,
    listOf(namespaceCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    'How its deletion goes on.',
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
  deletion: {
    returnsObject: true,
    starting({ metadata, status }) {
      status.phase = 'Terminating'
      delete metadata.deletionGracePeriodSeconds
    },
    isHeld: ({ spec }) => Boolean(spec.finalizers?.length),
  },
  doc: 'A scope for names, and for the rules and quotas that hold inside it.',
  fields: {
    spec: omitEmpty(2, namespaceSpec, 'What the namespace should be.'),
    status: omitEmpty(3, namespaceStatus, 'The state of the namespace.'),
  },
  nameRule: dnsLabelName,
  selectable: { 'status.phase': ({ status }) => status.phase },
  columns: [
    nameColumn,
    column('Status', 'string', 'Active or Terminating.', statusCell),
    ageColumn,
  ],
  prepareCreate(object) {
    object.status = { phase: 'Active' }
    const finalizers = object.spec.finalizers ?? []
    if (!finalizers.includes('kubernetes')) object.spec.finalizers = [...finalizers, 'kubernetes']
  },
  prepareUpdate(next, previous) {
    const { finalizers } = previous.spec
    next.spec = finalizers ? { finalizers } : {}
  },
  defaults({ metadata }) {
    // Selectors of policies can name a namespace by this label, so nobody may take it away.
    if (metadata.name) {
      metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
    }
  },
  validate({ spec }, at, problems) {
    for (const name of spec.finalizers ?? []) {
      checkFinalizer(name, at.child('spec').child('finalizers'), problems)
    }
  },
  validateUpdate({ metadata, status }, _previous, at, problems) {
    const [phase, when] = metadata.deletionTimestamp
      ? (['Terminating', 'is not empty'] as const)
      : (['Active', 'is empty'] as const)
    if (status.phase !== phase) {
      const detail = `may only be '${phase}' if \`deletionTimestamp\` ${when}`
      problems.invalid(at.child('status').child('Phase'), status.phase, detail)
    }
  },
})
export interface Namespace extends Stored<typeof Namespace> {}

function statusCell({ status }: { status: NamespaceStatus }): string {
  return status.phase ?? ''
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

function checkFinalizer(name: string, at: Path, problems: Problems): void {
  for (const message of isQualifiedName(name)) problems.invalid(at, name, message)
  if (!name.includes('/') && !standardFinalizers.includes(name)) {
    const detail = 'name is neither a standard finalizer name nor is it fully qualified'
    problems.invalid(at, name, detail)
  }
}
