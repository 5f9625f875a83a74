/** The rules of DaemonSets as tables, without any server. */
import { describe, expect, test } from 'vitest'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { ManualClock } from '#daemon/clock.ts'
import { FailureBackoff } from './daemonset-backoff.ts'
import { type DaemonState, planNodes, podsByNode } from './daemonset-plan.ts'
import { daemonPod, nodeFit, targetNode } from './daemonset-pod.ts'
import { planRollout } from './daemonset-rollout.ts'
import { daemonSetStatus } from './daemonset-status.ts'

const NOW = Date.UTC(2030, 0, 1)

function stored(spec: object = {}, podSpec: object = {}): DaemonSet {
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'web' }], ...podSpec },
  }
  const daemonSet = decode(DaemonSet.schema, {
    metadata: { name: 'web', namespace: 'default', uid: 'set', generation: 3 },
    spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
  })
  daemonSet.metadata.annotations = { 'deprecated.daemonset.template.generation': '2' }
  return applyDefaults(DaemonSet.schema, daemonSet)
}

const node = (name: string, taints: object[] = [], labels: object = {}): Node =>
  ({ metadata: { name, labels }, spec: { taints } }) as unknown as Node

interface Facts {
  readonly on?: string
  readonly isOld?: boolean
  readonly phase?: string
  readonly isReady?: boolean
  readonly isGoing?: boolean
  readonly createdAt?: string
  /** Whether it only waits for its node. */
  readonly isUnbound?: boolean
}

/** Ready, bound and of the new revision, unless it is said. */
function pod(name: string, facts: Facts = {}): Pod {
  const { on = 'n1', phase = 'Running', isReady = phase === 'Running' } = facts
  const made = daemonPod(stored(), facts.isOld ? 'old' : 'new', on)
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: facts.createdAt ?? '2029-01-01T00:00:00Z',
      labels: { 'controller-revision-hash': facts.isOld ? 'old' : 'new' },
      ...(facts.isGoing && { deletionTimestamp: '2029-12-31T00:00:00Z' }),
    },
    spec: { ...made.spec, ...(!facts.isUnbound && { nodeName: on }) },
    status: {
      phase,
      conditions: [
        {
          type: 'Ready',
          status: isReady ? 'True' : 'False',
          lastTransitionTime: '2029-12-31T00:00:00Z',
        },
      ],
    },
  } as unknown as Pod
}

const state = (
  daemonSet: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  heldForMs = 0,
): DaemonState => ({
  daemonSet,
  nodes,
  podsOn: podsByNode(pods),
  hash: 'new',
  heldForMs: () => heldForMs,
  nowMs: NOW,
})

const rolling = (rollingUpdate: object) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
})
const surge = rolling({ maxSurge: 1, maxUnavailable: 0 })
const old = (name: string, facts: Facts = {}) => pod(name, { isOld: true, ...facts })
const later = { createdAt: '2029-06-01T00:00:00Z' }
const named = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name)
const taint = (effect: string) => ({ key: 'trouble', effect })

describe('nodeFit()', () => {
  const both = [true, true]
  const none = [false, false]
  test.for<{ name: string; spec?: object; node: Node; fit: boolean[] }>([
    { name: 'any node', node: node('n1'), fit: both },
    {
      name: 'a label that it has',
      spec: { nodeSelector: { disk: 'ssd' } },
      node: node('n1', [], { disk: 'ssd' }),
      fit: both,
    },
    {
      name: 'a label that it lacks',
      spec: { nodeSelector: { disk: 'ssd' } },
      node: node('n1'),
      fit: none,
    },
    {
      name: 'an affinity to another',
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n1'] }] },
              ],
            },
          },
        },
      },
      node: node('n1'),
      fit: none,
    },
    { name: 'its name', spec: { nodeName: 'n1' }, node: node('n1'), fit: both },
    { name: 'another name', spec: { nodeName: 'n2' }, node: node('n1'), fit: none },
    { name: 'a taint', node: node('n1', [taint('NoSchedule')]), fit: [false, true] },
    { name: 'a taint that evicts', node: node('n1', [taint('NoExecute')]), fit: none },
    { name: 'a mild taint', node: node('n1', [taint('PreferNoSchedule')]), fit: both },
    {
      name: 'a taint that it tolerates',
      spec: { tolerations: [{ operator: 'Exists' }] },
      node: node('n1', [taint('NoExecute')]),
      fit: both,
    },
    {
      name: 'a node that is not ready yet',
      node: node('n1', [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]),
      fit: [false, true],
    },
    {
      name: 'a node that cannot be reached',
      node: node('n1', [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]),
      fit: both,
    },
    {
      name: 'a node without a network',
      node: node('n1', [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }]),
      fit: [false, true],
    },
    {
      name: 'a node without a network that it does not need',
      spec: { hostNetwork: true },
      node: node('n1', [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }]),
      fit: both,
    },
  ])('$name', ({ spec, node: on, fit }) => {
    const { shouldRun, mayStay } = nodeFit(stored({}, spec).spec.template.spec, on)
    expect([shouldRun, mayStay]).toEqual(fit)
  })
})

