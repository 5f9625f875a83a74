/** Arguments of plugins: what they change, and which are refused. */
import { expect, test } from 'vitest'
import { parseYaml } from '#api/yaml.ts'
import { aNode, aPod, scoresOf, type ViewWish, verdictsOf } from '#bench/scheduling-view.ts'
import { ConfigError } from './config-fields.ts'
import { configuredPlugins } from './plugin-args.ts'

const configured = (name: string, args: string) => {
  const { value } = parseYaml(`[{ name: ${name}, args: ${args} }]`)
  return configuredPlugins(value, 'pluginConfig').get(name)!
}

const resources = { cpu: '4', memory: '8Gi', 'example.com/gpu': '4' }
const busy = aPod({ name: 'busy', node: 'b', requests: { cpu: '2', memory: '1Gi' } })
const wish: ViewWish = {
  nodes: [aNode('a', { allocatable: resources }), aNode('b', { allocatable: resources })],
  pods: [busy],
}
const asking = aPod({ requests: { cpu: '1', memory: '1Gi' } })
const curve =
  '{ scoringStrategy: { type: RequestedToCapacityRatio, resources: [{ name: cpu }], ' +
  'requestedToCapacityRatio: { shape: [{ utilization: 0, score: 0 }, ' +
  '{ utilization: 50, score: 10 }, { utilization: 100, score: 2 }] } } }'
const weighted =
  '{ scoringStrategy: { resources: [{ name: cpu, weight: 3 }, { name: memory, weight: 1 }] } }'

test.for([
  ['{}', { a: 81, b: 50 }],
  ['{ scoringStrategy: { type: MostAllocated } }', { a: 18, b: 50 }],
  [weighted, { a: 78, b: 37 }],
  ['{ scoringStrategy: { resources: [{ name: example.com/gpu }] } }', { a: 0, b: 0 }],
  [curve, { a: 50, b: 60 }],
] as const)('NodeResourcesFit scores by %s', ([args, expected]) => {
  expect(scoresOf(configured('NodeResourcesFit', args), asking, wish)).toEqual(expected)
})

test('NodeResourcesFit leaves ignored resources to others', () => {
  const pod = aPod({ requests: { 'example.com/fpga': '1', 'other.com/x': '1' } })
  const verdictOn = (args: string) => verdictsOf(configured('NodeResourcesFit', args), pod, wish).a
  expect(verdictOn('{}')).toBe('Insufficient example.com/fpga, Insufficient other.com/x')
  expect(verdictOn('{ ignoredResources: [other.com/x] }')).toBe('Insufficient example.com/fpga')
  expect(
    verdictOn('{ ignoredResources: [other.com/x], ignoredResourceGroups: [example.com] }'),
  ).toBe('ok')
})

test('NodeResourcesBalancedAllocation looks at the resources that it is told', () => {
  const args = '{ resources: [{ name: cpu, weight: 1 }] }'
  expect(scoresOf(configured('NodeResourcesBalancedAllocation', args), asking, wish)).toEqual({
    a: 100,
    b: 100,
  })
})

test('NodeAffinity adds terms to those of the pod', () => {
  const terms = '[{ matchExpressions: [{ key: disk, operator: In, values: [ssd] }] }]'
  const args =
    '{ addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: ' +
    `{ nodeSelectorTerms: ${terms} } } }`
  const nodes = [aNode('a', { labels: { disk: 'ssd' } }), aNode('b')]
  expect(verdictsOf(configured('NodeAffinity', args), aPod(), { nodes })).toEqual({
    a: 'ok',
    b: "node(s) didn't match scheduler-enforced node affinity",
  })
})

test('PodTopologySpread takes other constraints for pods without any', () => {
  const args =
    '{ defaultingType: List, defaultConstraints: ' +
    '[{ maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule }] }'
  const labels = { app: 'web' }
  const pods = [aPod({ name: 'other', labels, node: 'a' })]
  const siblings = { matchLabels: labels }
  const verdicts = verdictsOf(configured('PodTopologySpread', args), aPod({ labels }), {
    ...wish,
    pods,
    siblings,
  })
  expect(verdicts).toEqual({
    a: "node(s) didn't match pod topology spread constraints",
    b: 'ok',
  })
})

test('InterPodAffinity weighs what running pods insist on', () => {
  const affinity = {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  }
  const pods = [aPod({ name: 'web', node: 'a', spec: { affinity } })]
  const db = aPod({ name: 'db', labels: { app: 'db' } })
  const scores = (weight: number) =>
    scoresOf(configured('InterPodAffinity', `{ hardPodAffinityWeight: ${weight} }`), db, {
      ...wish,
      pods,
    })
  expect(scores(1)).toEqual({ a: 100, b: 0 })
  expect(scores(0)).toBeUndefined()
})

test.for([
  ['Nothing', '{}', '"Nothing" is no plugin with arguments'],
  ['NodePorts', '{}', '"NodePorts" is no plugin with arguments'],
  ['NodeAffinity', '{ addedAffinity: { required: [] } }', 'args.addedAffinity.required: is not'],
  [
    'NodeAffinity',
    '{ addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: ' +
      '[{ matchExpressions: [{ key: a, operator: Like }] }] } } }',
    'operator',
  ],
  ['NodeResourcesFit', '{ kind: OtherArgs }', 'args.kind: is "OtherArgs", wanted one of NodeRes'],
  ['NodeResourcesFit', '{ scoringStrategy: { type: Best } }', 'type: is "Best", wanted one of'],
  [
    'NodeResourcesFit',
    '{ scoringStrategy: { type: RequestedToCapacityRatio } }',
    'shape: is empty, wanted one point at least',
  ],
  [
    'NodeResourcesFit',
    '{ scoringStrategy: { resources: [{ name: cpu, weight: 101 }] } }',
    'weight: is 101, wanted a whole number, 1 to 100',
  ],
  ['DefaultPreemption', '{ minCandidateNodesPercentage: 101 }', 'is 101, wanted a whole number'],
  [
    'DefaultPreemption',
    '{ minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 }',
    'are 0, wanted one above 0',
  ],
  ['InterPodAffinity', '{ hardPodAffinityWeight: -1 }', 'wanted a whole number, 0 to 100'],
  [
    'PodTopologySpread',
    '{ defaultConstraints: [{ maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway }] }',
    'are given, but .defaultingType is System',
  ],
  ['VolumeBinding', '{ bindTimeoutSeconds: soon }', 'bindTimeoutSeconds: is "soon"'],
  ['VolumeBinding', '{ shape: [] }', 'args.shape: is not supported'],
] as const)('refused: arguments %s %s', ([name, args, message]) => {
  expect(() => configured(name, args)).toThrow(ConfigError)
  expect(() => configured(name, args)).toThrow(message)
})
