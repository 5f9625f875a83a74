/** SelfSubjectRulesReview: what may I do in this namespace? */
import { defineKind } from '../../kind.ts'
import { always, boolean, listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const selfSubjectRulesReviewSpec = struct(
  'authorization.v1.SelfSubjectRulesReviewSpec',
  'Where the caller would like to do things.',
  {
    namespace: omitEmpty(1, string, 'The namespace to list rules for. Required.'),
  },
)
export interface SelfSubjectRulesReviewSpec extends Stored<typeof selfSubjectRulesReviewSpec> {}

export const resourceRule = struct(
  'authorization.v1.ResourceRule',
  'Verbs that are allowed on resources.',
  {
    verbs: always(
      1,
      listOf(string, { listType: 'atomic' }),
      'The verbs, such as get; * is every one.',
    ),
    apiGroups: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'API groups of the resources; * is every one.',
    ),
    resources: omitEmpty(
      3,
      listOf(string, { listType: 'atomic' }),
      'Plural names of the resources, with subresources after a slash; * is every one.',
    ),
    resourceNames: omitEmpty(
      4,
      listOf(string, { listType: 'atomic' }),
      'Names of the objects that this is limited to; empty means no limit.',
    ),
  },
)
export interface ResourceRule extends Stored<typeof resourceRule> {}

export const nonResourceRule = struct(
  'authorization.v1.NonResourceRule',
  'Verbs that are allowed on paths that are not resources.',
  {
    verbs: always(
      1,
      listOf(string, { listType: 'atomic' }),
      'The verbs, such as get; * is every one.',
    ),
    nonResourceURLs: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'The paths; * at the end stands for any rest.',
    ),
  },
)
export interface NonResourceRule extends Stored<typeof nonResourceRule> {}

export const subjectRulesReviewStatus = struct(
  'authorization.v1.SubjectRulesReviewStatus',
  'What the caller may do, in no order.',
  {
    resourceRules: always(
      1,
      listOf(resourceRule, { listType: 'atomic' }),
      'What is allowed on resources.',
    ),
    nonResourceRules: always(
      2,
      listOf(nonResourceRule, { listType: 'atomic' }),
      'What is allowed on other paths.',
    ),
    incomplete: always(
      3,
      boolean,
      'Whether an authorizer could not list its rules, so that more may be allowed.',
    ),
    evaluationError: omitEmpty(4, string, 'Why the list is not complete.'),
  },
)
export interface SubjectRulesReviewStatus extends Stored<typeof subjectRulesReviewStatus> {}

export const SelfSubjectRulesReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: 'Asks what the caller may do in a namespace, for user interfaces. Nothing is stored.',
  fields: {
    spec: always(2, selfSubjectRulesReviewSpec, 'Where the caller would like to do things.'),
    status: omitEmpty(3, subjectRulesReviewStatus, 'Filled in by the server.'),
  },
})
export interface SelfSubjectRulesReview extends Stored<typeof SelfSubjectRulesReview> {}
