/** The rules of StatefulSets as tables, without any server. */
import { expect, test } from 'vitest'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerReference } from '../pods.ts'
import { planStatefulSet, type Step } from './statefulset-plan.ts'
import { changedOwners, ordinalOf } from './statefulset-pod.ts'

const NOW = Date.UTC(2030, 0, 1)
const [OLD, NEW] = ['web-old', 'web-new']

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'web' }] },
}

function stored(spec: object): StatefulSet {
  const selector = { matchLabels: { app: 'web' } }
  const set = decode(StatefulSet.schema, {
    metadata: { name: 'web', namespace: 'default', uid: 'set' },
    spec: { selector, template, ...spec },
  })
  return applyDefaults(StatefulSet.schema, set)
}

interface Facts {
  readonly version?: string
  readonly phase?: string
  readonly isReady?: boolean
  readonly isGoing?: boolean
}

/** Ready and of the new revision, unless it is said. */
function pod(ordinal: number, facts: Facts = {}): Pod {
  const { version = NEW, phase = 'Running', isReady = phase === 'Running', isGoing } = facts
  const name = `web-${ordinal}`
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      labels: { 'controller-revision-hash': version, 'statefulset.kubernetes.io/pod-name': name },
      ...(isGoing && { deletionTimestamp: '2029-12-31T00:00:00Z' }),
    },
    spec: {},
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

const told = (step: Step): string => {
  const name = step.pod.metadata.name
  if (step.type !== 'create') return `${step.type} ${name}`
  const version = step.pod.metadata.labels?.['controller-revision-hash']
  return `create ${name} ${version === NEW ? 'new' : 'old'}`
}

const plan = (set: StatefulSet, pods: readonly Pod[]) =>
  planStatefulSet({
    set,
    pods,
    current: { name: OLD, template: set.spec.template },
    update: { name: NEW, template: set.spec.template },
    claim: () => undefined,
    nowMs: NOW,
  })

const parallel = { podManagementPolicy: 'Parallel' }
const rolling = (rollingUpdate: object) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
})
const old = (ordinal: number, facts: Facts = {}) => pod(ordinal, { version: OLD, ...facts })
const sick = { isReady: false }
const going = { isGoing: true }

