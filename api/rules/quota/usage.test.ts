/** What objects use of quotas, and in which scopes they are. */
import { describe, expect, test } from 'vitest'
import { textsOf } from './amounts.ts'
import { evaluatorOf } from './evaluators.ts'
import type { Requirement } from './scopes.ts'

const NOW_MS = Date.parse('2026-01-01T00:00:00Z')
const usage = (name: string, object: object): Record<string, string> =>
  textsOf(evaluatorOf(name).usage(object, NOW_MS))

const pod = (spec: object, status: object = {}, metadata: object = {}) => ({
  metadata,
  spec: { containers: [], ...spec },
  status,
})
const container = (resources: object) => ({ name: 'c', resources })

describe('pods', () => {
  test('requests and limits are counted under all their names', () => {
    const requests = { cpu: '100m', memory: '1Gi', 'ephemeral-storage': '1M' }
    const more = { 'hugepages-2Mi': '4Mi', 'example.com/gpu': '2' }
    const spec = {
      containers: [
        container({ requests: { ...requests, ...more }, limits: { cpu: '1' } }),
        container({ requests: { cpu: '200m' }, limits: { cpu: '1' } }),
      ],
    }
    expect(usage('pods', pod(spec))).toEqual({
      'count/pods': '1',
      cpu: '300m',
      'ephemeral-storage': '1M',
      'hugepages-2Mi': '4Mi',
      'limits.cpu': '2',
      memory: '1Gi',
      pods: '1',
      'requests.cpu': '300m',
      'requests.ephemeral-storage': '1M',
      'requests.example.com/gpu': '2',
      'requests.hugepages-2Mi': '4Mi',
      'requests.memory': '1Gi',
    })
  })

  test.for<[string, object, object]>([
    ['succeeded', { phase: 'Succeeded' }, {}],
    ['failed', { phase: 'Failed' }, {}],
    [
      'overdue',
      { phase: 'Running' },
      { deletionTimestamp: '2025-12-31T23:59:00Z', deletionGracePeriodSeconds: 30 },
    ],
  ])('a pod that is %s counts as an object alone', ([, status, metadata]) => {
    const spec = { containers: [container({ requests: { cpu: '1' } })] }
    expect(usage('pods', pod(spec, status, metadata))).toEqual({ 'count/pods': '1' })
  })

  test('one that is still ending counts in full', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:10Z', deletionGracePeriodSeconds: 30 }
    expect(usage('pods', pod({}, {}, metadata))).toEqual({ 'count/pods': '1', pods: '1' })
  })

  test.for<[string[], object[], object | undefined, string | undefined]>([
    [['pods'], [{}], undefined, undefined],
    [['requests.cpu'], [{ requests: { cpu: '1' } }], undefined, undefined],
    [
      ['requests.cpu', 'limits.memory', 'pods', 'requests.ephemeral-storage'],
      [{ requests: { cpu: '1' } }, {}],
      undefined,
      'must specify limits.memory for: a,b; requests.cpu for: b',
    ],
    [['cpu'], [{}], { requests: { cpu: '1' } }, undefined],
  ])('a quota of %j and containers with %j', ([names, resources, whole, expected]) => {
    const containers = resources.map((each, at) => ({ name: 'ab'[at], resources: each }))
    const object = pod({ containers, resources: whole })
    expect(evaluatorOf('pods').constraint!(object, new Set(names))).toBe(expected)
  })

  test.for<[Requirement, object, boolean]>([
    [{ scopeName: 'Terminating', operator: 'Exists' }, { activeDeadlineSeconds: 0 }, true],
    [{ scopeName: 'Terminating', operator: 'Exists' }, {}, false],
    [{ scopeName: 'NotTerminating', operator: 'Exists' }, {}, true],
    [{ scopeName: 'BestEffort', operator: 'Exists' }, { containers: [container({})] }, true],
    [
      { scopeName: 'NotBestEffort', operator: 'Exists' },
      { containers: [container({ requests: { cpu: '1' } })] },
      true,
    ],
    [{ scopeName: 'PriorityClass', operator: 'Exists' }, { priorityClassName: 'p' }, true],
    [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }, {}, true],
    [
      { scopeName: 'PriorityClass', operator: 'In', values: ['p', 'q'] },
      { priorityClassName: 'q' },
      true,
    ],
    [{ scopeName: 'PriorityClass', operator: 'In', values: ['p'] }, {}, false],
    [
      { scopeName: 'PriorityClass', operator: 'NotIn', values: ['p'] },
      { priorityClassName: 'p' },
      false,
    ],
    [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['p'] }, {}, true],
    [
      { scopeName: 'CrossNamespacePodAffinity', operator: 'Exists' },
      {
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { podAffinityTerm: { namespaceSelector: {} } },
            ],
          },
        },
      },
      true,
    ],
    [{ scopeName: 'CrossNamespacePodAffinity', operator: 'Exists' }, {}, false],
    [{ scopeName: 'VolumeAttributesClass', operator: 'Exists' }, {}, false],
  ])('scope %j of a pod with %j: %s', ([requirement, spec, expected]) => {
    expect(evaluatorOf('pods').meets(requirement, pod(spec))).toBe(expected)
  })
})

