/** What is said about pods, claims and conditions. */
import { expect, test } from 'vitest'
import type { Event } from '#api/kinds/core/event.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { claimFindings } from './claim.ts'
import { conditionFindings, lastEvents, readVerdicts } from './findings.ts'
import { podFindings } from './pod.ts'

const event = (reason: string, message: string, second = 1): Event =>
  ({
    metadata: { name: reason },
    type: 'Warning',
    reason,
    message,
    count: second,
    lastTimestamp: `2026-01-01T00:00:0${second}Z`,
  }) as unknown as Event

const podOf = (spec: object, status: object, metadata: object = {}): Pod =>
  ({
    metadata: { name: 'web', ...metadata },
    spec: { schedulerName: 'default-scheduler', ...spec },
    status: { phase: 'Pending', ...status },
  }) as unknown as Pod

test.for([
  {
    message:
      '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). ' +
      'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    nodes: 3,
    verdicts: [
      { nodes: 1, reason: 'Insufficient cpu' },
      { nodes: 2, reason: 'node(s) had untolerated taint(s)' },
    ],
    rest: 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling',
  },
  {
    message: '0/1 nodes are available: persistentvolumeclaim "data" not found.',
    nodes: 1,
    verdicts: [],
    rest: 'persistentvolumeclaim "data" not found',
  },
  {
    message: '0/2 nodes are available: 2 node(s) had untolerated taint(s) {a: b, c}.',
    nodes: 2,
    verdicts: [{ nodes: 2, reason: 'node(s) had untolerated taint(s) {a: b, c}' }],
    rest: '',
  },
])('readVerdicts(): $message', ({ message, ...wanted }) => {
  expect(readVerdicts(message)).toEqual(wanted)
})

test.for([
  {
    name: 'no node has room',
    pod: podOf(
      {},
      {
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/2 nodes are available: 2 Insufficient memory.',
          },
        ],
      },
    ),
    says: ['None of 2 nodes can take it:', '  2: Insufficient memory'],
  },
  {
    name: 'no scheduler has seen it',
    pod: podOf({ schedulerName: 'mine' }, {}),
    says: ['No scheduler has looked at it yet; it asks for "mine".'],
  },
  {
    name: 'it is gated',
    pod: podOf(
      { schedulingGates: [{ name: 'a/b' }] },
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    ),
    says: ['It waits for somebody to take away its scheduling gates: a/b.'],
  },
  {
    name: 'it keeps crashing',
    pod: podOf(
      { nodeName: 'n' },
      {
        containerStatuses: [
          {
            name: 'main',
            ready: false,
            restartCount: 4,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      },
    ),
    says: [
      'Container main keeps ending: exit code 137 (it used more memory than its limit), 4 restarts.',
    ],
  },
  {
    name: 'its image is not there',
    pod: podOf(
      { nodeName: 'n' },
      {
        containerStatuses: [
          {
            name: 'main',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } },
          },
        ],
      },
    ),
    says: ['Container main: ErrImagePull: manifest unknown'],
  },
  {
    name: 'a probe fails',
    pod: podOf(
      { nodeName: 'n' },
      {
        phase: 'Running',
        containerStatuses: [
          { name: 'main', ready: false, started: true, restartCount: 0, state: { running: {} } },
        ],
      },
    ),
    events: [event('Unhealthy', 'Readiness probe failed: 503')],
    says: ['Container main runs and is not ready: Readiness probe failed: 503'],
  },
  {
    name: 'a volume cannot be mounted',
    pod: podOf({ nodeName: 'n' }, {}),
    events: [event('FailedMount', 'configmap "c" not found')],
    says: ['FailedMount: configmap "c" not found'],
  },
  {
    name: 'its node is not there',
    pod: podOf({ nodeName: 'n' }, { phase: 'Running' }),
    isNodeReady: false,
    says: ['Its node n is not Ready.'],
  },
  {
    name: 'it was evicted',
    pod: podOf({ nodeName: 'n' }, { phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
    says: ['It failed: Evicted: low on memory'],
  },
  {
    name: 'it is going',
    pod: podOf({ nodeName: 'n' }, {}, { deletionTimestamp: 'now', finalizers: ['a/b'] }),
    says: ['It is being deleted until its containers on n have ended, held by a/b.'],
  },
  {
    name: 'it is done',
    pod: podOf({}, { phase: 'Succeeded' }),
    says: ['It has done its work: all ended well.'],
  },
])('podFindings(): $name', ({ pod, events = [], isNodeReady, says }) => {
  const findings = podFindings({ pod, events, claims: [], isNodeReady })
  expect(findings.map(({ text }) => text)).toEqual(says)
})

test('a claim that a pod needs speaks for it', () => {
  const claims = [{ name: 'data', claim: undefined, events: [] }]
  const pod = podOf({ nodeName: 'n' }, { phase: 'Running' })
  const [finding] = podFindings({ pod, events: [], claims, isNodeReady: true })
  expect(finding?.text).toBe('Claim data: There is none of that name.')
})

const claim = (phase: string, spec: object = {}) => ({ spec, status: { phase } }) as never

test.for([
  { name: 'bound', claim: claim('Bound'), events: [], says: [] },
  {
    name: 'waits for a pod',
    claim: claim('Pending'),
    events: [event('WaitForFirstConsumer', 'waiting')],
    says: ['It gets a volume when a pod that uses it gets a node, and not before.'],
  },
  {
    name: 'cannot be made',
    claim: claim('Pending'),
    events: [event('ProvisioningFailed', 'storageclass "x" not found')],
    says: ['ProvisioningFailed: storageclass "x" not found'],
  },
  {
    name: 'fits nothing',
    claim: claim('Pending', { storageClassName: 'fast' }),
    events: [],
    says: ['No volume of class "fast" fits it yet.'],
  },
])('claimFindings(): $name', ({ claim, events, says }) => {
  expect(claimFindings('data', claim, events).map(({ text }) => text)).toEqual(says)
})

test('conditions are told where they are not as they should be', () => {
  const conditions = [
    { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Few.' },
    { type: 'Progressing', status: 'True' },
    { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: q' },
    { type: 'MemoryPressure', status: 'False' },
  ]
  expect(conditionFindings(conditions)).toEqual([
    { text: 'Available is False (MinimumReplicasUnavailable): Few.' },
    {
      text: 'ReplicaFailure is True: exceeded quota: q',
      advice: 'Delete something, or raise the quota: kubectl describe quota',
    },
  ])
})

test('events come newest first, and say how often', () => {
  expect(lastEvents([event('A', 'a', 1), event('B', 'b', 3)])).toEqual([
    '! B: b (3 times)',
    '! A: a',
  ])
})