test.for<{ name: string; spec: object; pods: readonly Pod[]; steps: readonly string[] }>([
  { name: 'the lowest number first', spec: { replicas: 3 }, pods: [], steps: ['create web-0 new'] },
  {
    name: 'the next one when it is ready',
    spec: { replicas: 3 },
    pods: [pod(0)],
    steps: ['create web-1 new'],
  },
  { name: 'not before', spec: { replicas: 3 }, pods: [pod(0, { phase: 'Pending' })], steps: [] },
  { name: 'nor while one goes', spec: { replicas: 3 }, pods: [pod(0, going)], steps: [] },
  {
    name: 'a gap before all others',
    spec: { replicas: 3 },
    pods: [pod(0), pod(2)],
    steps: ['create web-1 new'],
  },
  {
    name: 'all at once in parallel',
    spec: { replicas: 3, ...parallel },
    pods: [pod(1, sick)],
    steps: ['create web-0 new', 'create web-2 new'],
  },
  {
    name: 'below the partition of the old revision',
    spec: { replicas: 3, ...parallel, ...rolling({ partition: 1 }) },
    pods: [pod(1)],
    steps: ['create web-0 old', 'create web-2 new'],
  },
  {
    name: 'the partition counts from the first ordinal',
    spec: { replicas: 2, ...parallel, ordinals: { start: 7 }, ...rolling({ partition: 1 }) },
    pods: [],
    steps: ['create web-7 old', 'create web-8 new'],
  },
  {
    name: 'what has failed goes, and nothing else happens',
    spec: { replicas: 2 },
    pods: [pod(0, { phase: 'Failed' }), pod(2)],
    steps: ['delete web-0'],
  },
  {
    name: 'what has succeeded, too',
    spec: { replicas: 1 },
    pods: [pod(0, { phase: 'Succeeded' })],
    steps: ['delete web-0'],
  },
  {
    name: 'not twice',
    spec: { replicas: 1 },
    pods: [pod(0, { phase: 'Failed', ...going })],
    steps: [],
  },
  {
    name: 'the highest of those too many',
    spec: { replicas: 1 },
    pods: [pod(0), pod(1), pod(10)],
    steps: ['delete web-10'],
  },
  {
    name: 'only when the one before is gone',
    spec: { replicas: 1 },
    pods: [pod(0), pod(1), pod(2, going)],
    steps: [],
  },
  {
    name: 'not while a lower one is sick',
    spec: { replicas: 1 },
    pods: [pod(0, sick), pod(1)],
    steps: [],
  },
  {
    name: 'one that is sick itself',
    spec: { replicas: 1 },
    pods: [pod(0), pod(1, sick)],
    steps: ['delete web-1'],
  },
  {
    name: 'not if a lower one that is too many is sick as well',
    spec: { replicas: 1 },
    pods: [pod(0), pod(1, sick), pod(2, sick)],
    steps: [],
  },
  {
    name: 'all of them in parallel',
    spec: { replicas: 1, ...parallel },
    pods: [pod(0, sick), pod(1), pod(2, going), pod(3, sick)],
    steps: ['delete web-3', 'delete web-1'],
  },
  {
    name: 'those below the first ordinal as well',
    spec: { replicas: 1, ordinals: { start: 2 } },
    pods: [pod(0), pod(1), pod(2)],
    steps: ['delete web-1'],
  },
  {
    name: 'the highest old one gives way',
    spec: { replicas: 3 },
    pods: [old(0), old(1), pod(2)],
    steps: ['delete web-1'],
  },
  {
    name: 'a size comes before a revision',
    spec: { replicas: 2 },
    pods: [old(0), old(1), old(2)],
    steps: ['delete web-2'],
  },
  {
    name: 'none below the partition',
    spec: { replicas: 3, ...rolling({ partition: 2 }) },
    pods: [old(0), old(1), pod(2)],
    steps: [],
  },
  {
    name: 'none on their own',
    spec: { replicas: 3, updateStrategy: { type: 'OnDelete' } },
    pods: [old(0), old(1), pod(2)],
    steps: [],
  },
  {
    name: 'as many as may be missing',
    spec: { replicas: 4, ...rolling({ maxUnavailable: 2 }) },
    pods: [old(0), old(1), old(2), pod(3)],
    steps: ['delete web-2', 'delete web-1'],
  },
  {
    name: 'a percentage is rounded down',
    spec: { replicas: 5, ...rolling({ maxUnavailable: '50%' }) },
    pods: [old(0), old(1), old(2), old(3), old(4)],
    steps: ['delete web-4', 'delete web-3'],
  },
  {
    name: 'and is never none',
    spec: { replicas: 2, ...rolling({ maxUnavailable: '10%' }) },
    pods: [old(0), old(1)],
    steps: ['delete web-1'],
  },
  {
    name: 'in parallel a new one that is not there yet counts',
    spec: { replicas: 4, ...parallel, ...rolling({ maxUnavailable: 2 }) },
    pods: [old(0), old(1), old(2), pod(3, sick)],
    steps: ['delete web-2'],
  },
  {
    name: 'in parallel a broken old one further down stops nothing',
    spec: { replicas: 3, ...parallel },
    pods: [old(0, sick), old(1), pod(2)],
    steps: ['delete web-1'],
  },
  {
    name: 'in parallel a broken old one is replaced',
    spec: { replicas: 1, ...parallel },
    pods: [old(0, sick)],
    steps: ['delete web-0'],
  },
])('planStatefulSet(): $name', ({ spec, pods, steps }) => {
  const { phases } = plan(stored(spec), pods)
  expect(phases.flat().map(told)).toEqual(steps)
})

test('planStatefulSet() leaves the pods of a set that goes, and counts them', () => {
  const set = stored({ replicas: 3 })
  Object.assign(set.metadata, { deletionTimestamp: '2029-12-31T00:00:00Z' })
  const { phases, status } = plan(set, [pod(0), old(1), pod(2, sick)])
  expect(phases).toEqual([])
  expect(status).toMatchObject({
    replicas: 3,
    readyReplicas: 2,
    currentReplicas: 1,
    updatedReplicas: 2,
    availableReplicas: 2,
    currentRevision: OLD,
    updateRevision: NEW,
  })
})

