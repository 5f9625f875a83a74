/** FlowSchema: sorts requests into flows and names their priority level. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { conditionFields, truth } from '../../parts/meta/condition-fields.ts'
import { validateFlowConditions, validateFlowSchemaSpec } from '../../rules/flow-schema.ts'
import {
  always,
  boolean,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

const DEFAULT_PRECEDENCE = 1000

export const priorityLevelConfigurationReference = struct(
  'flowcontrol.v1.PriorityLevelConfigurationReference',
  'Names a priority level.',
  {
    name: always(1, string, 'Name of the PriorityLevelConfiguration.'),
  },
)
export interface PriorityLevelConfigurationReference
  extends Stored<typeof priorityLevelConfigurationReference> {}

export const flowDistinguisherMethod = struct(
  'flowcontrol.v1.FlowDistinguisherMethod',
  'How requests that match are told apart into flows.',
  {
    type: always(1, wordOf('ByUser', 'ByNamespace'), 'ByUser or ByNamespace.'),
  },
)
export interface FlowDistinguisherMethod extends Stored<typeof flowDistinguisherMethod> {}

export const userSubject = struct('flowcontrol.v1.UserSubject', 'A user.', {
  name: always(1, string, 'Name of the user; * is every one.'),
})
export interface UserSubject extends Stored<typeof userSubject> {}

export const groupSubject = struct('flowcontrol.v1.GroupSubject', 'A group of users.', {
  name: always(1, string, 'Name of the group; * is every one.'),
})
export interface GroupSubject extends Stored<typeof groupSubject> {}

export const serviceAccountSubject = struct(
  'flowcontrol.v1.ServiceAccountSubject',
  'A service account.',
  {
    namespace: always(1, string, 'Its namespace.'),
    name: always(2, string, 'Its name; * is every one in the namespace.'),
  },
)
export interface ServiceAccountSubject extends Stored<typeof serviceAccountSubject> {}

export const subject = struct(
  'flowcontrol.v1.Subject',
  'Who makes a request. The field named after the kind is set.',
  {
    kind: always(
      1,
      wordOf('User', 'Group', 'ServiceAccount'),
      'What it is: User, Group or ServiceAccount.',
    ),
    user: optional(2, userSubject, 'The user, when kind is User.'),
    group: optional(3, groupSubject, 'The group, when kind is Group.'),
    serviceAccount: optional(
      4,
      serviceAccountSubject,
      'The service account, when kind is ServiceAccount.',
    ),
  },
  { union: { discriminator: 'kind' } },
)
export interface Subject extends Stored<typeof subject> {}

export const resourcePolicyRule = struct(
  'flowcontrol.v1.ResourcePolicyRule',
  'Matches requests for resources.',
  {
    verbs: always(1, listOf(string, { listType: 'set' }), 'The verbs that match; * is every one.'),
    apiGroups: always(
      2,
      listOf(string, { listType: 'set' }),
      'The API groups that match; * is every one.',
    ),
    resources: always(
      3,
      listOf(string, { listType: 'set' }),
      'The resources that match; * is every one.',
    ),
    clusterScope: omitEmpty(4, boolean, 'Whether requests without a namespace match.'),
    namespaces: always(
      5,
      listOf(string, { listType: 'set' }),
      'The namespaces that match; * is every one, and not those without.',
      { mayOmit: true },
    ),
  },
)
export interface ResourcePolicyRule extends Stored<typeof resourcePolicyRule> {}

export const nonResourcePolicyRule = struct(
  'flowcontrol.v1.NonResourcePolicyRule',
  'Matches requests for paths that are not resources.',
  {
    verbs: always(1, listOf(string, { listType: 'set' }), 'The verbs that match; * is every one.'),
    nonResourceURLs: always(
      6,
      listOf(string, { listType: 'set' }),
      'The paths that match; * at the end stands for any rest.',
    ),
  },
)
export interface NonResourcePolicyRule extends Stored<typeof nonResourcePolicyRule> {}

export const policyRulesWithSubjects = struct(
  'flowcontrol.v1.PolicyRulesWithSubjects',
  'Matches a request when one of its subjects and one of its rules do.',
  {
    subjects: always(1, listOf(subject, { listType: 'atomic' }), 'Who makes the request.'),
    resourceRules: omitEmpty(
      2,
      listOf(resourcePolicyRule, { listType: 'atomic' }),
      'What the request is for, where that is a resource.',
    ),
    nonResourceRules: omitEmpty(
      3,
      listOf(nonResourcePolicyRule, { listType: 'atomic' }),
      'What the request is for, where that is another path.',
    ),
  },
)
export interface PolicyRulesWithSubjects extends Stored<typeof policyRulesWithSubjects> {}

export const flowSchemaSpec = struct(
  'flowcontrol.v1.FlowSchemaSpec',
  'Which requests this is about and where they go.',
  {
    priorityLevelConfiguration: always(
      1,
      priorityLevelConfigurationReference,
      'The priority level that the requests go to.',
    ),
    matchingPrecedence: always(
      2,
      int32,
      'Lower numbers are tried first, 1 to 10000. Defaults to 1000.',
      { mayOmit: true },
    ),
    distinguisherMethod: optional(
      3,
      flowDistinguisherMethod,
      'How requests are told apart into flows; unset puts all into one.',
    ),
    rules: omitEmpty(
      4,
      listOf(policyRulesWithSubjects, { listType: 'atomic' }),
      'Which requests match; one of these rules is enough.',
    ),
  },
  {
    defaults(spec) {
      spec.matchingPrecedence ||= DEFAULT_PRECEDENCE
    },
  },
)
export interface FlowSchemaSpec extends Stored<typeof flowSchemaSpec> {}

export const flowSchemaCondition = struct(
  'flowcontrol.v1.FlowSchemaCondition',
  'One aspect of the state of a FlowSchema.',
  {
    type: omitEmpty(1, string, 'Which aspect; Dangling says that the priority level is missing.'),
    ...conditionFields,
    status: omitEmpty(2, truth, 'Whether it holds: True, False or Unknown.'),
  },
)
export interface FlowSchemaCondition extends Stored<typeof flowSchemaCondition> {}

export const flowSchemaStatus = struct(
  'flowcontrol.v1.FlowSchemaStatus',
  'What was found about a FlowSchema.',
  {
    conditions: omitEmpty(
      1,
      listOf(flowSchemaCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'The aspects, one of each type.',
    ),
  },
)
export interface FlowSchemaStatus extends Stored<typeof flowSchemaStatus> {}

export const FlowSchema = defineKind({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  generation: true,
  doc: 'Sorts requests to the API server into flows and names their priority level.',
  fields: {
    spec: omitEmpty(2, flowSchemaSpec, 'Which requests this is about and where they go.'),
    status: omitEmpty(3, flowSchemaStatus, 'What was found about it. Filled in by the server.'),
  },
  validateWhole({ metadata, spec, status }, at, problems) {
    validateFlowSchemaSpec(metadata.name, spec, at.child('spec'), problems)
    validateFlowConditions(status, at.child('status'), problems)
  },
  columns: [
    nameColumn,
    column(
      'PriorityLevel',
      'string',
      'The priority level that requests go to.',
      ({ spec }) => spec.priorityLevelConfiguration.name,
    ),
    column(
      'MatchingPrecedence',
      'string',
      'Lower numbers are tried first.',
      ({ spec }) => spec.matchingPrecedence,
    ),
    column(
      'DistinguisherMethod',
      'string',
      'How requests are told apart into flows.',
      ({ spec }) => spec.distinguisherMethod?.type ?? '<none>',
    ),
    ageColumn,
    column('MissingPL', 'string', 'Whether the priority level is missing.', ({ status }) =>
      danglingText(status),
    ),
  ],
})
export interface FlowSchema extends Stored<typeof FlowSchema> {}

function danglingText({ conditions }: FlowSchemaStatus): string {
  return conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?'
}
