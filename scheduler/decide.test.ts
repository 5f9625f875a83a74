/** Decisions on random small clusters, against a model that knows no shortcuts. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { aNode, aPod, type PodSpecInput, viewOf } from '#bench/scheduling-view.ts'
import { seededRandom } from '#daemon/random.ts'
import { NaivePreemption } from '#test/naive-preemption.ts'
import { NaiveScheduler } from '#test/naive-scheduler.ts'
import { Decider, feasibleWanted } from './decide.ts'
import { plugins } from './plugins.ts'
import { podInfo } from './pod-info.ts'

const RUNS = 3000
const ZONE = 'topology.kubernetes.io/zone'
const HOST = 'kubernetes.io/hostname'

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const app = fc.constantFrom('a', 'b')
const key = fc.constantFrom(ZONE, HOST, 'rack')
const selector = app.map((value) => ({ matchLabels: { app: value } }))
const namespace = fc.constantFrom('default', 'default', 'other')

const term = fc.record({
  labelSelector: selector,
  topologyKey: key,
  namespaces: fc.constantFrom(undefined, ['other'], ['default', 'other']),
})
const affinityOf = fc.record({
  requiredDuringSchedulingIgnoredDuringExecution: maybe(fc.array(term, { maxLength: 2 })),
  preferredDuringSchedulingIgnoredDuringExecution: maybe(
    fc.array(fc.record({ weight: fc.integer({ min: 1, max: 100 }), podAffinityTerm: term }), {
      maxLength: 2,
    }),
  ),
})
const zoneTerm = fc.constantFrom('x', 'y').map((value) => ({
  matchExpressions: [{ key: ZONE, operator: 'In', values: [value] }],
}))
const affinity = fc.record({
  podAffinity: maybe(affinityOf),
  podAntiAffinity: maybe(affinityOf),
  nodeAffinity: maybe(
    fc.record({
      preferredDuringSchedulingIgnoredDuringExecution: fc.array(
        fc.record({ weight: fc.integer({ min: 1, max: 100 }), preference: zoneTerm }),
        { maxLength: 2 },
      ),
    }),
  ),
})
const spread = fc.record({
  maxSkew: fc.integer({ min: 1, max: 3 }),
  topologyKey: fc.constantFrom(ZONE, HOST),
  whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'ScheduleAnyway'),
  labelSelector: selector,
  minDomains: fc.constantFrom(undefined, 1, 3),
})
const requests = fc.record(
  { cpu: fc.constantFrom('100m', '500m', '1', '2'), memory: fc.constantFrom('128Mi', '1024Mi') },
  { requiredKeys: [] },
)
const wish = fc.record({
  namespace,
  app: maybe(app),
  requests: maybe(requests),
  hostPort: fc.constantFrom(undefined, undefined, undefined, 80),
  affinity: maybe(affinity),
  spreads: maybe(fc.array(spread, { minLength: 1, maxLength: 2 })),
  tolerations: fc.subarray(['hard', 'soft', 'node.kubernetes.io/unschedulable']),
  zone: fc.constantFrom(undefined, undefined, undefined, 'x'),
  isTerminating: fc.constantFrom(false, false, true),
  priority: fc.constantFrom(0, 0, 5, 10),
  startedAt: fc.constantFrom(undefined, 1, 2, 3),
})

type Wish = typeof wish extends fc.Arbitrary<infer W> ? W : never

function podFrom(given: Wish, name: string, node?: string): Pod {
  const { requests: wanted, hostPort, spreads, zone } = given
  const container = {
    name: 'main',
    image: 'image',
    resources: wanted ? { requests: wanted } : {},
    ...(hostPort && { ports: [{ containerPort: hostPort, hostPort, protocol: 'TCP' }] }),
  }
  const spec = {
    containers: [container],
    ...(given.affinity && { affinity: given.affinity }),
    ...(spreads && { topologySpreadConstraints: spreads }),
    ...(zone && { nodeSelector: { [ZONE]: zone } }),
    tolerations: given.tolerations.map((each) => ({ key: each, operator: 'Exists' })),
    priority: given.priority,
  }
  const pod = aPod({
    name,
    namespace: given.namespace,
    labels: given.app ? { app: given.app } : {},
    spec: spec as unknown as PodSpecInput,
    ...(node && { node, isTerminating: given.isTerminating }),
  })
  const { startedAt } = given
  return startedAt ? { ...pod, status: { startTime: `2030-01-0${startedAt}T00:00:00Z` } } : pod
}

const nodeWish = fc.record({
  zone: fc.constantFrom('x', 'y', undefined),
  rack: fc.constantFrom('1', undefined),
  taint: fc.constantFrom(undefined, undefined, 'NoSchedule', 'NoExecute', 'PreferNoSchedule'),
  unschedulable: fc.constantFrom(false, false, false, true),
  cpu: fc.constantFrom('1', '2', '4'),
  memory: fc.constantFrom('2048Mi', '8192Mi'),
  pods: fc.constantFrom('2', '110'),
})

type NodeChoice = typeof nodeWish extends fc.Arbitrary<infer W> ? W : never

function nodeFrom(given: NodeChoice, index: number): Node {
  const { zone, rack, taint, unschedulable, cpu, memory, pods } = given
  const taintKey = taint === 'PreferNoSchedule' ? 'soft' : 'hard'
  return aNode(`n${index}`, {
    labels: { ...(zone && { [ZONE]: zone }), ...(rack && { rack }) },
    allocatable: { cpu, memory, pods },
    spec: {
      ...(unschedulable && { unschedulable }),
      ...(taint && { taints: [{ key: taintKey, effect: taint as 'NoSchedule' }] }),
    },
  })
}

const cluster = fc
  .record({
    nodes: fc.array(nodeWish, { minLength: 1, maxLength: 6 }),
    placed: fc.array(fc.tuple(wish, fc.nat(5)), { maxLength: 8 }),
    pod: wish,
    budgets: fc.array(fc.tuple(app, fc.integer({ min: 0, max: 2 }), fc.boolean()), {
      maxLength: 2,
    }),
  })
  .map(({ nodes, placed, pod, budgets }) => ({
    nodes: nodes.map(nodeFrom),
    pods: placed.map(([given, at], index) =>
      podFrom(given, `placed-${index}`, `n${at % nodes.length}`),
    ),
    pod: podFrom(pod, 'new'),
    budgets: budgets.map(([value, disruptionsAllowed, isCounted]) => ({
      metadata: { name: value, namespace: 'default' },
      spec: { selector: { matchLabels: { app: value } } },
      status: { disruptionsAllowed, ...(isCounted && { disruptedPods: { 'placed-0': 'now' } }) },
    })) as unknown as PodDisruptionBudget[],
  }))

test('a decision is one that the naive model could have made', () => {
  let placements = 0
  fc.assert(
    fc.property(cluster, fc.nat(), ({ nodes, pods, pod }, seed) => {
      const naive = new NaiveScheduler({ nodes, pods })
      const feasible = naive.feasible(pod)
      const names = feasible.map(({ metadata }) => metadata.name)
      const decider = new Decider({
        plugins,
        view: viewOf({ nodes, pods }),
        random: seededRandom(seed),
      })
      const decision = decider.decide(podInfo(pod))
      if (decision.type === 'refused') {
        expect(names).toEqual([])
        expect(decision.verdicts.size).toBe(nodes.length)
        return
      }
      placements++
      expect(decision.feasible).toBe(names.length)
      expect(names).toContain(decision.nodeName)
      const totals = naive.totals(pod, feasible)
      expect(totals.get(decision.nodeName)).toBe(Math.max(...totals.values()))
    }),
    { seed: 42, numRuns: RUNS },
  )
  // Had all been refused, scores would not have been compared at all.
  expect(placements).toBeGreaterThan(RUNS / 4)
})

const change = fc.oneof(
  fc.record({ type: fc.constant('leave' as const), which: fc.nat(20) }),
  fc.record({ type: fc.constant('renew' as const), which: fc.nat(5), to: nodeWish }),
  fc.record({ type: fc.constant('remove' as const), which: fc.nat(5) }),
)

test('decisions that follow each other are as good as if nothing were remembered', () => {
  const templates = fc.array(wish, { minLength: 1, maxLength: 3 })
  const steps = fc.array(fc.tuple(fc.nat(2), maybe(change)), { minLength: 5, maxLength: 15 })
  let placements = 0
  fc.assert(
    fc.property(cluster, templates, steps, (given, kinds, sequence) => {
      const nodes = [...given.nodes]
      let pods = [...given.pods]
      const view = viewOf({ nodes, pods })
      const { snapshot } = view
      const decider = new Decider({ plugins, view, random: seededRandom(1) })
      for (const [step, [kind, changed]] of sequence.entries()) {
        const pod = podFrom(kinds[kind % kinds.length]!, `new-${step}`)
        const naive = new NaiveScheduler({ nodes, pods })
        const decision = decider.decide(podInfo(pod))
        const names = naive.feasible(pod).map(({ metadata }) => metadata.name)
        if (decision.type === 'placed') {
          placements++
          expect(decision.feasible).toBe(names.length)
          const totals = naive.totals(pod, naive.feasible(pod))
          expect(totals.get(decision.nodeName)).toBe(Math.max(...totals.values()))
          snapshot.assume(podInfo(pod), decision.nodeName)
          pods.push({ ...pod, spec: { ...pod.spec, nodeName: decision.nodeName } })
        } else expect(names).toEqual([])
        if (changed?.type === 'leave' && pods.length > 0) {
          const { name, namespace } = pods[changed.which % pods.length]!.metadata
          snapshot.removePod(`${namespace}/${name}`)
          pods = pods.filter(({ metadata }) => metadata.name !== name)
        } else if (changed?.type === 'renew') {
          const node = nodeFrom(changed.to, changed.which)
          const known = nodes.findIndex(({ metadata }) => metadata.name === node.metadata.name)
          nodes.splice(known < 0 ? nodes.length : known, 1, node)
          snapshot.setNode(node)
        } else if (changed?.type === 'remove' && nodes.length > 1) {
          const [gone] = nodes.splice(changed.which % nodes.length, 1)
          snapshot.removeNode(gone!.metadata.name)
        }
      }
    }),
    { seed: 42, numRuns: RUNS / 10 },
  )
  expect(placements).toBeGreaterThan(RUNS / 10)
})

test('who has to leave is whom the naive model would have chosen', () => {
  let rescues = 0
  fc.assert(
    fc.property(cluster, fc.nat(), ({ nodes, pods, pod, budgets }, seed) => {
      const urgent = { ...pod, spec: { ...pod.spec, priority: 10 } }
      const view = viewOf({ nodes, pods, budgets })
      const decider = new Decider({ plugins, view, random: seededRandom(seed) })
      const decision = decider.decide(podInfo(urgent))
      if (decision.type === 'placed') return
      const hopeful = nodes.filter(
        ({ metadata }) => decision.verdicts.get(metadata.name)?.isUnresolvable === false,
      )
      const naive = new NaivePreemption({ nodes, pods }, budgets)
      const candidates = naive.candidates(urgent, hopeful)
      const { rescue } = decision
      if (!rescue) {
        expect(candidates).toEqual([])
        expect(decision.message).toContain('. preemption: 0/')
        return
      }
      rescues++
      const names = rescue.victims.map((victim) => victim.pod.metadata.name)
      const found = { node: rescue.nodeName, victims: names.sort() }
      expect(naive.best(candidates)).toContainEqual(found)
      // All that was tried has been undone.
      const fresh = viewOf({ nodes, pods, budgets }).snapshot
      for (const { name, requested, pods: present } of view.snapshot.nodes) {
        expect(requested).toEqual(fresh.node(name)?.requested)
        expect([...present.keys()].sort()).toEqual([...fresh.node(name)!.pods.keys()].sort())
      }
    }),
    { seed: 42, numRuns: RUNS / 3 },
  )
  expect(rescues).toBeGreaterThan(RUNS / 60)
})

describe('large clusters', () => {
  test.for([
    [0, 0],
    [99, 99],
    [100, 100],
    [150, 100],
    [1000, 420],
    [5000, 500],
    [6000, 300],
  ] as const)('of %i nodes %i are enough', ([nodes, wanted]) => {
    expect(feasibleWanted(nodes)).toBe(wanted)
  })

  test('every node has its turn', () => {
    const nodes = Array.from({ length: 250 }, (_, index) => aNode(`n${index}`))
    const view = viewOf({ nodes })
    const decider = new Decider({ plugins, view, random: seededRandom(1) })
    const seen = new Set<string>()
    for (let index = 0; index < 250; index++) {
      const pod = podInfo(aPod({ name: `p${index}`, requests: { cpu: '3' } }))
      const decision = decider.decide(pod)
      if (decision.type !== 'placed') throw new Error(decision.message)
      view.snapshot.assume(pod, decision.nodeName)
      seen.add(decision.nodeName)
    }
    expect(seen.size).toBe(250)
  })
})
