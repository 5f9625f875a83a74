/** Node selectors against one node, operator by operator. */
import { expect, test } from 'vitest'
import type { NodeSelectorTerm } from '../parts/core/node-selector.ts'
import type { PodSpec } from '../parts/core/pod-spec.ts'
import { namedNodes, nodeSelectorTest, requiredNodeTest } from './node-selection.ts'

const node = { metadata: { name: 'n1', labels: { zone: 'a', cores: '8' } } }
const named = (...values: string[]): NodeSelectorTerm => ({
  matchFields: [{ key: 'metadata.name', operator: 'In', values }],
})
const labelled = (key: string, operator: string, ...values: string[]): NodeSelectorTerm => ({
  matchExpressions: [{ key, operator, values }] as NonNullable<
    NodeSelectorTerm['matchExpressions']
  >,
})

test.for<[string, NodeSelectorTerm[], boolean]>([
  ['In', [labelled('zone', 'In', 'a', 'b')], true],
  ['In, other values', [labelled('zone', 'In', 'b')], false],
  ['NotIn', [labelled('zone', 'NotIn', 'b')], true],
  ['NotIn without the label', [labelled('rack', 'NotIn', 'b')], true],
  ['Exists', [labelled('zone', 'Exists')], true],
  ['DoesNotExist', [labelled('zone', 'DoesNotExist')], false],
  ['Gt', [labelled('cores', 'Gt', '4')], true],
  ['Lt', [labelled('cores', 'Lt', '4')], false],
  ['Gt of no number', [labelled('zone', 'Gt', '4')], false],
  ['a field', [named('n1')], true],
  ['another name', [named('n2')], false],
  ['all conditions of a term', [{ ...labelled('zone', 'In', 'a'), ...named('n2') }], false],
  ['one term of two', [named('n2'), labelled('zone', 'In', 'a')], true],
  ['an empty term', [{}], false],
  ['no terms', [], false],
])('nodeSelectorTest(): %s', ([, nodeSelectorTerms, expected]) => {
  expect(nodeSelectorTest({ nodeSelectorTerms })(node)).toBe(expected)
})

test('selector and affinity must both hold', () => {
  const affinity = (term: NodeSelectorTerm) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    },
  })
  const spec = (nodeSelector: Record<string, string>, term: NodeSelectorTerm) =>
    ({ nodeSelector, affinity: affinity(term) }) as unknown as PodSpec
  expect(requiredNodeTest({} as PodSpec)).toBeUndefined()
  expect(requiredNodeTest(spec({ zone: 'a' }, named('n1')))?.(node)).toBe(true)
  expect(requiredNodeTest(spec({ zone: 'b' }, named('n1')))?.(node)).toBe(false)
  expect(requiredNodeTest(spec({ zone: 'a' }, named('n2')))?.(node)).toBe(false)
})

test('names are known only where every term gives them', () => {
  expect(namedNodes({ nodeSelectorTerms: [named('a'), named('b')] })).toEqual(new Set(['a', 'b']))
  expect(namedNodes({ nodeSelectorTerms: [named('a'), labelled('zone', 'Exists')] })).toBe(
    undefined,
  )
  const both = { matchFields: [...named('a').matchFields!, ...named('b').matchFields!] }
  expect(namedNodes({ nodeSelectorTerms: [both] })).toEqual(new Set())
  expect(namedNodes(undefined)).toBeUndefined()
})
