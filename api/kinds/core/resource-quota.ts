/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  always,
  enumOf,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const scopedResourceSelectorRequirement = struct(
  'core.v1.ScopedResourceSelectorRequirement',
  '',
  {
    scopeName: always(
      1,
      enumOf(
        'Terminating',
        'NotTerminating',
        'BestEffort',
        'NotBestEffort',
        'PriorityClass',
        'CrossNamespacePodAffinity',
        'VolumeAttributesClass',
      ),
      '',
    ),
    operator: always(2, enumOf('In', 'NotIn', 'Exists', 'DoesNotExist'), ''),
    values: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
  },
)
export interface ScopedResourceSelectorRequirement
  extends Stored<typeof scopedResourceSelectorRequirement> {}

export const scopeSelector = struct(
  'core.v1.ScopeSelector',
  '',
  {
    matchExpressions: omitEmpty(
      1,
      listOf(scopedResourceSelectorRequirement, { listType: 'atomic' }),
      '',
    ),
  },
  { atomic: true },
)
export interface ScopeSelector extends Stored<typeof scopeSelector> {}

export const resourceQuotaSpec = struct('core.v1.ResourceQuotaSpec', '', {
  hard: omitEmpty(1, mapOf(quantity), ''),
  scopes: omitEmpty(
    2,
    listOf(
      enumOf(
        'Terminating',
        'NotTerminating',
        'BestEffort',
        'NotBestEffort',
        'PriorityClass',
        'CrossNamespacePodAffinity',
        'VolumeAttributesClass',
      ),
      { listType: 'atomic' },
    ),
    '',
  ),
  scopeSelector: optional(3, scopeSelector, ''),
})
export interface ResourceQuotaSpec extends Stored<typeof resourceQuotaSpec> {}

export const resourceQuotaStatus = struct('core.v1.ResourceQuotaStatus', '', {
  hard: omitEmpty(1, mapOf(quantity), ''),
  used: omitEmpty(2, mapOf(quantity), ''),
})
export interface ResourceQuotaStatus extends Stored<typeof resourceQuotaStatus> {}

export const ResourceQuota = defineKind({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, resourceQuotaSpec, ''),
    status: omitEmpty(3, resourceQuotaStatus, ''),
  },
  // columns: Name, Age, Request, Limit
})
export interface ResourceQuota extends Stored<typeof ResourceQuota> {}
