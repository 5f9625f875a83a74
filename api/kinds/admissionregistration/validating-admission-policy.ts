/** ValidatingAdmissionPolicy: checks objects as they are written, by CEL expressions. */
import { validateConditions } from '../../conditions.ts'
import { defineKind, statusSubresource } from '../../kind.ts'
import { matchCondition, matchResources } from '../../parts/admissionregistration/matching.ts'
import { paramKind, variable } from '../../parts/admissionregistration/policy.ts'
import { paramKindCell } from '../../parts/admissionregistration/policy-columns.ts'
import { condition } from '../../parts/meta/condition.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateWord } from '../../rules/admission-matching.ts'
import { validateAuditKey, validatePolicy } from '../../rules/admission-policies.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'

const MAX_AUDIT_ANNOTATIONS = 20
/** Less than an annotation may hold, since expressions that join texts make longer ones. */
const MAX_AUDIT_EXPRESSION_BYTES = 5 * 1024

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

export const validation = struct(
  'admissionregistration.v1.Validation',
  'Something that must be true.',
  {
    expression: always(1, string, 'A CEL expression that must be true.'),
    message: omitEmpty(2, string, 'What is wrong when it is not, in words for people.'),
    reason: optional(
      3,
      wordOf('Unauthorized', 'Forbidden', 'Invalid', 'RequestEntityTooLarge'),
      'Why the request is refused, in the terms of a Status. Defaults to Invalid.',
    ),
    messageExpression: omitEmpty(4, string, 'A CEL expression that makes up the message instead.'),
  },
)
export interface Validation extends Stored<typeof validation> {}

export const auditAnnotation = struct(
  'admissionregistration.v1.AuditAnnotation',
  'Something to write into the audit log.',
  {
    key: always(1, string, 'Key of the annotation; the name of the policy stands before it.'),
    valueExpression: always(
      2,
      string,
      'A CEL expression that makes up the value; null leaves it out.',
    ),
  },
)
export interface AuditAnnotation extends Stored<typeof auditAnnotation> {}

