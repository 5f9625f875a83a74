/** Rules about volumes: which nodes can have those of a pod. */
import { describe, expect, test } from 'vitest'
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import {
  aNode,
  aPod,
  type PodSpecInput,
  type StorageWish,
  verdictsOf,
} from '#bench/scheduling-view.ts'
import { nodeVolumeLimits } from './node-volume-limits.ts'
import { volumeBinding } from './volume-binding.ts'
import { volumeRestrictions } from './volume-restrictions.ts'
import { volumeZone } from './volume-zone.ts'

const nodes = [aNode('a', { labels: { zone: 'x' } }), aNode('b', { labels: { zone: 'y' } })]

const using = (...claims: string[]): PodSpecInput => ({
  volumes: claims.map((claimName, at) => ({
    name: `v${at}`,
    persistentVolumeClaim: { claimName },
  })),
})

function claim(name: string, spec: object = {}, more: { metadata?: object; status?: object } = {}) {
  return {
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, ...more.metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase: 'Pending', ...more.status },
  } as unknown as PersistentVolumeClaim
}

const bound = (name: string, volumeName: string, spec: object = {}) =>
  claim(
    name,
    { volumeName, ...spec },
    {
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      status: { phase: 'Bound' },
    },
  )

function volume(name: string, spec: object = {}, labels: object = {}) {
  return {
    kind: 'PersistentVolume',
    metadata: { name, labels },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...spec },
    status: { phase: 'Available' },
  } as unknown as PersistentVolume
}

const near = (node: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
      ],
    },
  },
})

const storageClass = (name: string, more: object = {}) =>
  ({
    metadata: { name },
    provisioner: 'example.com/x',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...more,
  }) as never

const late = { storageClassName: 'late' }
const conflict = 'node(s) had volume node affinity conflict'
const nothing = "node(s) didn't find available persistent volumes to bind"
const space = 'node(s) did not have enough free storage'
const ok = 'ok'

const byHand = [storageClass('late', { provisioner: 'kubernetes.io/no-provisioner' })]
const selected = (node: string) => ({
  metadata: { annotations: { 'volume.kubernetes.io/selected-node': node } },
})
const capacity = (maximumVolumeSize: string, value: string) =>
  ({
    metadata: { name: value, namespace: 'x' },
    storageClassName: 'late',
    nodeTopology: { matchLabels: { zone: value } },
    maximumVolumeSize,
  }) as never

describe('VolumeBinding', () => {
  test.for<[string, PodSpecInput, StorageWish, string, string]>([
    ['no claim', {}, {}, ok, ok],
    ['a claim that is missing', using('c'), {}, ...both('persistentvolumeclaim "c" not found')],
    [
      'a claim that is going',
      using('c'),
      { claims: [claim('c', {}, { metadata: { deletionTimestamp: 'now' } })] },
      ...both('persistentvolumeclaim "c" is being deleted'),
    ],
    [
      'a claim that is lost',
      using('c'),
      { claims: [claim('c', { volumeName: 'v' }, { status: { phase: 'Lost' } })] },
      ...both('persistentvolumeclaim "c" bound to non-existent persistentvolume "v"'),
    ],
    [
      'a claim that should be bound',
      using('c'),
      { claims: [claim('c')] },
      ...both('pod has unbound immediate PersistentVolumeClaims'),
    ],
    [
      'an ephemeral volume without claim yet',
      { volumes: [{ name: 'v', ephemeral: {} }] },
      {},
      ...both(
        'waiting for ephemeral volume controller to create the persistentvolumeclaim "pod-v"',
      ),
    ],
    [
      'a bound claim',
      using('c'),
      { claims: [bound('c', 'v')], volumes: [volume('v', near('b'))] },
      conflict,
      ok,
    ],
    [
      'a bound claim without volume',
      using('c'),
      { claims: [bound('c', 'v')] },
      ...both('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'),
    ],
    [
      'two volumes that are apart',
      using('c', 'd'),
      {
        claims: [bound('c', 'v'), bound('d', 'w')],
        volumes: [volume('v', near('a')), volume('w', near('b'))],
      },
      conflict,
      conflict,
    ],
    [
      'a volume to be bound',
      using('c'),
      {
        claims: [claim('c', late)],
        classes: byHand,
        volumes: [volume('v', { ...late, ...near('a') })],
      },
      ok,
      nothing,
    ],
    [
      'one volume for two claims',
      using('c', 'd'),
      {
        claims: [claim('c', late), claim('d', late)],
        classes: byHand,
        volumes: [volume('v', { ...late, ...near('a') })],
      },
      nothing,
      nothing,
    ],
    [
      'a volume to be made',
      using('c'),
      { claims: [claim('c', late)], classes: [storageClass('late')] },
      ok,
      ok,
    ],
    [
      'a volume to be made on a chosen node',
      using('c'),
      { claims: [claim('c', late, selected('b'))], classes: [storageClass('late')] },
      nothing,
      ok,
    ],
    [
      'a volume to be made in some places',
      using('c'),
      {
        claims: [claim('c', late)],
        classes: [
          storageClass('late', {
            allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['y'] }] }],
          }),
        ],
      },
      nothing,
      ok,
    ],
    [
      'a driver with space in some places',
      using('c'),
      {
        claims: [claim('c', late)],
        classes: [storageClass('late')],
        csiDrivers: [
          { metadata: { name: 'example.com/x' }, spec: { storageCapacity: true } } as never,
        ],
        capacities: [capacity('500Mi', 'x'), capacity('2Gi', 'y')],
      },
      space,
      ok,
    ],
  ])('%s', ([, spec, storage, a, b]) => {
    expect(verdictsOf(volumeBinding, aPod({ spec }), { nodes, storage })).toEqual({ a, b })
  })

  function both(reason: string): [string, string] {
    return [reason, reason]
  }
})

