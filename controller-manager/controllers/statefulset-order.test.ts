/** Whatever happens to a StatefulSet, its pods come and go in order, and end up right. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { fuzz } from '#test/fuzz.ts'
import { planStatefulSet, type Step } from './statefulset-plan.ts'
import { versionOf } from './statefulset-pod.ts'

const NOW = Date.UTC(2030, 0, 1)
const ROUNDS_MAX = 200
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'web' }] },
}

interface Wish {
  readonly start: number
  readonly replicas: number
  readonly partition: number
  readonly version: string
  readonly isParallel: boolean
  readonly maxUnavailable: number
}

type Condition = 'Pending' | 'Ready' | 'Sick' | 'Failed'

interface Present {
  readonly version: string
  condition: Condition
  isGoing: boolean
}

/** What a cluster would hold: pods by their numbers, and the status as it was written last. */
class World {
  readonly pods = new Map<number, Present>()
  wish: Wish
  status: object = {}

  constructor(wish: Wish) {
    this.wish = wish
  }

  /** One reconcile. `seen` hears of each step before it is done. */
  reconcile(seen: (step: Step, ordinal: number) => void = () => undefined): number {
    const { start, replicas, partition, version, isParallel, maxUnavailable } = this.wish
    const set = decode(StatefulSet.schema, {
      metadata: { name: 'web', namespace: 'default', uid: 'set' },
      spec: {
        replicas,
        template,
        ordinals: { start },
        podManagementPolicy: isParallel ? 'Parallel' : 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition, maxUnavailable } },
      },
      status: this.status,
    })
    applyDefaults(StatefulSet.schema, set)
    const current = set.status.currentRevision || version
    const plan = planStatefulSet({
      set,
      pods: [...this.pods].map(([ordinal, present]) => podOf(ordinal, present)),
      current: { name: current, template: set.spec.template },
      update: { name: version, template: set.spec.template },
      claim: () => undefined,
      nowMs: NOW,
    })
    const steps = plan.phases.flat()
    for (const step of steps) {
      const ordinal = Number(step.pod.metadata.name.slice('web-'.length))
      seen(step, ordinal)
      if (step.type === 'delete') this.pods.get(ordinal)!.isGoing = true
      if (step.type !== 'create') continue
      expect(this.pods.has(ordinal)).toBe(false)
      const made = step.pod.metadata.labels?.['controller-revision-hash'] ?? ''
      this.pods.set(ordinal, { version: made, condition: 'Pending', isGoing: false })
    }
    this.status = plan.status
    return steps.length
  }

  get wanted(): readonly number[] {
    const { start, replicas } = this.wish
    return Array.from({ length: replicas }, (_, index) => start + index)
  }

  isHealthy(ordinal: number): boolean {
    const pod = this.pods.get(ordinal)
    return pod?.condition === 'Ready' && !pod.isGoing
  }
}

function podOf(ordinal: number, { version, condition, isGoing }: Present): Pod {
  const name = `web-${ordinal}`
  const [phase, status] = {
    Pending: ['Pending', 'False'],
    Ready: ['Running', 'True'],
    Sick: ['Running', 'False'],
    Failed: ['Failed', 'False'],
  }[condition] as [string, string]
  return {
    metadata: {
      name,
      uid: name,
      labels: { 'controller-revision-hash': version, 'statefulset.kubernetes.io/pod-name': name },
      ...(isGoing && { deletionTimestamp: '2029-12-31T00:00:00Z' }),
    },
    spec: {},
    status: {
      phase,
      conditions: [{ type: 'Ready', status, lastTransitionTime: '2029-12-31T00:00:00Z' }],
    },
  } as unknown as Pod
}

/** What happens from outside, as a change of the world. */
type Happening = (world: World) => void

const ordinal = fc.nat(9)
const change = (wish: Partial<Wish>): Happening => {
  return (world) => {
    world.wish = { ...world.wish, ...wish }
  }
}
const toPod = (act: (pod: Present, world: World, number: number) => void) =>
  ordinal.map((number): Happening => {
    return (world) => {
      const pod = world.pods.get(number)
      if (pod) act(pod, world, number)
    }
  })
