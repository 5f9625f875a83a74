/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, boolean, listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const selfSubjectRulesReviewSpec = struct(
  'authorization.v1.SelfSubjectRulesReviewSpec',
  '',
  {
    namespace: omitEmpty(1, string, ''),
  },
)
export interface SelfSubjectRulesReviewSpec extends Stored<typeof selfSubjectRulesReviewSpec> {}

export const resourceRule = struct('authorization.v1.ResourceRule', '', {
  verbs: always(1, listOf(string, { listType: 'atomic' }), ''),
  apiGroups: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
  resources: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
  resourceNames: omitEmpty(4, listOf(string, { listType: 'atomic' }), ''),
})
export interface ResourceRule extends Stored<typeof resourceRule> {}

export const nonResourceRule = struct('authorization.v1.NonResourceRule', '', {
  verbs: always(1, listOf(string, { listType: 'atomic' }), ''),
  nonResourceURLs: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
})
export interface NonResourceRule extends Stored<typeof nonResourceRule> {}

export const subjectRulesReviewStatus = struct('authorization.v1.SubjectRulesReviewStatus', '', {
  resourceRules: always(1, listOf(resourceRule, { listType: 'atomic' }), ''),
  nonResourceRules: always(2, listOf(nonResourceRule, { listType: 'atomic' }), ''),
  incomplete: always(3, boolean, ''),
  evaluationError: omitEmpty(4, string, ''),
})
export interface SubjectRulesReviewStatus extends Stored<typeof subjectRulesReviewStatus> {}

export const SelfSubjectRulesReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: '',
  fields: {
    spec: always(2, selfSubjectRulesReviewSpec, ''),
    status: omitEmpty(3, subjectRulesReviewStatus, ''),
  },
})
export interface SelfSubjectRulesReview extends Stored<typeof SelfSubjectRulesReview> {}