test('daemonPod() tolerates trouble for ever, whatever the template says', () => {
  const tolerations = [
    {
      key: 'node.kubernetes.io/not-ready',
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    },
    { key: 'mine', operator: 'Exists' },
  ]
  const { spec } = daemonPod(stored({}, { tolerations }), 'new', 'n1')
  expect(spec?.tolerations).toHaveLength(7)
  expect(spec?.tolerations?.slice(0, 2)).toEqual([
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    { key: 'mine', operator: 'Exists' },
  ])
})

test('daemonPod() keeps what the template prefers of nodes', () => {
  const preferred = [{ weight: 1, preference: { matchExpressions: [] } }]
  const affinity = {
    nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred },
    podAntiAffinity: {},
  }
  const { spec } = daemonPod(stored({}, { affinity }), 'new', 'n1')
  expect(spec?.affinity?.podAntiAffinity).toBeDefined()
  const made = spec?.affinity?.nodeAffinity
  expect(made?.preferredDuringSchedulingIgnoredDuringExecution).toHaveLength(1)
  expect(targetNode({ spec: spec as PodSpec } as Pod)).toBe('n1')
})

describe('planNodes()', () => {
  test.for<{
    name: string
    spec?: object
    nodes?: readonly Node[]
    pods?: readonly Pod[]
    heldForMs?: number
    create?: string[]
    remove?: string[]
    requeueAfterMs?: number
  }>([
    { name: 'a node without a pod gets one', create: ['n1'] },
    { name: 'not one that does not suit it', nodes: [node('n1', [taint('NoSchedule')])] },
    { name: 'one is enough', pods: [pod('a')] },
    { name: 'one that waits for the node, too', pods: [pod('a', { isUnbound: true })] },
    { name: 'nor is there a second one while one goes', pods: [pod('a', { isGoing: true })] },
    {
      name: 'but when that has ended',
      pods: [pod('a', { isGoing: true, phase: 'Failed' })],
      create: ['n1'],
    },
    { name: 'of two the older one stays', pods: [pod('b', later), pod('a')], remove: ['b'] },
    {
      name: 'or the one that is on the node',
      pods: [pod('a', { isUnbound: true }), pod('b', later)],
      remove: ['a'],
    },
    { name: 'a failed one goes', pods: [pod('a', { phase: 'Failed' })], remove: ['a'] },
    {
      name: 'not so soon again',
      pods: [pod('a', { phase: 'Failed' })],
      heldForMs: 500,
      requeueAfterMs: 500,
    },
    {
      name: 'one that has succeeded goes at once',
      pods: [pod('a', { phase: 'Succeeded' })],
      heldForMs: 500,
      remove: ['a'],
    },
    {
      name: 'a taint that evicts takes the pod away',
      nodes: [node('n1', [taint('NoExecute')])],
      pods: [pod('a'), pod('b', { isGoing: true })],
      remove: ['a'],
    },
    {
      name: 'any other leaves it',
      nodes: [node('n1', [taint('NoSchedule')])],
      pods: [pod('a')],
    },
    {
      name: 'a pod that waits for a node that is gone goes',
      nodes: [],
      pods: [pod('a', { isUnbound: true }), pod('b', { on: 'n2' })],
      remove: ['a'],
    },
    {
      name: 'surging, one that goes does not count',
      spec: surge,
      pods: [pod('a', { isGoing: true })],
      create: ['n1'],
    },
    {
      name: 'surging, nor does one that has failed, but another one waits with it',
      spec: surge,
      pods: [pod('a', { phase: 'Failed' })],
      heldForMs: 500,
      requeueAfterMs: 500,
    },
    {
      name: 'surging, until it goes',
      spec: surge,
      pods: [pod('a', { phase: 'Failed' })],
      create: ['n1'],
      remove: ['a'],
    },
    {
      name: 'surging, an old one stays beside a new one that does not work yet',
      spec: surge,
      pods: [old('a'), pod('b', { isReady: false })],
    },
    {
      name: 'surging, it goes when the new one works',
      spec: surge,
      pods: [old('a'), pod('b')],
      remove: ['a'],
    },
    {
      name: 'surging, or when it does not work itself',
      spec: surge,
      pods: [old('a', { isReady: false }), pod('b', { isReady: false })],
      remove: ['a'],
    },
    {
      name: 'surging, of several of a kind the oldest stays',
      spec: surge,
      pods: [old('a'), old('b', later), pod('c', { isReady: false }), pod('d', later)],
      remove: ['b', 'd'],
    },
  ])('$name', ({ spec = {}, nodes = [node('n1')], pods = [], heldForMs, ...wanted }) => {
    const plan = planNodes(state(stored(spec), nodes, pods, heldForMs))
    expect(plan.create).toEqual(wanted.create ?? [])
    expect(named(plan.remove)).toEqual(wanted.remove ?? [])
    expect(plan.requeueAfterMs).toBe(wanted.requeueAfterMs)
  })
})