test('VolumeZone: the zones of bound volumes', () => {
  const zones = [
    aNode('x', { labels: { 'topology.kubernetes.io/zone': 'x' } }),
    aNode('y', { labels: { 'failure-domain.beta.kubernetes.io/zone': 'y' } }),
    aNode('z', { labels: { 'topology.kubernetes.io/zone': 'z' } }),
    aNode('none'),
  ]
  const refused = 'node(s) had no available volume zone'
  const verdicts = (labels: object) =>
    verdictsOf(volumeZone, aPod({ spec: using('c') }), {
      nodes: zones,
      storage: { claims: [bound('c', 'v')], volumes: [volume('v', {}, labels)] },
    })
  expect(verdicts({ 'failure-domain.beta.kubernetes.io/zone': 'x__y' })).toEqual({
    x: ok,
    y: ok,
    z: refused,
    none: refused,
  })
  expect(verdicts({})).toEqual({ x: ok, y: ok, z: ok, none: ok })
})

test.for<[string, PodSpecInput, PodSpecInput, string]>([
  ['an exclusive claim', using('one'), using('one'), 'ReadWriteOncePod'],
  ['a shared claim', using('many'), using('many'), ok],
  [
    'a disk',
    disk('gcePersistentDisk', { pdName: 'd' }),
    disk('gcePersistentDisk', { pdName: 'd' }),
    'no available disk',
  ],
  [
    'a disk to be read',
    disk('gcePersistentDisk', { pdName: 'd', readOnly: true }),
    disk('gcePersistentDisk', { pdName: 'd', readOnly: true }),
    ok,
  ],
  [
    'a target',
    disk('iscsi', { iqn: 'i', lun: 0 }),
    disk('iscsi', { iqn: 'i', lun: 0 }),
    'no available disk',
  ],
  [
    'another image',
    disk('rbd', { image: 'a', pool: 'p', monitors: ['m'] }),
    disk('rbd', { image: 'b', pool: 'p', monitors: ['m'] }),
    ok,
  ],
])('VolumeRestrictions: %s', ([, spec, other, want]) => {
  const pods = [aPod({ name: 'other', node: 'a', spec: other })]
  const storage = { claims: [claim('one', { accessModes: ['ReadWriteOncePod'] }), claim('many')] }
  const verdicts = verdictsOf(volumeRestrictions, aPod({ spec }), { nodes, pods, storage })
  expect(verdicts.a).toContain(want)
})

function disk(source: string, fields: object): PodSpecInput {
  return { volumes: [{ name: 'v', [source]: fields }] } as PodSpecInput
}

test('NodeVolumeLimits: as many volumes of a driver as there is room for', () => {
  const csi = (handle: string) => ({ csi: { driver: 'example.com/x', volumeHandle: handle } })
  const storage: StorageWish = {
    claims: [bound('c', 'v'), bound('d', 'w'), claim('late', late), bound('plain', 'p')],
    volumes: [volume('v', csi('1')), volume('w', csi('2')), volume('p', { hostPath: {} })],
    classes: [storageClass('late')],
    csiNodes: ['a', 'b'].map((name, at) => ({
      metadata: { name },
      spec: { drivers: [{ name: 'example.com/x', allocatable: { count: at + 1 } }] },
    })) as never,
  }
  const pods = ['a', 'b'].map((node) => aPod({ name: node, node, spec: using('c') }))
  const refused = 'node(s) exceed max volume count'
  const verdicts = (...claims: string[]) =>
    verdictsOf(nodeVolumeLimits, aPod({ spec: using(...claims) }), { nodes, pods, storage })
  expect(verdicts('d')).toEqual({ a: refused, b: ok })
  expect(verdicts('late')).toEqual({ a: refused, b: ok })
  expect(verdicts('c')).toEqual({ a: ok, b: ok })
  expect(verdicts('d', 'late')).toEqual({ a: refused, b: refused })
  expect(verdicts('plain')).toEqual({ a: ok, b: ok })
})
