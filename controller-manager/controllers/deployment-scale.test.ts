/** How a Deployment moves pods between its ReplicaSets, and spreads what is added. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deployment } from '#api/kinds/apps/deployment.ts'
import type { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { allOf, DESIRED_REPLICAS, MAX_REPLICAS, type Revisions } from './deployment-revision.ts'
import {
  currentReplicas,
  isScaled,
  limitsOf,
  planRecreate,
  planRolling,
  planScaling,
  wantedReplicas,
} from './deployment-scale.ts'

interface Size {
  readonly wanted: number
  readonly available?: number
  /** For how many pods it was sized, and with how many at most. */
  readonly sizedFor?: number
  readonly max?: number
}

function replicaSet(name: string, age: number, size: Size): ReplicaSet {
  const { wanted, available = wanted, sizedFor = 10, max = 13 } = size
  const annotations = { [DESIRED_REPLICAS]: `${sizedFor}`, [MAX_REPLICAS]: `${max}` }
  const creationTimestamp = `2029-01-${String(age).padStart(2, '0')}T00:00:00Z`
  return {
    metadata: { name, uid: name, annotations, creationTimestamp },
    spec: { replicas: wanted },
    status: { replicas: wanted, availableReplicas: available },
  } as unknown as ReplicaSet
}

interface Scene {
  readonly replicas: number
  readonly maxSurge?: number | string
  readonly maxUnavailable?: number | string
  readonly type?: string
  readonly old?: readonly Size[]
  readonly current?: Size
}

function revisions(scene: Scene): Revisions {
  const { replicas, maxSurge = '25%', maxUnavailable = '25%', type = 'RollingUpdate' } = scene
  const rollingUpdate = type === 'RollingUpdate' ? { maxSurge, maxUnavailable } : undefined
  const old = (scene.old ?? []).map((size, at) => replicaSet(`old-${at}`, at + 1, size))
  const deployment = {
    metadata: { name: 'web' },
    spec: { replicas, strategy: { type, rollingUpdate } },
    status: { replicas: old.reduce((sum, { spec }) => sum + spec.replicas, 0) },
  } as unknown as Deployment
  return { deployment, old, current: scene.current && replicaSet('new', 20, scene.current) }
}

const shown = (plan: ReturnType<typeof planRolling>) =>
  Object.fromEntries(plan.map((each) => [each.replicaSet.metadata.name, each.replicas]))

test.for([
  { replicas: 10, maxSurge: '25%', maxUnavailable: '25%', surge: 3, unavailable: 2 },
  { replicas: 1, maxSurge: '25%', maxUnavailable: '25%', surge: 1, unavailable: 0 },
  { replicas: 1, maxSurge: 0, maxUnavailable: '25%', surge: 0, unavailable: 1 },
  { replicas: 3, maxSurge: 0, maxUnavailable: 9, surge: 0, unavailable: 3 },
  { replicas: 0, maxSurge: 1, maxUnavailable: 1, surge: 1, unavailable: 0 },
])('limitsOf() $replicas with $maxSurge, $maxUnavailable', ({ surge, unavailable, ...scene }) => {
  expect(limitsOf(revisions(scene).deployment)).toEqual({ surge, unavailable })
})

