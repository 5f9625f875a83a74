/** Rules that look at the pods around. */
import { describe, expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { aNode, aPod, type PodSpecInput, scoresOf, verdictsOf } from '#bench/scheduling-view.ts'
import { interPodAffinity } from './inter-pod-affinity.ts'
import { podTopologySpread } from './pod-topology-spread.ts'

const ZONE = 'topology.kubernetes.io/zone'
const HOST = 'kubernetes.io/hostname'
const zoned = (name: string, zone: string) => aNode(name, { labels: { [ZONE]: zone } })
const nodes = [zoned('a', 'x'), zoned('b', 'x'), zoned('c', 'y')]
const labelSelector = { matchLabels: { app: 'web' } }
const web = (node: string, name = `on-${node}`): Pod => aPod({ name, node, labels: { app: 'web' } })

describe('PodTopologySpread', () => {
  type Constraint = NonNullable<PodSpecInput['topologySpreadConstraints']>[number]
  const spread = (constraint: Partial<Constraint>): PodSpecInput => ({
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: ZONE,
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector,
        ...constraint,
      },
    ],
  })
  const pod = (constraint: Partial<Constraint> = {}, more: PodSpecInput = {}): Pod =>
    aPod({ labels: { app: 'web' }, spec: { ...spread(constraint), ...more } })
  const no = "node(s) didn't match pod topology spread constraints"

  test.for<[string, Pod, Pod[], Record<string, string>]>([
    ['an even start', pod(), [], { a: 'ok', b: 'ok', c: 'ok' }],
    ['the fuller zone', pod(), [web('a')], { a: no, b: no, c: 'ok' }],
    ['room for more skew', pod({ maxSkew: 2 }), [web('a')], { a: 'ok', b: 'ok', c: 'ok' }],
    ['by node', pod({ topologyKey: HOST }), [web('a')], { a: no, b: 'ok', c: 'ok' }],
    ['too few domains', pod({ minDomains: 3 }), [web('a'), web('c')], { a: no, b: no, c: no }],
    [
      'pods of other namespaces, or on their way out',
      pod(),
      [
        aPod({ name: 'o', namespace: 'other', node: 'a', labels: { app: 'web' } }),
        aPod({ name: 't', node: 'a', labels: { app: 'web' }, isTerminating: true }),
      ],
      { a: 'ok', b: 'ok', c: 'ok' },
    ],
    [
      'a node selector leaves out zones',
      pod({}, { nodeSelector: { [ZONE]: 'x' } }),
      [web('a')],
      { a: 'ok', b: 'ok', c: 'ok' },
    ],
    [
      'unless it is ignored',
      pod({ nodeAffinityPolicy: 'Ignore' }, { nodeSelector: { [ZONE]: 'x' } }),
      [web('a')],
      { a: no, b: no, c: 'ok' },
    ],
  ])('%s', ([, given, pods, expected]) => {
    expect(verdictsOf(podTopologySpread, given, { nodes, pods })).toEqual(expected)
  })

  test('a node without the label is no domain', () => {
    const wish = { nodes: [...nodes, aNode('bare')], pods: [] }
    expect(verdictsOf(podTopologySpread, pod(), wish).bare).toBe(`${no} (missing required label)`)
  })

  test('tainted nodes count, unless the constraint honours taints', () => {
    const tainted = aNode('c', {
      labels: { [ZONE]: 'y' },
      spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
    })
    const wish = { nodes: [zoned('a', 'x'), tainted], pods: [web('a')] }
    expect(verdictsOf(podTopologySpread, pod(), wish).a).toBe(no)
    expect(verdictsOf(podTopologySpread, pod({ nodeTaintsPolicy: 'Honor' }), wish).a).toBe('ok')
  })

  test('emptier domains score higher; siblings of pods that say nothing count too', () => {
    const soft = pod({ whenUnsatisfiable: 'ScheduleAnyway' })
    const pods = [web('a'), web('a', 'second')]
    expect(scoresOf(podTopologySpread, soft, { nodes, pods })).toEqual({ a: 0, b: 0, c: 100 })
    const usual = scoresOf(podTopologySpread, aPod(), { nodes, pods, siblings: labelSelector })!
    expect(usual.c).toBeGreaterThan(usual.b!)
    expect(usual.b).toBeGreaterThan(usual.a!)
    expect(scoresOf(podTopologySpread, aPod(), { nodes, pods })).toBeUndefined()
  })
})