test('planStatefulSet() does not count a pod that it is about to replace as current', () => {
  expect(plan(stored({ replicas: 2 }), [old(0), pod(1)]).status.currentReplicas).toBeUndefined()
})

test('planStatefulSet() comes back when a pod will be available', () => {
  const set = stored({ replicas: 1, minReadySeconds: 86_410 })
  const { requeueAfterMs, status } = plan(set, [pod(0)])
  expect(requeueAfterMs).toBe(10_000)
  expect(status.availableReplicas).toBe(0)
})

test('planStatefulSet() gives a pod that was taken up its name', () => {
  const adopted = pod(0)
  adopted.metadata.labels = {}
  const [step, ...others] = plan(stored({ replicas: 1, ...rolling({ partition: 1 }) }), [
    adopted,
  ]).phases.flat()
  expect(others).toEqual([])
  expect(step).toMatchObject({
    type: 'correct',
    corrected: {
      metadata: {
        labels: {
          'statefulset.kubernetes.io/pod-name': 'web-0',
          'apps.kubernetes.io/pod-index': '0',
        },
      },
    },
  })
})

test.for<[string, number | undefined]>([
  ['web-0', 0],
  ['web-12', 12],
  ['web-01', undefined],
  ['web-', undefined],
  ['web-a-0', undefined],
  ['webb-0', undefined],
  ['a-web-0', undefined],
])('ordinalOf(): %s', ([name, ordinal]) => {
  expect(ordinalOf(stored({}), name)).toBe(ordinal)
})

const setOwner = controllerReference(StatefulSet, {
  metadata: { name: 'web', uid: 'set' },
} as never)
const podOwner = (uid = 'web-1') =>
  controllerReference(Pod, { metadata: { name: 'web-1', uid } } as never)
const other = { ...setOwner, name: 'other', uid: 'other' }

test.for<{
  name: string
  policy: string
  replicas?: number
  before?: object[]
  after: object[] | undefined
}>([
  { name: 'kept for ever', policy: 'Retain Retain', after: undefined },
  {
    name: 'kept from now on',
    policy: 'Retain Retain',
    before: [setOwner, podOwner(), other],
    after: [other],
  },
  { name: 'as long as the set', policy: 'Delete Retain', after: [setOwner] },
  {
    name: 'as long as the set, too many or not',
    policy: 'Delete Retain',
    replicas: 1,
    after: [setOwner],
  },
  { name: 'as long as its number is wanted', policy: 'Retain Delete', after: undefined },
  {
    name: 'until its number is no longer wanted',
    policy: 'Retain Delete',
    replicas: 1,
    after: [podOwner()],
  },
  { name: 'as long as set and number', policy: 'Delete Delete', after: [setOwner] },
  {
    name: 'until the number is no longer wanted',
    policy: 'Delete Delete',
    replicas: 1,
    before: [setOwner],
    after: [podOwner()],
  },
  {
    name: 'wanted again',
    policy: 'Delete Delete',
    before: [podOwner()],
    after: [setOwner],
  },
  { name: 'as it should be', policy: 'Delete Delete', before: [setOwner], after: undefined },
  {
    name: 'an owner that does not manage it',
    policy: 'Delete Retain',
    before: [{ ...setOwner, controller: false }],
    after: [setOwner],
  },
  { name: "somebody else's", policy: 'Delete Delete', before: [other], after: undefined },
  {
    name: 'of a set that was, with the same name',
    policy: 'Delete Delete',
    before: [{ ...setOwner, uid: 'before' }],
    after: undefined,
  },
  {
    name: 'of a pod that was',
    policy: 'Delete Delete',
    before: [podOwner('before')],
    after: undefined,
  },
])('changedOwners(): $name', ({ policy, replicas = 2, before = [], after }) => {
  const [whenDeleted, whenScaled] = policy.split(' ')
  const set = stored({
    replicas,
    persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
  })
  const claim = { metadata: { ownerReferences: before } } as unknown as PersistentVolumeClaim
  expect(changedOwners(claim, set, 1, pod(1))).toEqual(after)
})