describe('services', () => {
  test.for<[object, string, string]>([
    [{ type: 'ClusterIP', ports: [{}] }, '0', '0'],
    [{ type: 'NodePort', ports: [{}, {}] }, '2', '0'],
    [{ type: 'LoadBalancer', ports: [{}, {}] }, '2', '1'],
    [
      {
        type: 'LoadBalancer',
        ports: [{ nodePort: 30_000 }, {}],
        allocateLoadBalancerNodePorts: false,
      },
      '1',
      '1',
    ],
  ])('%j takes %s node ports and %s load balancers', ([spec, ports, balancers]) => {
    expect(usage('services', { spec })).toEqual({
      'count/services': '1',
      services: '1',
      'services.loadbalancers': balancers,
      'services.nodeports': ports,
    })
  })
})

describe('claims to volumes', () => {
  const claim = (spec: object, status: object = {}) => ({ metadata: {}, spec, status })
  test('are counted in all, and by class', () => {
    const resources = { requests: { storage: '1Gi' } }
    expect(usage('persistentvolumeclaims', claim({ resources, storageClassName: 'gold' }))).toEqual(
      {
        'count/persistentvolumeclaims': '1',
        'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
        'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
        persistentvolumeclaims: '1',
        'requests.storage': '1Gi',
      },
    )
  })

  test('count what is being allocated while that is more, in whole bytes', () => {
    const status = { allocatedResources: { storage: '2500m' } }
    const resources = { requests: { storage: '2' } }
    expect(usage('persistentvolumeclaims', claim({ resources }, status))['requests.storage']).toBe(
      '3',
    )
  })

  test('are in the scope of their attributes class, wanted or present', () => {
    const { meets } = evaluatorOf('persistentvolumeclaims')
    const requirement = { scopeName: 'VolumeAttributesClass', operator: 'In', values: ['fast'] }
    const in_ = requirement as Requirement
    expect(meets(in_, claim({ volumeAttributesClassName: 'fast' }))).toBe(true)
    expect(meets(in_, claim({}, { currentVolumeAttributesClassName: 'fast' }))).toBe(true)
    expect(meets(in_, claim({}))).toBe(false)
  })
})

test('claims to devices count the most that one of several choices can take', () => {
  const spec = {
    devices: {
      requests: [
        { name: 'a', exactly: { deviceClassName: 'gpu', count: 2 } },
        { name: 'b', exactly: { deviceClassName: 'nic', allocationMode: 'All' } },
        {
          name: 'c',
          firstAvailable: [
            { deviceClassName: 'gpu', count: 3 },
            { deviceClassName: 'gpu', count: 1 },
            { deviceClassName: 'tpu' },
          ],
        },
      ],
    },
  }
  expect(usage('resourceclaims.resource.k8s.io', { spec })).toEqual({
    'count/resourceclaims.resource.k8s.io': '1',
    'gpu.deviceclass.resource.k8s.io/devices': '5',
    'nic.deviceclass.resource.k8s.io/devices': '32',
    'tpu.deviceclass.resource.k8s.io/devices': '1',
  })
})

test.for<[string, Record<string, string>]>([
  ['configmaps', { 'count/configmaps': '1', configmaps: '1' }],
  ['deployments.apps', { 'count/deployments.apps': '1' }],
  ['things.example.com', { 'count/things.example.com': '1' }],
])('any other object counts as one of %s', ([name, expected]) => {
  expect(usage(name, {})).toEqual(expected)
  for (const each of Object.keys(expected)) expect(evaluatorOf(name).counts(each)).toBe(true)
  expect(evaluatorOf(name).counts('pods')).toBe(false)
})
