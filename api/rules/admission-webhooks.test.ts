/** Admission webhooks: what must be said about them, and how they are reached. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { judged, posted } from '../judged.ts'
import { MutatingWebhookConfiguration } from '../kinds/admissionregistration/mutating-webhook-configuration.ts'
import { ValidatingWebhookConfiguration } from '../kinds/admissionregistration/validating-webhook-configuration.ts'

const good = {
  name: 'a.example.com',
  clientConfig: { service: { namespace: 'n', name: 's' } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }

function problemsOf(webhook: object): string[] {
  return judged(ValidatingWebhookConfiguration, { webhooks: [{ ...good, ...webhook }] })
}

test('what is left out has a default', () => {
  const [webhook] = posted(MutatingWebhookConfiguration, {
    webhooks: [{ ...good, rules: [rule] }],
  }).webhooks!
  expect(webhook).toEqual({
    ...good,
    clientConfig: { service: { namespace: 'n', name: 's', port: 443 } },
    rules: [{ ...rule, scope: '*' }],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    reinvocationPolicy: 'Never',
  })
})

test('problems come in the order of the genuine server', () => {
  const webhook = {
    name: 'short',
    clientConfig: {},
    rules: [{ operations: [], apiGroups: [], apiVersions: [], resources: ['a/b/c'] }],
    sideEffects: 'Some',
    admissionReviewVersions: ['v0'],
    timeoutSeconds: 40,
    failurePolicy: 'X',
    matchPolicy: 'Y',
  }
  expect(problemsOf(webhook)).toEqual([
    'webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots',
    'webhooks[0].rules[0].operations: Required value',
    'webhooks[0].rules[0].apiGroups: Required value',
    'webhooks[0].rules[0].apiVersions: Required value',
    'webhooks[0].failurePolicy: Unsupported value: "X": supported values: "Fail", "Ignore"',
    'webhooks[0].matchPolicy: Unsupported value: "Y": supported values: "Equivalent", "Exact"',
    'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    'webhooks[0].timeoutSeconds: Invalid value: 40: the timeout value must be between 1 and 30 seconds',
    'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
    'webhooks[0].admissionReviewVersions: Invalid value: ["v0"]: must include at least one of v1, v1beta1',
  ])
})

test('names are unique, and a webhook is asked once more only if that is known how', () => {
  const webhooks = [
    { ...good, reinvocationPolicy: 'X', admissionReviewVersions: [], sideEffects: undefined },
    good,
  ]
  expect(judged(MutatingWebhookConfiguration, { webhooks })).toEqual([
    'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
    'webhooks[0].reinvocationPolicy: Unsupported value: "X": supported values: "IfNeeded", "Never"',
    'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    'webhooks[1].name: Duplicate value: "a.example.com"',
  ])
})

const form = '; desired format: https://host[/path]'

test.for([
  ['https://host:8443/path', []],
  ['http://host', [`Invalid value: "http": 'https' is the only allowed URL scheme${form}`]],
  ['https:///path', [`Invalid value: "": host must be provided${form}`]],
  ['https://u:p@host', ['Invalid value: "u:p": user information is not permitted in the URL']],
  ['https://host#x', ['Invalid value: "x": fragments are not permitted in the URL']],
  ['https://host?y=z', ['Invalid value: "y=z": query parameters are not permitted in the URL']],
  [
    'https://host:x',
    [
      `Required value: url must be a valid URL: parse "https://host:x": invalid port ":x" after host${form}`,
    ],
  ],
  [':x', [`Required value: url must be a valid URL: parse ":x": missing protocol scheme${form}`]],
  [
    'https://host/%zz',
    [
      `Required value: url must be a valid URL: parse "https://host/%zz": invalid URL escape "%zz"${form}`,
    ],
  ],
] as const)('a webhook at %s', ([url, problems]) => {
  expect(problemsOf({ clientConfig: { url } })).toEqual(
    problems.map((each) => `webhooks[0].clientConfig.url: ${each}`),
  )
})

test.for([
  [{ namespace: 'n', name: 's', path: '/a/b/' }, []],
  [
    {},
    [
      'name: Required value: service name is required',
      'namespace: Required value: service namespace is required',
    ],
  ],
  [
    { namespace: 'n', name: 's', port: 0 },
    ['port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive'],
  ],
  [
    { namespace: 'n', name: 's', path: '//' },
    ['path: Invalid value: "//": segment[0] may not be empty'],
  ],
  [
    { namespace: 'n', name: 's', path: '/a//b' },
    ['path: Invalid value: "/a//b": segment[1] may not be empty'],
  ],
] as const)('a webhook behind the service %j', ([service, problems]) => {
  expect(problemsOf({ clientConfig: { service } })).toEqual(
    problems.map((each) => `webhooks[0].clientConfig.service.${each}`),
  )
})

test.for([
  [
    { operations: ['*', 'CREATE'] },
    [
      'operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
    ],
  ],
  [
    { operations: ['READ'] },
    [
      'operations[0]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ],
  ],
  [
    { apiGroups: ['*', 'a'] },
    ['apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other API groups'],
  ],
  [{ apiVersions: [''] }, ['apiVersions[0]: Required value']],
  [
    { resources: ['pods/*', 'pods/log'] },
    [
      'resources[1]: Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
    ],
  ],
  [
    { resources: ['*/log', 'pods/log'] },
    ['resources[1]: Invalid value: "pods/log": if \'*/log\' is present, must not specify pods/log'],
  ],
  [
    { resources: ['*/*', 'pods/log'] },
    [
      'resources: Invalid value: ["*/*","pods/log"]: if \'*/*\' is present, must not specify other resources',
    ],
  ],
  [
    { resources: ['*', 'pods'] },
    [
      'resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
  ],
  [
    { scope: 'X' },
    ['scope: Unsupported value: "X": supported values: "*", "Cluster", "Namespaced"'],
  ],
] as const)('a rule with %j', ([change, problems]) => {
  expect(problemsOf({ rules: [{ ...rule, ...change }] })).toEqual(
    problems.map((each) => `webhooks[0].rules[0].${each}`),
  )
})

test('match conditions have names of their own', () => {
  const matchConditions = [
    { name: 'a', expression: ' ' },
    { name: 'a', expression: 'true' },
    { name: '', expression: 'true' },
  ]
  expect(problemsOf({ matchConditions })).toEqual([
    'webhooks[0].matchConditions[0].expression: Required value',
    'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
    'webhooks[0].matchConditions[2].name: Required value',
  ])
  const many = Array.from({ length: 65 }, (_, n) => ({ name: `c${n}`, expression: 'true' }))
  expect(problemsOf({ matchConditions: many })).toEqual([
    'webhooks[0].matchConditions: Too many: 65: must have at most 64 items',
  ])
})

test('any text is judged as the URL of a webhook, and only https is accepted', () => {
  const property = fc.property(
    fc.oneof(fc.string(), fc.webUrl(), fc.string({ unit: 'binary' })),
    (url) => {
      const problems = problemsOf({ clientConfig: { url } })
      if (!problems.length) expect(new URL(url).protocol).toBe('https:')
    },
  )
  fc.assert(property, fuzz(500))
})
