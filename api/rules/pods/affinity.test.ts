/** Which affinity and spreading a pod may ask for. */
import { describe, expect, test } from 'vitest'
import { pod, problemsOf } from './judged-pod.ts'

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
const emptyName = [
  'name part must be non-empty',
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
]

describe('node affinity', () => {
  const at = 'spec.affinity.nodeAffinity'
  const expressions = `${at}.${required}.nodeSelectorTerms[0].matchExpressions`
  const fields = `${at}.${required}.nodeSelectorTerms[0].matchFields`
  const term = (...matchExpressions: object[]) => ({
    [required]: { nodeSelectorTerms: [{ matchExpressions }] },
  })
  test.for([
    {
      name: 'plain',
      affinity: term({ key: 'a', operator: 'In', values: ['b'] }, { key: 'a', operator: 'Exists' }),
      expected: [],
    },
    {
      name: 'no terms',
      affinity: { [required]: { nodeSelectorTerms: [] } },
      expected: [
        `${at}.${required}.nodeSelectorTerms: Required value: must have at least one node selector term`,
      ],
    },
    {
      name: 'counts of values',
      affinity: term(
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['b'] },
        { key: 'a', operator: 'Gt', values: ['1', '2'] },
        { key: 'a', operator: 'X' },
      ),
      expected: [
        `${expressions}[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
        `${expressions}[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
        `${expressions}[2].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
        `${expressions}[3].operator: Invalid value: "X": not a valid selector operator`,
      ],
    },
    {
      name: 'fields',
      affinity: {
        [required]: {
          nodeSelectorTerms: [
            {
              matchFields: [
                { key: 'metadata.name', operator: 'In', values: ['a'] },
                { key: 'metadata.name', operator: 'In', values: ['a', 'b'] },
                { key: 'spec.x', operator: 'Exists' },
              ],
            },
          ],
        },
      },
      expected: [
        `${fields}[1].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
        `${fields}[2].operator: Invalid value: "Exists": not a valid selector operator`,
        `${fields}[2].key: Invalid value: "spec.x": not a valid field selector key`,
      ],
    },
    {
      name: 'preferences may be for what no node has',
      affinity: {
        [preferred]: [
          {
            weight: 0,
            preference: {
              matchExpressions: [{ key: 'a', operator: 'In', values: ['not a value'] }],
            },
          },
          { weight: 100, preference: {} },
        ],
      },
      expected: [`${at}.${preferred}[0].weight: Invalid value: 0: must be in the range 1-100`],
    },
  ])('$name', ({ affinity, expected }) => {
    expect(problemsOf(pod({ affinity: { nodeAffinity: affinity } }))).toEqual(expected)
  })
})

describe('pod affinity', () => {
  const labelSelector = { matchLabels: { a: 'b' } }
  const topologyKey = 'kubernetes.io/hostname'
  const at = `spec.affinity.podAntiAffinity.${required}[0]`
  test.for([
    { name: 'plain', term: { labelSelector, topologyKey }, labels: {}, expected: [] },
    {
      name: 'no topology',
      term: { labelSelector },
      labels: {},
      expected: [
        `${at}.topologyKey: Required value: can not be empty`,
        ...emptyName.map((detail) => `${at}.topologyKey: Invalid value: "": ${detail}`),
      ],
    },
    {
      name: 'a selector that selects nothing',
      term: { labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] }, topologyKey },
      labels: {},
      expected: [
        `${at}.labelSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      ],
    },
    {
      name: 'a bad namespace',
      term: { labelSelector, topologyKey, namespaces: ['a.b'] },
      labels: {},
      expected: [`${at}.namespace: Invalid value: "a.b": must not contain dots`],
    },
    {
      name: 'keys without selector',
      term: { topologyKey, matchLabelKeys: ['a'], mismatchLabelKeys: ['b'] },
      labels: {},
      expected: ['matchLabelKeys', 'mismatchLabelKeys'].map(
        (field) => `${at}.${field}: Forbidden: must not be specified when labelSelector is not set`,
      ),
    },
    {
      name: 'keys of both kinds',
      term: { labelSelector, topologyKey, matchLabelKeys: ['x'], mismatchLabelKeys: ['x'] },
      labels: {},
      expected: [
        `${at}.matchLabelKeys[0]: Invalid value: "x": exists in both matchLabelKeys and mismatchLabelKeys`,
      ],
    },
    {
      name: 'a key that the selector asks for already, once the server has added its own',
      term: {
        labelSelector: {
          matchLabels: { x: 'y' },
          matchExpressions: [{ key: 'x', operator: 'In', values: ['y'] }],
        },
        topologyKey,
        matchLabelKeys: ['x'],
      },
      labels: {},
      expected: [`${at}[0]: Invalid value: "x": exists in both matchLabelKeys and labelSelector`],
    },
  ])('$name', ({ term, labels, expected }) => {
    const affinity = { podAntiAffinity: { [required]: [term] } }
    expect(problemsOf(pod({ affinity }, { labels }))).toEqual(expected)
  })

  test('weights', () => {
    const term = { weight: 101, podAffinityTerm: { labelSelector, topologyKey } }
    const affinity = { podAffinity: { [preferred]: [term] } }
    expect(problemsOf(pod({ affinity }))).toEqual([
      `spec.affinity.podAffinity.${preferred}[0].weight: Invalid value: 101: must be in the range 1-100`,
    ])
  })
})

describe('topology spread', () => {
  const at = 'spec.topologySpreadConstraints'
  const plain = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { a: 'b' } },
  }
  test.for([
    { name: 'plain', constraints: [{ ...plain, minDomains: 2 }], expected: [] },
    {
      name: 'nothing said',
      constraints: [{}],
      expected: [
        `${at}[0].maxSkew: Invalid value: 0: must be greater than zero`,
        `${at}[0].topologyKey: Required value: can not be empty`,
        `${at}[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"`,
      ],
    },
    {
      name: 'the same twice',
      constraints: [plain, plain],
      expected: [
        `${at}[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"`,
      ],
    },
    {
      name: 'domains of a wish',
      constraints: [{ ...plain, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 0 }],
      expected: [
        `${at}[0].minDomains: Invalid value: 0: must be greater than zero`,
        `${at}[0].minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway`,
      ],
    },
    {
      name: 'policies',
      constraints: [{ ...plain, nodeAffinityPolicy: 'X', nodeTaintsPolicy: 'Honor' }],
      expected: [
        `${at}[0].nodeAffinityPolicy: Unsupported value: "X": supported values: "Honor", "Ignore"`,
      ],
    },
    {
      name: 'keys without selector',
      constraints: [{ ...plain, labelSelector: null, matchLabelKeys: ['a'] }],
      expected: [
        `${at}[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
      ],
    },
  ])('$name', ({ constraints, expected }) => {
    expect(problemsOf(pod({ topologySpreadConstraints: constraints }))).toEqual(expected)
  })
})