describe('InterPodAffinity', () => {
  const term = { labelSelector, topologyKey: ZONE }
  const required = { requiredDuringSchedulingIgnoredDuringExecution: [term] }
  const wanting: PodSpecInput = { affinity: { podAffinity: required } }
  const avoiding: PodSpecInput = { affinity: { podAntiAffinity: required } }
  const alone = "node(s) didn't match pod affinity rules"
  const together = "node(s) didn't match pod anti-affinity rules"
  const unwelcome = "node(s) didn't satisfy existing pods anti-affinity rules"
  const guard = aPod({ name: 'guard', node: 'a', spec: avoiding })

  test.for<[string, Pod, Pod[], [string, string, string]]>([
    ['company', aPod({ spec: wanting }), [web('a')], ['ok', 'ok', alone]],
    ['no company', aPod({ spec: wanting }), [], [alone, alone, alone]],
    [
      'the first of its kind',
      { ...web('', 'first'), spec: aPod({ spec: wanting }).spec },
      [],
      all(),
    ],
    ['rivals', aPod({ spec: avoiding }), [web('a')], [together, together, 'ok']],
    ['unwelcome', aPod({ labels: { app: 'web' } }), [guard], [unwelcome, unwelcome, 'ok']],
    ['of no concern', aPod({ labels: { app: 'db' } }), [guard], all()],
    [
      'company in another namespace',
      aPod({ spec: wanting }),
      [aPod({ name: 'o', namespace: 'other', node: 'a', labels: { app: 'web' } })],
      [alone, alone, alone],
    ],
  ])('%s', ([, pod, pods, [a, b, c]]) => {
    expect(verdictsOf(interPodAffinity, pod, { nodes, pods })).toEqual({ a, b, c })
  })

  function all(): [string, string, string] {
    return ['ok', 'ok', 'ok']
  }

  test('namespaces may be meant by their labels', () => {
    const namespaceSelector = { matchLabels: { team: 'one' } }
    const spec: PodSpecInput = {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, namespaceSelector }],
        },
      },
    }
    const pods = [aPod({ name: 'o', namespace: 'other', node: 'c', labels: { app: 'web' } })]
    const wish = { nodes, pods, namespaces: { other: { team: 'one' } } }
    expect(verdictsOf(interPodAffinity, aPod({ spec }), wish).c).toBe('ok')
    expect(verdictsOf(interPodAffinity, aPod({ spec }), { nodes, pods }).c).toBe(alone)
  })

  test('wishes score by weight, on both sides; what is required counts one', () => {
    const preferring = (weight: number): PodSpecInput => ({
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: term }],
        },
      },
    })
    const host = { ...term, topologyKey: HOST }
    const insists: PodSpecInput = {
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [host] } },
    }
    const pods = [
      aPod({ name: 'insists', node: 'a', spec: insists }),
      aPod({ name: 'prefers', node: 'c', spec: preferring(2) }),
    ]
    const pod = aPod({ labels: { app: 'web' } })
    expect(scoresOf(interPodAffinity, pod, { nodes, pods })).toEqual({ a: 50, b: 0, c: 100 })
    const wish = { nodes, pods: [web('c')] }
    expect(scoresOf(interPodAffinity, aPod({ spec: preferring(5) }), wish)).toEqual({
      a: 0,
      b: 0,
      c: 100,
    })
    expect(scoresOf(interPodAffinity, aPod(), wish)).toBeUndefined()
  })
})
