/** What is reported about a pod, by tables. */
import { describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import {
  exited,
  memory,
  NOW_MS,
  observed,
  type PodSpecInput,
  podOf,
  sandbox,
  seen,
} from '#test/observed-pod.ts'
import type { Ending } from './plan-ending.ts'
import type { PodMemory } from './pod-memory.ts'
import { podStatusOf } from './pod-status.ts'
import type { ObservedPod } from './runtime.ts'
import { statusPatch } from './status-patch.ts'

const c = (name: string, more: object = {}) => ({ name, image: 'web:1', ...more })

/** Any type of condition may be one, not only those that have a name of their own. */
const gate = { conditionType: 'a/b' as 'Ready' }

interface Row {
  readonly spec?: Partial<PodSpecInput>
  readonly status?: object
  readonly observed?: ObservedPod
  readonly memory?: PodMemory
  readonly ending?: Partial<Ending>
  readonly isStopped?: boolean
}

function reported({ spec, status, ending, ...row }: Row) {
  return podStatusOf({
    pod: podOf(spec, status ? { status } : {}),
    observed: row.observed ?? seen(),
    memory: row.memory ?? memory(),
    ending: ending && { cause: 'deleted', sinceMs: NOW_MS, deadlineMs: NOW_MS, ...ending },
    isStopped: row.isStopped ?? false,
    nowMs: NOW_MS,
    runtime: 'docker',
    hostIps: ['192.168.0.1'],
    resize: { conditions: [], held: new Map() },
  })
}

describe('phase', () => {
  test.for<[string, Row, string]>([
    ['nothing there', {}, 'Pending'],
    ['running', { observed: seen([observed('main')]) }, 'Running'],
    [
      'some still waiting',
      { spec: { containers: [c('a'), c('b')] }, observed: seen([observed('a')]) },
      'Pending',
    ],
    ['ended, and to begin again', { observed: seen([exited('main', 1)]) }, 'Running'],
    [
      'ended well',
      { spec: { restartPolicy: 'Never' }, observed: seen([exited('main', 0)]) },
      'Succeeded',
    ],
    [
      'ended badly',
      { spec: { restartPolicy: 'Never' }, observed: seen([exited('main', 1)]) },
      'Failed',
    ],
    [
      'one of two ended badly',
      {
        spec: { restartPolicy: 'Never', containers: [c('a'), c('b')] },
        observed: seen([exited('a', 0), exited('b', 1)]),
      },
      'Failed',
    ],
    [
      'before init is over',
      { spec: { initContainers: [c('first')] }, observed: seen([observed('first')]) },
      'Pending',
    ],
    [
      'init failed for good',
      {
        spec: { initContainers: [c('first')], restartPolicy: 'Never' },
        observed: seen([exited('first', 1)]),
      },
      'Failed',
    ],
    [
      'ends, and something still runs',
      {
        spec: { restartPolicy: 'Never', containers: [c('a'), c('b')] },
        status: { phase: 'Running' },
        observed: seen([exited('a', 0), observed('b')]),
        ending: {},
      },
      'Running',
    ],
    [
      'deleted, and all ended well',
      { observed: seen([exited('main', 0)]), ending: {}, isStopped: true },
      'Succeeded',
    ],
    ['deleted before it began', { observed: seen([], []), ending: {}, isStopped: true }, 'Failed'],
    [
      'evicted',
      { observed: seen([exited('main', 0)]), ending: { cause: 'failed' }, isStopped: true },
      'Failed',
    ],
    [
      'final once and for all',
      { status: { phase: 'Succeeded' }, observed: seen([], []), ending: { cause: 'completed' } },
      'Succeeded',
    ],
  ])('%s', ([, row, phase]) => {
    expect(reported(row).phase).toBe(phase)
  })
})

describe('a container', () => {
  const crashes = { delayMs: 20_000, raisedAtMs: NOW_MS - 10_000 }
  const failure = { reason: 'ErrImagePull', message: 'no', retryAtMs: NOW_MS + 1000 }

  test.for<[string, Row, object]>([
    [
      'that is not there yet',
      {},
      { state: { waiting: { reason: 'ContainerCreating' } }, ready: false },
    ],
    [
      'behind init containers',
      { spec: { initContainers: [c('first')] } },
      { state: { waiting: { reason: 'PodInitializing' } } },
    ],
    [
      'whose hook runs',
      { observed: seen([observed('main')]), memory: memory({ main: { job: { type: 'start' } } }) },
      { state: { waiting: { reason: 'ContainerCreating' } }, ready: false },
    ],
    [
      'that runs',
      { observed: seen([observed('main')]) },
      {
        state: { running: { startedAt: '2030-01-01T00:59:00Z' } },
        ready: true,
        started: true,
        restartCount: 0,
        containerID: 'docker://main-0',
      },
    ],
    [
      'that is not ready',
      {
        spec: { containers: [c('main', { readinessProbe: { tcpSocket: { port: 1 } } })] },
        observed: seen([observed('main')]),
      },
      { ready: false, started: true },
    ],
    [
      'whose image is not there',
      { memory: memory({ main: { failure } }) },
      { state: { waiting: { reason: 'ErrImagePull', message: 'no' } } },
    ],
    [
      'that crashes',
      { observed: seen([exited('main', 1)]), memory: memory({ main: { crashes } }) },
      {
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: 'back-off 20s restarting failed container=main pod=web_default(u)',
          },
        },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      },
    ],
    [
      'that has crashed, and begins again',
      {
        observed: seen([exited('main', 1)]),
        memory: memory({ main: { crashes, job: { type: 'start' } } }),
      },
      { state: { terminated: { exitCode: 1, reason: 'Error' } }, restartCount: 0 },
    ],
    [
      'whose image has become known by its digest',
      {
        status: {
          containerStatuses: [
            { name: 'main', containerID: 'docker://main-0', imageID: 'sha256:1' } as never,
          ],
        },
        observed: seen([observed('main')]),
        memory: memory({ main: { imageIds: new Map([['main-0', 'web@sha256:2']]) } }),
      },
      { imageID: 'web@sha256:2' },
    ],
    [
      'that ran out of memory',
      {
        spec: { restartPolicy: 'Never' },
        observed: seen([exited('main', 137, { isOutOfMemory: true })]),
      },
      { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
    ],
    [
      'that could not start',
      {
        spec: { restartPolicy: 'Never' },
        observed: seen([
          observed('main', { state: 'failed', exitCode: 127, error: 'no such file' }),
        ]),
      },
      { state: { terminated: { exitCode: 127, reason: 'StartError', message: 'no such file' } } },
    ],
    [
      'that has run before',
      { observed: seen([observed('main', { attempt: 2 }), exited('main', 3, { attempt: 1 })]) },
      {
        restartCount: 2,
        lastState: { terminated: { exitCode: 3, containerID: 'docker://main-1' } },
      },
    ],
    [
      'that left a word',
      {
        spec: { restartPolicy: 'Never' },
        observed: seen([exited('main', 1)]),
        memory: memory({ main: { lastWords: new Map([['main-0', 'bye']]) } }),
      },
      { state: { terminated: { message: 'bye' } } },
    ],
    [
      'that the runtime has lost',
      {
        spec: { restartPolicy: 'Never' },
        status: {
          phase: 'Running',
          containerStatuses: [
            {
              ...{ name: 'main', image: 'web:1', imageID: 'i', ready: true, restartCount: 1 },
              containerID: 'docker://lost',
              state: { running: { startedAt: '2030-01-01T00:00:00Z' } },
            },
          ],
        },
      },
      {
        restartCount: 1,
        state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
      },
    ],
  ])('%s', ([, row, wanted]) => {
    expect(reported(row).containerStatuses?.[0]).toMatchObject(wanted)
  })
})

