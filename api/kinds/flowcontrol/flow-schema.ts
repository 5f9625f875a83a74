/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
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
  time,
  wordOf,
} from '../../schema.ts'

export const priorityLevelConfigurationReference = struct(
  'flowcontrol.v1.PriorityLevelConfigurationReference',
  '',
  {
    name: always(1, string, ''),
  },
)
export interface PriorityLevelConfigurationReference
  extends Stored<typeof priorityLevelConfigurationReference> {}

export const flowDistinguisherMethod = struct('flowcontrol.v1.FlowDistinguisherMethod', '', {
  type: always(1, wordOf('ByUser', 'ByNamespace'), ''),
})
export interface FlowDistinguisherMethod extends Stored<typeof flowDistinguisherMethod> {}

export const userSubject = struct('flowcontrol.v1.UserSubject', '', {
  name: always(1, string, ''),
})
export interface UserSubject extends Stored<typeof userSubject> {}

export const groupSubject = struct('flowcontrol.v1.GroupSubject', '', {
  name: always(1, string, ''),
})
export interface GroupSubject extends Stored<typeof groupSubject> {}

export const serviceAccountSubject = struct('flowcontrol.v1.ServiceAccountSubject', '', {
  namespace: always(1, string, ''),
  name: always(2, string, ''),
})
export interface ServiceAccountSubject extends Stored<typeof serviceAccountSubject> {}

export const subject = struct('flowcontrol.v1.Subject', '', {
  kind: always(1, wordOf('User', 'Group', 'ServiceAccount'), ''),
  user: optional(2, userSubject, ''),
  group: optional(3, groupSubject, ''),
  serviceAccount: optional(4, serviceAccountSubject, ''),
})
export interface Subject extends Stored<typeof subject> {}

export const resourcePolicyRule = struct('flowcontrol.v1.ResourcePolicyRule', '', {
  verbs: always(1, listOf(string, { listType: 'set' }), ''),
  apiGroups: always(2, listOf(string, { listType: 'set' }), ''),
  resources: always(3, listOf(string, { listType: 'set' }), ''),
  clusterScope: omitEmpty(4, boolean, ''),
  namespaces: always(5, listOf(string, { listType: 'set' }), '', { mayOmit: true }),
})
export interface ResourcePolicyRule extends Stored<typeof resourcePolicyRule> {}

export const nonResourcePolicyRule = struct('flowcontrol.v1.NonResourcePolicyRule', '', {
  verbs: always(1, listOf(string, { listType: 'set' }), ''),
  nonResourceURLs: always(6, listOf(string, { listType: 'set' }), ''),
})
export interface NonResourcePolicyRule extends Stored<typeof nonResourcePolicyRule> {}

export const policyRulesWithSubjects = struct('flowcontrol.v1.PolicyRulesWithSubjects', '', {
  subjects: always(1, listOf(subject, { listType: 'atomic' }), ''),
  resourceRules: omitEmpty(2, listOf(resourcePolicyRule, { listType: 'atomic' }), ''),
  nonResourceRules: omitEmpty(3, listOf(nonResourcePolicyRule, { listType: 'atomic' }), ''),
})
export interface PolicyRulesWithSubjects extends Stored<typeof policyRulesWithSubjects> {}

export const flowSchemaSpec = struct('flowcontrol.v1.FlowSchemaSpec', '', {
  priorityLevelConfiguration: always(1, priorityLevelConfigurationReference, ''),
  matchingPrecedence: always(2, int32, '', { mayOmit: true }),
  distinguisherMethod: optional(3, flowDistinguisherMethod, ''),
  rules: omitEmpty(4, listOf(policyRulesWithSubjects, { listType: 'atomic' }), ''),
})
export interface FlowSchemaSpec extends Stored<typeof flowSchemaSpec> {}

export const flowSchemaCondition = struct('flowcontrol.v1.FlowSchemaCondition', '', {
  type: omitEmpty(1, string, ''),
  status: omitEmpty(2, wordOf('True', 'False', 'Unknown'), ''),
  lastTransitionTime: omitEmpty(3, time, ''),
  reason: omitEmpty(4, string, ''),
  message: omitEmpty(5, string, ''),
})
export interface FlowSchemaCondition extends Stored<typeof flowSchemaCondition> {}

export const flowSchemaStatus = struct('flowcontrol.v1.FlowSchemaStatus', '', {
  conditions: omitEmpty(
    1,
    listOf(flowSchemaCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface FlowSchemaStatus extends Stored<typeof flowSchemaStatus> {}

export const FlowSchema = defineKind({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, flowSchemaSpec, ''),
    status: omitEmpty(3, flowSchemaStatus, ''),
  },
  // columns: Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL
})
export interface FlowSchema extends Stored<typeof FlowSchema> {}
