/** Whether one may grant a rule: cases in both directions; nothing is lost in breaking down. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PolicyRule } from '../parts/rbac/rules.ts'
import { compacted, missingRules, ruleText } from './rbac-coverage.ts'

const rule = (verbs: string, groups: string, resources: string, names?: string): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: groups.split(' '),
  resources: resources.split(' '),
  ...(names && { resourceNames: names.split(' ') }),
})
const paths = (verbs: string, urls: string): PolicyRule => ({
  verbs: verbs.split(' '),
  nonResourceURLs: urls.split(' '),
})

const everything = rule('*', '*', '*')

describe('missingRules()', () => {
  test.for<[string, PolicyRule[], PolicyRule, string[]]>([
    ['the same', [rule('get', '', 'pods')], rule('get', '', 'pods'), []],
    ['all', [everything], rule('get list', 'apps batch', 'jobs/status'), []],
    [
      'all are no paths',
      [everything],
      paths('get', '/x'),
      [`{NonResourceURLs:["/x"], Verbs:["get"]}`],
    ],
    [
      'together',
      [rule('get', '', 'pods'), rule('list', '', 'pods')],
      rule('get list', '', 'pods'),
      [],
    ],
    [
      'a star is more than all verbs',
      [rule('get list', '', 'pods')],
      rule('*', '', 'pods'),
      ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ],
    [
      'what is missing, in one line for each resource',
      [rule('get', '', 'pods')],
      rule('get delete patch', '', 'pods secrets'),
      [
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "patch"]}',
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete" "patch"]}',
      ],
    ],
    ['names of all', [rule('get', '', 'pods')], rule('get', '', 'pods', 'a b'), []],
    [
      'other names',
      [rule('get', '', 'pods', 'a')],
      rule('get', '', 'pods', 'a b'),
      ['{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}'],
    ],
    [
      'all of names',
      [rule('get', '', 'pods', 'a')],
      rule('get', '', 'pods'),
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    ['a subresource of all', [rule('get', '', '*/log')], rule('get', '', 'pods/log'), []],
    ['paths below', [paths('get', '/logs/*')], paths('get', '/logs/a /logs/b/*'), []],
    [
      'paths beside',
      [paths('get', '/logs/*')],
      paths('get', '/logs /logs/a'),
      ['{NonResourceURLs:["/logs"], Verbs:["get"]}'],
    ],
  ])('%s', ([, held, wanted, texts]) => {
    expect(compacted(missingRules(held, [wanted])).map(ruleText)).toEqual(texts)
  })

  const words = (...all: string[]) => fc.uniqueArray(fc.constantFrom(...all), { minLength: 1 })
  const anyRule: fc.Arbitrary<PolicyRule> = fc.record(
    {
      verbs: words('get', 'list', '*'),
      apiGroups: words('', 'apps', '*'),
      resources: words('pods', 'pods/log', '*/log', '*'),
      resourceNames: words('a', 'b'),
    },
    { requiredKeys: ['verbs', 'apiGroups', 'resources'] },
  )

  test('everybody holds their own rules, and lacks nothing once it is added', () => {
    fc.assert(
      fc.property(fc.array(anyRule), fc.array(anyRule), (held, wanted) => {
        expect(missingRules(wanted, wanted)).toEqual([])
        const missing = missingRules(held, wanted)
        expect(missingRules([...held, ...missing], wanted)).toEqual([])
        expect(missingRules([...held, ...compacted(missing)], wanted)).toEqual([])
      }),
      { seed: 42, numRuns: 300 },
    )
  })
})
