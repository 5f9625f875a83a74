/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { matchCondition, matchResources } from '../../parts/admissionregistration/matching.ts'
import { paramKind, variable } from '../../parts/admissionregistration/policy.ts'
import { condition } from '../../parts/meta/condition.ts'
import {
  always,
  enumOf,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const validation = struct('admissionregistration.v1.Validation', '', {
  expression: always(1, string, ''),
  message: omitEmpty(2, string, ''),
  reason: optional(
    3,
    wordOf(
      '',
      'Unauthorized',
      'Forbidden',
      'NotFound',
      'AlreadyExists',
      'Conflict',
      'Gone',
      'Invalid',
      'ServerTimeout',
      'StorageReadError',
      'Timeout',
      'TooManyRequests',
      'BadRequest',
      'MethodNotAllowed',
      'NotAcceptable',
      'RequestEntityTooLarge',
      'UnsupportedMediaType',
      'InternalError',
      'Expired',
      'ServiceUnavailable',
    ),
    '',
  ),
  messageExpression: omitEmpty(4, string, ''),
})
export interface Validation extends Stored<typeof validation> {}

export const auditAnnotation = struct('admissionregistration.v1.AuditAnnotation', '', {
  key: always(1, string, ''),
  valueExpression: always(2, string, ''),
})
export interface AuditAnnotation extends Stored<typeof auditAnnotation> {}

export const validatingAdmissionPolicySpec = struct(
  'admissionregistration.v1.ValidatingAdmissionPolicySpec',
  '',
  {
    paramKind: optional(1, paramKind, ''),
    matchConstraints: optional(2, matchResources, ''),
    validations: omitEmpty(3, listOf(validation, { listType: 'atomic' }), ''),
    failurePolicy: optional(4, enumOf('Ignore', 'Fail'), ''),
    auditAnnotations: omitEmpty(5, listOf(auditAnnotation, { listType: 'atomic' }), ''),
    matchConditions: omitEmpty(
      6,
      listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      '',
    ),
    variables: omitEmpty(
      7,
      listOf(variable, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      '',
    ),
  },
)
export interface ValidatingAdmissionPolicySpec
  extends Stored<typeof validatingAdmissionPolicySpec> {}

export const expressionWarning = struct('admissionregistration.v1.ExpressionWarning', '', {
  fieldRef: always(2, string, ''),
  warning: always(3, string, ''),
})
export interface ExpressionWarning extends Stored<typeof expressionWarning> {}

export const typeChecking = struct('admissionregistration.v1.TypeChecking', '', {
  expressionWarnings: omitEmpty(1, listOf(expressionWarning, { listType: 'atomic' }), ''),
})
export interface TypeChecking extends Stored<typeof typeChecking> {}

export const validatingAdmissionPolicyStatus = struct(
  'admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  '',
  {
    observedGeneration: omitEmpty(1, int64, ''),
    typeChecking: optional(2, typeChecking, ''),
    conditions: omitEmpty(3, listOf(condition, { keys: ['type'] }), ''),
  },
)
export interface ValidatingAdmissionPolicyStatus
  extends Stored<typeof validatingAdmissionPolicyStatus> {}

export const ValidatingAdmissionPolicy = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, validatingAdmissionPolicySpec, ''),
    status: omitEmpty(3, validatingAdmissionPolicyStatus, ''),
  },
  // columns: Name, Validations, ParamKind, Age
})
export interface ValidatingAdmissionPolicy extends Stored<typeof ValidatingAdmissionPolicy> {}