export const validatingAdmissionPolicySpec = struct(
  'admissionregistration.v1.ValidatingAdmissionPolicySpec',
  'Which objects are checked, and how.',
  {
    paramKind: optional(1, paramKind, 'The kind of the parameters; unset when there are none.'),
    matchConstraints: optional(2, matchResources, 'Which requests this is about.'),
    validations: omitEmpty(
      3,
      listOf(validation, { listType: 'atomic' }),
      'What must be true of the objects.',
    ),
    failurePolicy: optional(
      4,
      enumOf('Ignore', 'Fail'),
      'Whether a request fails or goes on when this one cannot be carried out. Defaults to Fail.',
      { default: 'Fail' },
    ),
    auditAnnotations: omitEmpty(
      5,
      listOf(auditAnnotation, { listType: 'atomic' }),
      'What to write into the audit log.',
    ),
    matchConditions: omitEmpty(
      6,
      listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Conditions that must all be true for the policy to be carried out.',
    ),
    variables: omitEmpty(
      7,
      listOf(variable, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Expressions with a name, for the others to use.',
    ),
  },
)
export interface ValidatingAdmissionPolicySpec
  extends Stored<typeof validatingAdmissionPolicySpec> {}

export const expressionWarning = struct(
  'admissionregistration.v1.ExpressionWarning',
  'A doubt about an expression.',
  {
    fieldRef: always(2, string, 'The field that the expression is in.'),
    warning: always(3, string, 'The doubt, in words for people.'),
  },
)
export interface ExpressionWarning extends Stored<typeof expressionWarning> {}

export const typeChecking = struct(
  'admissionregistration.v1.TypeChecking',
  'What was found about the types in the expressions.',
  {
    expressionWarnings: omitEmpty(
      1,
      listOf(expressionWarning, { listType: 'atomic' }),
      'The doubts, one for each expression.',
    ),
  },
)
export interface TypeChecking extends Stored<typeof typeChecking> {}

export const validatingAdmissionPolicyStatus = struct(
  'admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  'What was found about a policy.',
  {
    observedGeneration: omitEmpty(1, int64, 'Generation of the policy that was looked at.'),
    typeChecking: optional(2, typeChecking, 'What was found about the types in the expressions.'),
    conditions: omitEmpty(
      3,
      listOf(condition, { keys: ['type'] }),
      'The aspects, one of each type.',
    ),
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
  generation: true,
  conditionalUpdates: true,
  doc: 'Checks objects as they are written, by CEL expressions. A binding puts it into effect.',
  fields: {
    spec: omitEmpty(2, validatingAdmissionPolicySpec, 'Which objects are checked, and how.'),
    status: omitEmpty(
      3,
      validatingAdmissionPolicyStatus,
      'What was found about it. Filled in by the server.',
    ),
  },
  validateWhole({ metadata, spec, status }, at, problems) {
    const path = at.child('spec')
    validatePolicy(spec, path, problems)
    validateExpressions(metadata.name, spec, path, problems)
    validateStatus(status, at.child('status'), problems)
  },
  columns: [
    nameColumn,
    column('Validations', 'integer', 'How many validations there are.', validationCount),
    column('ParamKind', 'string', 'The kind of the parameters.', ({ spec }) =>
      paramKindCell(spec.paramKind),
    ),
    ageColumn,
  ],
})
export interface ValidatingAdmissionPolicy extends Stored<typeof ValidatingAdmissionPolicy> {}

interface Counted {
  readonly spec: ValidatingAdmissionPolicySpec
}

function validationCount({ spec }: Counted): number {
  return spec.validations?.length ?? 0
}

function validateExpressions(
  name: string,
  { validations, auditAnnotations }: ValidatingAdmissionPolicySpec,
  at: Path,
  problems: Problems,
): void {
  if (!validations?.length && !auditAnnotations?.length) {
    const message = 'validations or auditAnnotations must contain at least one item'
    problems.required(at.child('validations'), message)
    problems.required(at.child('auditAnnotations'), message)
    return
  }
  for (const [position, each] of validations?.entries() ?? []) {
    validateValidation(each, at.child('validations').index(position), problems)
  }
  validateAuditAnnotations(name, auditAnnotations ?? [], at.child('auditAnnotations'), problems)
}

function validateValidation(
  { expression, message, messageExpression, reason }: Validation,
  at: Path,
  problems: Problems,
): void {
  if (!expression.trim()) problems.required(at.child('expression'), 'expression is not specified')
  if (messageExpression && !messageExpression.trim()) {
    const detail = 'must be non-empty if specified'
    problems.invalid(at.child('messageExpression'), messageExpression, detail)
  }
  if (message && !message.trim()) {
    problems.invalid(at.child('message'), message, 'message must be non-empty if specified')
  } else if (message && /[\n\r]/.test(message.trim())) {
    problems.invalid(at.child('message'), message, 'message must not contain line breaks')
  }
  validateWord(reason, reasons, at.child('reason'), problems)
}

function validateAuditAnnotations(
  name: string,
  annotations: readonly AuditAnnotation[],
  at: Path,
  problems: Problems,
): void {
  if (annotations.length > MAX_AUDIT_ANNOTATIONS) {
    const message = `must not have more than ${MAX_AUDIT_ANNOTATIONS} auditAnnotations`
    problems.invalid(at, annotations, message)
  }
  const keys = new Set<string>()
  for (const [position, { key, valueExpression }] of annotations.entries()) {
    const path = at.index(position)
    validateAuditKey(name, key, path.child('key'), problems)
    const expression = valueExpression.trim()
    if (!expression) {
      problems.required(path.child('valueExpression'), 'valueExpression is not specified')
    } else if (Buffer.byteLength(expression) > MAX_AUDIT_EXPRESSION_BYTES) {
      const message = `must not exceed ${MAX_AUDIT_EXPRESSION_BYTES} bytes in length`
      problems.required(path.child('valueExpression'), message)
    }
    if (keys.has(key)) problems.duplicate(path.child('key'), key)
    keys.add(key)
  }
}

function validateStatus(
  { typeChecking: found, conditions }: ValidatingAdmissionPolicyStatus,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('typeChecking').child('expressionWarnings')
  for (const [position, { fieldRef, warning }] of found?.expressionWarnings?.entries() ?? []) {
    if (!warning) problems.required(path.index(position).child('warning'))
    if (!fieldRef.trim()) problems.required(path.index(position).child('fieldRef'))
  }
  validateConditions(conditions, at.child('conditions'), problems)
}
