/** Flow schemas and priority levels. */
import { expect, test } from 'vitest'
import { judged, posted } from '../judged.ts'
import { FlowSchema } from '../kinds/flowcontrol/flow-schema.ts'
import { PriorityLevelConfiguration } from '../kinds/flowcontrol/priority-level-configuration.ts'
import { mandatoryFlowSchemas } from './flow-schema.ts'
import { mandatoryCatchAll } from './priority-level.ts'

const level = { priorityLevelConfiguration: { name: 'p' } }
const user = { kind: 'User', user: { name: 'u' } }
const onPods = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }

test('matchingPrecedence has a default', () => {
  expect(posted(FlowSchema, { spec: level }).spec.matchingPrecedence).toBe(1000)
})

test.for([
  [level, []],
  [{}, ['priorityLevelConfiguration.name: Required value: must reference a priority level']],
  [
    { ...level, matchingPrecedence: -1 },
    ['matchingPrecedence: Invalid value: -1: must be a positive value'],
  ],
  [
    { ...level, matchingPrecedence: 10_001 },
    ['matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
  ],
  [
    { ...level, matchingPrecedence: 1 },
    [
      "matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
  ],
  [
    { ...level, distinguisherMethod: { type: 'X' } },
    [
      'distinguisherMethod.type: Unsupported value: {"type":"X"}: supported values: "ByNamespace", "ByUser"',
    ],
  ],
] as const)('a flow schema of %j', ([spec, problems]) => {
  expect(judged(FlowSchema, { spec })).toEqual(problems.map((each) => `spec.${each}`))
})

test.for([
  [{ subjects: [user], resourceRules: [onPods] }, []],
  [
    {},
    [
      '.subjects: Required value: subjects must contain at least one value',
      ': Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
  ],
  [
    { subjects: [{ kind: 'User', group: { name: 'g' } }], resourceRules: [onPods] },
    [
      ".subjects[0].user: Required value: user is required when subject kind is 'User'",
      ".subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
    ],
  ],
  [
    {
      subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*' } }],
      resourceRules: [onPods],
    },
    [
      '.subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account',
    ],
  ],
  [
    { subjects: [{ kind: 'Robot' }], resourceRules: [onPods] },
    [
      '.subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
    ],
  ],
  [
    { subjects: [user], resourceRules: [{ verbs: ['*', 'get'], namespaces: ['a b'] }] },
    [
      `.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
      '.resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group',
      '.resourceRules[0].resources: Required value: resource rules must supply at least one resource',
      `.resourceRules[0].namespaces[0]: Invalid value: "a b": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ],
  [
    { subjects: [user], resourceRules: [{ ...onPods, namespaces: [] }] },
    [
      '.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
    ],
  ],
  [
    {
      subjects: [user],
      nonResourceRules: [
        { verbs: ['get'], nonResourceURLs: ['/', '/a/*', 'a', '/a b', '//', '/a*', ''] },
      ],
    },
    [
      '.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "a": must start with slash',
      '.nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/a b": must not contain white-space',
      '.nonResourceRules[0].nonResourceURLs[4]: Invalid value: "//": must not contain double slash',
      '.nonResourceRules[0].nonResourceURLs[5]: Invalid value: "/a*": wildcard can only do suffix matching',
      '.nonResourceRules[0].nonResourceURLs[6]: Invalid value: "": must not be empty',
    ],
  ],
] as const)('a rule %j', ([rule, problems]) => {
  expect(judged(FlowSchema, { spec: { ...level, rules: [rule] } })).toEqual(
    problems.map((each) => `spec.rules[0]${each}`),
  )
})

test.for(Object.entries(mandatoryFlowSchemas))(
  'the schema named %s stays as it is',
  ([name, spec]) => {
    expect(judged(FlowSchema, { metadata: { name }, spec })).toEqual([])
    const changed = { ...spec, rules: [] }
    expect(judged(FlowSchema, { metadata: { name }, spec: changed })).toEqual([
      expect.stringContaining(`spec of '${name}' must equal the fixed value`),
    ])
  },
)

const queue = { type: 'Queue', queuing: {} }

test('a limited level has a default for everything', () => {
  const spec = { type: 'Limited', limited: { limitResponse: queue } }
  expect(posted(PriorityLevelConfiguration, { spec }).spec.limited).toEqual({
    nominalConcurrencyShares: 30,
    lendablePercent: 0,
    limitResponse: {
      type: 'Queue',
      queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 },
    },
  })
  const zero = { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: queue } }
  expect(posted(PriorityLevelConfiguration, { spec: zero }).spec.limited).toMatchObject({
    nominalConcurrencyShares: 0,
  })
})

test.for([
  ['p', { type: 'Limited', limited: { limitResponse: queue } }, []],
  ['exempt', { type: 'Exempt', exempt: {} }, []],
  ['catch-all', mandatoryCatchAll, []],
  [
    'p',
    { type: 'Exempt', limited: { limitResponse: queue } },
    [
      `type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`,
      'limited: Forbidden: must be nil if the type is not Limited',
    ],
  ],
  ['p', { type: 'Limited' }, ['limited: Required value: must not be empty when type is Limited']],
  ['p', { type: 'X' }, ['type: Unsupported value: "X": supported values: "Exempt", "Limited"']],
  [
    'p',
    { type: 'Limited', limited: { limitResponse: { type: 'Reject', queuing: {} } } },
    [
      'limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited',
    ],
  ],
  [
    'p',
    {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: -1,
        lendablePercent: 101,
        borrowingLimitPercent: -1,
        limitResponse: { type: 'Queue' },
      },
    },
    [
      'limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited',
      'limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      'limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ],
  ],
  [
    'p',
    {
      type: 'Limited',
      limited: { limitResponse: { type: 'Queue', queuing: { queues: 1024, handSize: 7 } } },
    },
    [
      'limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60',
    ],
  ],
  [
    'p',
    {
      type: 'Limited',
      limited: { limitResponse: { type: 'Queue', queuing: { queues: 2, handSize: 3 } } },
    },
    [
      'limited.limitResponse.queuing.handSize: Invalid value: 3: should not be greater than queues (2)',
    ],
  ],
] as const)('a priority level named %s of %j', ([name, spec, problems]) => {
  expect(judged(PriorityLevelConfiguration, { metadata: { name }, spec })).toEqual(
    problems.map((each) => `spec.${each}`),
  )
})