describe('planRolling()', () => {
  test.for<{ name: string; scene: Scene; plan: Record<string, number> }>([
    {
      name: 'grows as far as the surge allows',
      scene: { replicas: 10, old: [{ wanted: 10 }], current: { wanted: 0 } },
      plan: { new: 3 },
    },
    {
      name: 'then takes away what may be unavailable',
      scene: { replicas: 10, old: [{ wanted: 10 }], current: { wanted: 3, available: 0 } },
      plan: { 'old-0': 8 },
    },
    {
      name: 'waits for new pods to become available',
      scene: { replicas: 10, old: [{ wanted: 8 }], current: { wanted: 5, available: 0 } },
      plan: {},
    },
    {
      name: 'takes broken old pods first',
      scene: {
        replicas: 10,
        old: [{ wanted: 8 }, { wanted: 2, available: 0 }],
        current: { wanted: 3, available: 0 },
      },
      plan: { 'old-1': 0 },
    },
    {
      name: 'goes from the oldest to the youngest',
      scene: {
        replicas: 10,
        old: [{ wanted: 3 }, { wanted: 3 }],
        current: { wanted: 7, available: 7 },
      },
      plan: { 'old-0': 0, 'old-1': 1 },
    },
    {
      name: 'shrinks what is too large',
      scene: { replicas: 3, current: { wanted: 5 } },
      plan: { new: 3 },
    },
    { name: 'rests when it is done', scene: { replicas: 3, current: { wanted: 3 } }, plan: {} },
  ])('$name', ({ scene, plan }) => {
    expect(shown(planRolling(revisions(scene)))).toEqual(plan)
  })

  const count = fc.integer({ min: 0, max: 12 })
  const size = fc.tuple(count, count).map(([wanted, broken]) => ({
    wanted,
    available: Math.max(wanted - broken, 0),
  }))

  test('keeps within its limits, whatever there is', () => {
    const scene = fc.record({
      replicas: fc.integer({ min: 1, max: 12 }),
      maxSurge: fc.integer({ min: 0, max: 4 }),
      maxUnavailable: fc.integer({ min: 0, max: 4 }),
      old: fc.array(size, { maxLength: 4 }),
      current: size,
    })
    const check = (given: Scene) => {
      const before = revisions(given)
      const { surge, unavailable } = limitsOf(before.deployment)
      const plan = planRolling(before)
      for (const { replicaSet, replicas } of plan) {
        expect(replicas).toBeGreaterThanOrEqual(0)
        if (replicaSet === before.current) continue
        expect(replicas).toBeLessThan(replicaSet.spec.replicas)
      }
      const changes = plan.map((each) => each.replicas - each.replicaSet.spec.replicas)
      const growth = changes.reduce((sum, each) => sum + each, 0)
      const total = wantedReplicas(allOf(before)) + growth
      if (growth > 0) expect(total).toBeLessThanOrEqual(given.replicas + surge)
      const isShrinkingOld = plan.some(({ replicaSet }) => replicaSet !== before.current)
      if (isShrinkingOld) expect(total).toBeGreaterThanOrEqual(given.replicas - unavailable)
    }
    fc.assert(fc.property(scene, check), { seed: 42, numRuns: 500 })
  })

  test('comes to an end when pods become available', () => {
    const scene = fc.record({
      replicas: fc.integer({ min: 0, max: 12 }),
      maxSurge: fc.integer({ min: 0, max: 4 }),
      maxUnavailable: fc.integer({ min: 0, max: 4 }),
      old: fc.array(size, { maxLength: 4 }),
      current: size,
    })
    const settle = (given: Scene) => {
      let { old = [], current } = given
      for (let round = 0; round < 100; round++) {
        const plan = shown(planRolling(revisions({ ...given, old, current: current! })))
        const isSettled = current!.available === current!.wanted
        if (Object.keys(plan).length === 0 && isSettled) break
        old = old.map((each, at) => {
          const wanted = plan[`old-${at}`] ?? each.wanted
          return { wanted, available: Math.min(wanted, each.available ?? 0) }
        })
        const wanted = plan.new ?? current!.wanted
        current = { wanted, available: wanted }
      }
      expect(current!.wanted).toBe(given.replicas)
      expect(old.every(({ wanted }) => wanted === 0)).toBe(true)
    }
    fc.assert(fc.property(scene, settle), { seed: 42, numRuns: 300 })
  })
})

