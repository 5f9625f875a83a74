/** Admission policies and their bindings, apart from what is inside their expressions. */
import { expect, test } from 'vitest'
import { judged, posted } from '../judged.ts'
import { MutatingAdmissionPolicy } from '../kinds/admissionregistration/mutating-admission-policy.ts'
import { MutatingAdmissionPolicyBinding } from '../kinds/admissionregistration/mutating-admission-policy-binding.ts'
import { ValidatingAdmissionPolicy } from '../kinds/admissionregistration/validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBinding } from '../kinds/admissionregistration/validating-admission-policy-binding.ts'

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const matchConstraints = { resourceRules: [rule] }
const validations = [{ expression: 'true' }]
const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }]

test('what is left out has a default', () => {
  const { spec } = posted(ValidatingAdmissionPolicy, { spec: { matchConstraints, validations } })
  expect(spec).toEqual({
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [{ ...rule, scope: '*' }],
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
    },
    validations,
  })
})

test.for([
  [{ matchConstraints, validations }, []],
  [
    {},
    [
      'matchConstraints: Required value',
      'validations: Required value: validations or auditAnnotations must contain at least one item',
      'auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ],
  ],
  [{ matchConstraints: {}, validations }, ['matchConstraints.resourceRules: Required value']],
  [
    { matchConstraints, validations, paramKind: { apiVersion: 'a/b/c', kind: 'k_' } },
    [
      'paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `paramKind.kind: Invalid value: "k_": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ],
  [
    {
      matchConstraints,
      validations: [{ expression: ' ', message: 'a\nb', messageExpression: ' ', reason: 'X' }],
    },
    [
      'validations[0].expression: Required value: expression is not specified',
      'validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
      'validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
      'validations[0].reason: Unsupported value: "X": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
  ],
  [
    {
      matchConstraints,
      validations,
      variables: [
        { name: 'in', expression: '1' },
        { name: '1a', expression: '' },
      ],
    },
    [
      'variables[0].name: Invalid value: "in": name is not a valid CEL identifier',
      'variables[1].name: Invalid value: "1a": name is not a valid CEL identifier',
      'variables[1].expression: Required value: expression is not specified',
    ],
  ],
  [
    {
      matchConstraints,
      auditAnnotations: [
        { key: 'k', valueExpression: '' },
        { key: 'k', valueExpression: 'x'.repeat(5121) },
      ],
    },
    [
      'auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
      'auditAnnotations[1].valueExpression: Required value: must not exceed 5120 bytes in length',
      'auditAnnotations[1].key: Duplicate value: "k"',
    ],
  ],
] as const)('a validating policy %#', ([spec, problems]) => {
  expect(judged(ValidatingAdmissionPolicy, { spec })).toEqual(
    problems.map((each) => `spec.${each}`),
  )
})

test.for([
  [{ mutations }, []],
  [{ mutations: [] }, ['mutations: Required value: mutations must contain at least one item']],
  [{ mutations: [{}] }, ['mutations[0].patchType: Required value']],
  [
    { mutations: [{ patchType: 'ApplyConfiguration', jsonPatch: { expression: '[]' } }] },
    [
      'mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
      'mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
    ],
  ],
  [
    { mutations, reinvocationPolicy: 'Always' },
    ['reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"'],
  ],
  [{ mutations, reinvocationPolicy: '' }, ['reinvocationPolicy: Required value']],
] as const)('a mutating policy with %j', ([change, problems]) => {
  const spec = { matchConstraints, reinvocationPolicy: 'Never', ...change }
  expect(judged(MutatingAdmissionPolicy, { spec })).toEqual(problems.map((each) => `spec.${each}`))
})

test('only what is written can be mutated', () => {
  const resources = { resourceRules: [{ ...rule, operations: ['DELETE'] }] }
  const message = 'Unsupported value: "DELETE": supported values: "CREATE", "UPDATE"'
  const spec = { matchConstraints: resources, mutations, reinvocationPolicy: 'Never' }
  expect(judged(MutatingAdmissionPolicy, { spec })).toEqual([
    `spec.matchConstraints.resourceRules.operations: ${message}`,
  ])
  const binding = { policyName: 'p', matchResources: resources }
  expect(judged(MutatingAdmissionPolicyBinding, { spec: binding })).toEqual([
    `spec.matchResources.resourceRules.operations: ${message}`,
  ])
})

const validationActions = ['Deny']

test.for([
  [{ policyName: 'p', validationActions }, []],
  [
    {},
    [
      'policyName: Required value',
      'validationActions: Required value: at least one validation action is required',
    ],
  ],
  [
    { policyName: 'p', validationActions: ['Deny', 'Warn', 'Deny', 'X'] },
    [
      'validationActions[2]: Duplicate value: "Deny"',
      'validationActions[3]: Unsupported value: "X": supported values: "Audit", "Deny", "Warn"',
      'validationActions: Invalid value: ["Deny","Warn","Deny","X"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
  [
    { policyName: 'p', validationActions, paramRef: {} },
    [
      'paramRef: Required value: one of name or selector must be specified',
      'paramRef.parameterNotFoundAction: Required value',
    ],
  ],
  [
    {
      policyName: 'p',
      validationActions,
      paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Panic' },
    },
    [
      'paramRef.name: Forbidden: name and selector are mutually exclusive',
      'paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'paramRef.parameterNotFoundAction: Unsupported value: "Panic": supported values: "Allow", "Deny"',
    ],
  ],
] as const)('a validating binding with %j', ([spec, problems]) => {
  expect(judged(ValidatingAdmissionPolicyBinding, { spec })).toEqual(
    problems.map((each) => `spec.${each}`),
  )
})
