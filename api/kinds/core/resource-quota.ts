/** ResourceQuota: how much of everything a namespace may use in total. */
import { defineKind, statusSubresource } from '../../kind.ts'
import type { Path, Problems } from '../../problems.ts'
import { roundResources } from '../../rules/resource-list.ts'
import { checkQuotaSpec, checkQuotaStatus, sameScopes } from '../../rules/resource-quota.ts'
import {
  always,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  quantity,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'
import { immutableMessage } from '../../validate-update.ts'

const scopeName = publishedEnum(
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
)

export const scopedResourceSelectorRequirement = struct(
  'core.v1.ScopedResourceSelectorRequirement',
  'A rule about one scope that objects must meet to be counted.',
  {
    scopeName: always(1, scopeName, 'The scope that the rule is about.'),
    operator: always(
      2,
      publishedEnum('In', 'NotIn', 'Exists', 'DoesNotExist'),
      'How the scope relates to the values; most scopes take Exists alone.',
    ),
    values: omitEmpty(
      3,
      listOf(string, { listType: 'atomic' }),
      'Values for In and NotIn, such as names of priority classes; Exists takes none.',
    ),
  },
)
export interface ScopedResourceSelectorRequirement
  extends Stored<typeof scopedResourceSelectorRequirement> {}

export const scopeSelector = struct(
  'core.v1.ScopeSelector',
  'Rules about scopes; objects must meet all of them.',
  {
    matchExpressions: omitEmpty(
      1,
      listOf(scopedResourceSelectorRequirement, { listType: 'atomic' }),
      'The rules.',
    ),
  },
  { atomic: true },
)
export interface ScopeSelector extends Stored<typeof scopeSelector> {}

export const resourceQuotaSpec = struct(
  'core.v1.ResourceQuotaSpec',
  'What is bounded.',
  {
    hard: omitEmpty(
      1,
      mapOf(quantity),
      'The most of each resource, such as pods, requests.cpu or count/deployments.apps.',
    ),
    scopes: omitEmpty(
      2,
      listOf(scopeName, { listType: 'atomic' }),
      'Counts only objects in all of these scopes; every object unless set. Never changes.',
    ),
    scopeSelector: optional(3, scopeSelector, 'Like scopes, with values to choose by.'),
  },
  { defaults: ({ hard }) => roundResources(hard) },
)
export interface ResourceQuotaSpec extends Stored<typeof resourceQuotaSpec> {}

export const resourceQuotaStatus = struct(
  'core.v1.ResourceQuotaStatus',
  'What is enforced and used.',
  {
    hard: omitEmpty(1, mapOf(quantity), 'The bounds that are enforced.'),
    used: omitEmpty(2, mapOf(quantity), 'What the namespace uses of each.'),
  },
  {
    defaults({ hard, used }) {
      roundResources(hard)
      roundResources(used)
    },
  },
)
export interface ResourceQuotaStatus extends Stored<typeof resourceQuotaStatus> {}

export const ResourceQuota = defineKind({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  deletion: { returnsObject: true },
  doc: 'How much of everything a namespace may use in total.',
  fields: {
    spec: omitEmpty(2, resourceQuotaSpec, 'What is bounded.'),
    status: omitEmpty(3, resourceQuotaStatus, 'What is enforced and used.'),
  },
  columns: [
    nameColumn,
    ageColumn,
    column('Request', 'string', 'Use of all but limits, as used/hard.', requestCell),
    column('Limit', 'string', 'Use of limits, as used/hard.', limitCell),
  ],
  validate({ spec, status }, at, problems) {
    checkQuotaSpec(spec, at.child('spec'), problems)
    checkQuotaStatus(status, at.child('status'), problems)
  },
  validateUpdate(next, previous, at: Path, problems: Problems) {
    if (!sameScopes(next.spec.scopes, previous.spec.scopes)) {
      const place = at.child('spec').child('scopes')
      problems.invalid(place, next.spec.scopes, immutableMessage)
    }
  },
})
export interface ResourceQuota extends Stored<typeof ResourceQuota> {}

interface WithStatus {
  readonly status: ResourceQuotaStatus
}

const isLimit = (name: string): boolean => name.startsWith('limits.')

function usage({ status }: WithStatus, isShown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status
  const names = Object.keys(hard).filter(isShown).sort()
  return names.map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`).join(', ')
}

function requestCell(object: WithStatus): string {
  return usage(object, (name) => !isLimit(name))
}

function limitCell(object: WithStatus): string {
  return usage(object, isLimit)
}