describe('conditions', () => {
  const of = (row: Row, type: string) => findCondition(reported(row).conditions, type)

  test.for<[string, Row, string, object]>([
    ['no sandbox', { observed: seen([], []) }, 'PodReadyToStartContainers', { status: 'False' }],
    ['a sandbox', {}, 'PodReadyToStartContainers', { status: 'True' }],
    [
      'unready containers',
      { spec: { containers: [c('a'), c('b')] } },
      'ContainersReady',
      {
        status: 'False',
        reason: 'ContainersNotReady',
        message: 'containers with unready status: [a b]',
      },
    ],
    [
      'init containers',
      { spec: { initContainers: [c('first')] } },
      'Initialized',
      {
        status: 'False',
        reason: 'ContainersNotInitialized',
        message: 'containers with incomplete status: [first]',
      },
    ],
    [
      'a gate that nobody has opened',
      { spec: { readinessGates: [gate] }, observed: seen([observed('main')]) },
      'Ready',
      {
        status: 'False',
        reason: 'ReadinessGatesNotReady',
        message: 'corresponding condition of pod readiness gate "a/b" does not exist.',
      },
    ],
    [
      'an open gate',
      {
        spec: { readinessGates: [gate] },
        status: { conditions: [{ type: 'a/b', status: 'True' }] },
        observed: seen([observed('main')]),
      },
      'Ready',
      { status: 'True' },
    ],
    [
      'success',
      { spec: { restartPolicy: 'Never' }, observed: seen([exited('main', 0)]) },
      'Ready',
      { status: 'False', reason: 'PodCompleted' },
    ],
    [
      'eviction',
      {
        observed: seen([exited('main', 137)]),
        ending: { cause: 'failed', disruptionReason: 'TerminationByKubelet', message: 'low' },
        isStopped: true,
      },
      'DisruptionTarget',
      { status: 'True', reason: 'TerminationByKubelet', message: 'low' },
    ],
  ])('after %s', ([, row, type, wanted]) => {
    expect(of(row, type)).toMatchObject(wanted)
  })

  test('keep the time of their transition, and those of others', () => {
    const since = '2030-01-01T00:00:00Z'
    const conditions = [
      { type: 'Ready', status: 'True', lastTransitionTime: since },
      { type: 'a/b', status: 'False', lastTransitionTime: since },
    ]
    const status = reported({ status: { conditions }, observed: seen([observed('main')]) })
    expect(findCondition(status.conditions, 'Ready')?.lastTransitionTime).toBe(since)
    expect(findCondition(status.conditions, 'a/b')).toMatchObject({ status: 'False' })
  })
})

test('a pod that has lost its sandbox keeps its address', () => {
  const status = { podIP: '10.244.0.9', podIPs: [{ ip: '10.244.0.9' }] }
  const { podIP } = reported({ status, observed: seen([], [sandbox({ isReady: false })]) })
  expect(podIP).toBe('10.244.0.9')
})

test('only what differs is sent, and lists replace what they would be merged into', () => {
  const before = podOf(
    {},
    { status: { phase: 'Pending', reason: 'x', podIPs: [{ ip: '1.1.1.1' }] } },
  )
  const wanted = { phase: 'Running' as const, podIPs: [{ ip: '2.2.2.2' }], podIP: '2.2.2.2' }
  expect(statusPatch(before.status, wanted)).toMatchObject({
    phase: 'Running',
    reason: null,
    podIPs: [{ ip: '2.2.2.2' }, { $patch: 'replace' }],
  })
  expect(statusPatch(wanted, wanted)).toBeUndefined()
})