const become = (condition: Condition) =>
  toPod((pod) => {
    if (pod.condition !== 'Failed') pod.condition = condition
  })

/** Kubelets that work: pods become ready, and those that are to go are gone. */
const work: Happening = ({ pods }) => {
  for (const [number, pod] of pods) {
    if (pod.isGoing) pods.delete(number)
    else if (pod.condition !== 'Failed') pod.condition = 'Ready'
  }
}

const happening = fc.oneof(
  { weight: 12, arbitrary: fc.constant(work) },
  { weight: 2, arbitrary: fc.nat(6).map((replicas) => change({ replicas })) },
  { weight: 2, arbitrary: fc.nat(3).map((number) => change({ version: `v${number}` })) },
  { weight: 1, arbitrary: fc.nat(3).map((start) => change({ start })) },
  { weight: 1, arbitrary: fc.nat(4).map((partition) => change({ partition })) },
  { weight: 1, arbitrary: fc.boolean().map((isParallel) => change({ isParallel })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3 }).map((count) => change({ maxUnavailable: count })),
  },
  { weight: 8, arbitrary: become('Ready') },
  { weight: 1, arbitrary: become('Sick') },
  { weight: 1, arbitrary: become('Failed') },
  {
    weight: 2,
    arbitrary: toPod((pod) => {
      pod.isGoing = true
    }),
  },
  {
    weight: 6,
    arbitrary: toPod((pod, world, number) => {
      if (pod.isGoing) world.pods.delete(number)
    }),
  },
)

const first: Wish = {
  start: 0,
  replicas: 3,
  partition: 0,
  version: 'v0',
  isParallel: false,
  maxUnavailable: 1,
}

/** What upstream promises of sets whose pods are managed in order. */
function checkOrder(world: World): (step: Step, ordinal: number) => void {
  const { wish, wanted } = world
  const before = new Map([...world.pods].map(([number, pod]) => [number, { ...pod }]))
  const healthy = new Set([...before.keys()].filter((number) => world.isHealthy(number)))
  let updated = 0
  return (step, number) => {
    const isWanted = wanted.includes(number)
    if (step.type === 'create') {
      expect(isWanted).toBe(true)
      expect(wanted.filter((each) => each < number && !healthy.has(each))).toEqual([])
      return
    }
    if (step.type !== 'delete') return
    const { condition, version, isGoing } = before.get(number)!
    expect(isGoing).toBe(false)
    if (!isWanted) {
      // Scaled down: all that stay are well, and nothing above is left.
      expect(wanted.every((each) => healthy.has(each))).toBe(true)
      expect([...before.keys()].some((each) => each > number && !wanted.includes(each))).toBe(false)
    } else if (condition !== 'Failed') {
      expect(wanted.every((each) => healthy.has(each))).toBe(true)
      expect(version).not.toBe(wish.version)
      expect(number).toBeGreaterThanOrEqual(wish.start + wish.partition)
      expect(++updated).toBeLessThanOrEqual(wish.maxUnavailable)
    }
  }
}

function settle(world: World): void {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    work(world)
    if (world.reconcile() === 0) return
  }
  expect.fail('it never comes to rest')
}

test('in order, and right in the end', () => {
  const events = fc.array(fc.tuple(happening, fc.boolean()), { maxLength: 60 })
  const property = fc.property(events, (all) => {
    const world = new World(first)
    for (const [happens, isLookedAt] of all) {
      happens(world)
      if (isLookedAt) world.reconcile(world.wish.isParallel ? undefined : checkOrder(world))
    }
    settle(world)
    const { wanted, wish } = world
    expect([...world.pods.keys()].toSorted((a, b) => a - b)).toEqual(wanted)
    for (const number of wanted.slice(wish.partition)) {
      expect(versionOf(podOf(number, world.pods.get(number)!))).toBe(wish.version)
    }
    expect(world.status).toMatchObject({
      replicas: wish.replicas,
      availableReplicas: wish.replicas,
      updateRevision: wish.version,
    })
  })
  fc.assert(property, fuzz(1000))
})