describe('planRollout()', () => {
  const [n1, n2, n3, n4] = ['n1', 'n2', 'n3', 'n4'].map((on) => ({ on }))
  const nodes = ['n1', 'n2', 'n3', 'n4'].map((name) => node(name))
  const sick = { isReady: false }
  const olds = [old('a', n1), old('b', n2), old('c', n3), old('d', n4)]
  test.for<{
    name: string
    spec?: object
    on?: readonly Node[]
    pods: readonly Pod[]
    create?: string[]
    remove?: string[]
  }>([
    { name: 'one at a time', pods: olds, remove: ['a'] },
    { name: 'none on their own', spec: { updateStrategy: { type: 'OnDelete' } }, pods: olds },
    {
      name: 'a percentage is rounded up',
      spec: rolling({ maxUnavailable: '30%' }),
      pods: olds,
      remove: ['a', 'b'],
    },
    {
      name: 'a new one that does not work yet counts',
      spec: rolling({ maxUnavailable: 2 }),
      pods: [pod('a', { ...n1, ...sick }), ...olds.slice(1)],
      remove: ['b'],
    },
    { name: 'as does a node without any', pods: olds.slice(1) },
    { name: 'or one whose pod goes', pods: [old('a', { isGoing: true }), ...olds.slice(1)] },
    {
      name: 'an old one that does not work goes at once, and counts',
      pods: [...olds.slice(0, 2), old('c', { ...n3, ...sick }), old('d', { ...n4, ...sick })],
      remove: ['c', 'd'],
    },
    {
      name: 'the generation of the template tells, too',
      pods: [
        ...olds.slice(1).map((each) => ({
          ...each,
          metadata: { ...each.metadata, labels: { 'pod-template-generation': '2' } },
        })),
        olds[0]!,
      ],
      remove: ['a'],
    },
    { name: 'surging, a new one comes first', spec: surge, pods: olds, create: ['n1'] },
    {
      name: 'surging, a percentage is rounded up',
      spec: rolling({ maxSurge: '30%', maxUnavailable: 0 }),
      pods: olds,
      create: ['n1', 'n2'],
    },
    {
      name: 'surging, one that does not work yet counts',
      spec: surge,
      pods: [...olds, pod('e', { ...n4, ...sick })],
    },
    {
      name: 'surging, one that works takes over',
      spec: surge,
      pods: [...olds, pod('e', n4)],
      create: ['n1'],
      remove: ['d'],
    },
    {
      name: 'surging, an old one that does not work gets a new one beside it at once',
      spec: surge,
      pods: [...olds.slice(0, 3), old('d', { ...n4, ...sick })],
      create: ['n4', 'n1'],
    },
    {
      name: 'surging, a node that is not wanted any more keeps its pod until others work',
      spec: surge,
      on: [node('n1', [taint('NoSchedule')]), ...nodes.slice(1)],
      pods: [old('a', n1), pod('b', n2), pod('c', n3), pod('d', { ...n4, ...sick })],
    },
    {
      name: 'surging, and not longer',
      spec: surge,
      on: [node('n1', [taint('NoSchedule')]), ...nodes.slice(1)],
      pods: [old('a', n1), pod('b', n2), pod('c', n3), pod('d', n4)],
      remove: ['a'],
    },
    {
      name: 'surging, nor does it keep one that does not work',
      spec: surge,
      on: [node('n1', [taint('NoSchedule')]), ...nodes.slice(1)],
      pods: [
        old('a', { ...n1, ...sick }),
        pod('b', n2),
        pod('c', n3),
        pod('d', { ...n4, ...sick }),
      ],
      remove: ['a'],
    },
  ])('$name', ({ spec = {}, on = nodes, pods, create = [], remove = [] }) => {
    const plan = planRollout(state(stored(spec), on, pods))
    expect([plan.create, named(plan.remove)]).toEqual([create, remove])
  })
})

test('daemonSetStatus() counts nodes by the oldest of their pods', () => {
  const nodes = [node('n1'), node('n2'), node('n3'), node('n4', [taint('NoSchedule')])]
  const pods = [
    old('a'),
    pod('b', later),
    pod('c', { on: 'n2', isReady: false }),
    pod('d', { on: 'n4' }),
  ]
  expect(daemonSetStatus(state(stored(), nodes, pods))).toEqual({
    desiredNumberScheduled: 3,
    currentNumberScheduled: 2,
    numberMisscheduled: 1,
    numberReady: 1,
    numberAvailable: 1,
    numberUnavailable: 2,
    updatedNumberScheduled: 1,
    observedGeneration: 3,
  })
})

test('FailureBackoff doubles its waits up to a quarter of an hour, and forgets', () => {
  const clock = new ManualClock()
  const backoff = new FailureBackoff()
  expect(backoff.remainingMs('n1', clock)).toBe(0)
  const waits = Array.from({ length: 12 }, () => {
    backoff.note('n1', clock)
    const wait = backoff.remainingMs('n1', clock)
    clock.jump(wait)
    return wait / 1000
  })
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  expect(backoff.remainingMs('n2', clock)).toBe(0)
  clock.jump(30 * 60_000)
  backoff.note('n1', clock)
  expect(backoff.remainingMs('n1', clock)).toBe(1000)
})