describe('planScaling()', () => {
  test.for<{ name: string; scene: Scene; plan: Record<string, number> }>([
    {
      name: 'the only one in use',
      scene: { replicas: 20, old: [{ wanted: 10 }], current: { wanted: 0 } },
      plan: { 'old-0': 20 },
    },
    {
      name: 'the current one when none is in use',
      scene: { replicas: 4, old: [{ wanted: 0 }], current: { wanted: 0 } },
      plan: { new: 4 },
    },
    {
      name: 'the latest of old ones when there is no other',
      scene: { replicas: 4, old: [{ wanted: 0 }, { wanted: 0 }] },
      plan: { 'old-1': 4 },
    },
    {
      name: 'up in proportion, the rest to the largest',
      scene: { replicas: 15, maxSurge: 3, old: [{ wanted: 8 }], current: { wanted: 5 } },
      plan: { 'old-0': 11, new: 7 },
    },
    {
      name: 'down in proportion',
      scene: { replicas: 5, maxSurge: 3, old: [{ wanted: 8 }], current: { wanted: 5 } },
      plan: { 'old-0': 5, new: 3 },
    },
    {
      name: 'down to nothing',
      scene: { replicas: 0, maxSurge: 3, old: [{ wanted: 8 }], current: { wanted: 5 } },
      plan: { 'old-0': 0, new: 0 },
    },
    {
      name: 'old ones end when the current one is complete',
      scene: { replicas: 10, old: [{ wanted: 2 }], current: { wanted: 10 } },
      plan: { 'old-0': 0 },
    },
  ])('$name', ({ scene, plan }) => {
    expect(shown(planScaling(revisions(scene)))).toEqual(plan)
  })

  test('gives out exactly what is allowed', () => {
    const wanted = fc.integer({ min: 1, max: 50 })
    const scene = fc.record({
      replicas: fc.integer({ min: 0, max: 200 }),
      maxSurge: fc.integer({ min: 0, max: 20 }),
      sizes: fc.array(wanted, { minLength: 2, maxLength: 5 }),
    })
    const check = ({ sizes, ...rest }: { sizes: number[]; replicas: number; maxSurge: number }) => {
      const max = sizes.reduce((sum, each) => sum + each, 0)
      const [first, ...others] = sizes.map((each) => ({ wanted: each, available: 0, max }))
      const given = revisions({ ...rest, old: others, current: first! })
      const plan = planScaling(given)
      const total = plan.reduce((sum, { replicas }) => sum + replicas, 0)
      const { surge } = limitsOf(given.deployment)
      expect(total).toBe(rest.replicas === 0 ? 0 : rest.replicas + surge)
      expect(plan.every(({ replicas }) => replicas >= 0)).toBe(true)
    }
    fc.assert(fc.property(scene, check), { seed: 42, numRuns: 300 })
  })
})

test('planRecreate() stops all that is old before it starts anything', () => {
  const scene = { replicas: 3, type: 'Recreate', current: { wanted: 0 } }
  expect(shown(planRecreate(revisions({ ...scene, old: [{ wanted: 3 }] })))).toEqual({ 'old-0': 0 })
  expect(shown(planRecreate(revisions({ ...scene, old: [{ wanted: 0 }] })))).toEqual({ new: 3 })
})

test('currentReplicas() of one that is yet to be created', () => {
  expect(currentReplicas(revisions({ replicas: 10 }))).toBe(10)
  expect(currentReplicas(revisions({ replicas: 10, old: [{ wanted: 10 }] }))).toBe(3)
  expect(currentReplicas(revisions({ replicas: 10, type: 'Recreate' }))).toBe(10)
})

test.for([
  { name: 'sized for as many', size: { wanted: 3, sizedFor: 3 }, expected: false },
  { name: 'sized for others', size: { wanted: 3, sizedFor: 4 }, expected: true },
  { name: 'not in use', size: { wanted: 0, sizedFor: 4 }, expected: false },
])('isScaled(): $name', ({ size, expected }) => {
  expect(isScaled(revisions({ replicas: 3, current: size }))).toBe(expected)
})
