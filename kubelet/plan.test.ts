/** What is done next for a pod, by tables. */
import { describe, expect, test } from 'vitest'
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
import { containerHash } from './container-hash.ts'
import { type Action, planPod } from './plan.ts'
import type { Ending } from './plan-ending.ts'
import type { PodMemory } from './pod-memory.ts'
import type { ObservedPod } from './runtime.ts'

const c = (name: string, more: object = {}) => ({ name, image: 'web:1', ...more })
const sidecar = c('side', { restartPolicy: 'Always' })

const short = (action: Action): string => {
  const { type } = action
  if (type === 'start') return `start ${action.name}#${action.attempt}`
  if (type === 'startSandbox') return `startSandbox#${action.attempt}`
  if (type === 'stop' || type === 'preStop') {
    return `${type} ${action.name}${action.isRestart ? ' to restart' : ''}`
  }
  if (type === 'cancel' || type === 'resize') return `${type} ${action.name}`
  return 'id' in action ? `${type} ${action.id}` : type
}

interface Row {
  readonly spec?: Partial<PodSpecInput>
  readonly observed?: ObservedPod
  readonly memory?: PodMemory
  readonly ending?: Partial<Ending>
  readonly resized?: 'inPlace' | 'restart'
}

function planned(row: Row) {
  const { spec = {}, observed: shown = seen([], []), memory: known = memory(), ending } = row
  const plan = planPod({
    pod: podOf(spec),
    observed: shown,
    memory: known,
    ending: ending && { cause: 'deleted', sinceMs: NOW_MS, deadlineMs: NOW_MS + 30_000, ...ending },
    nowMs: NOW_MS,
    resized: new Map(row.resized ? [['main', row.resized]] : []),
  })
  return { ...plan, short: plan.actions.map(short) }
}

const starting = { job: { type: 'start' } } as const
const stopping = { job: { type: 'stop', deadlineMs: NOW_MS + 30_000 } } as const
const doomed = (doom: 'liveness' | 'startup' | 'postStart') => ({
  run: { id: 'main-0', isStarted: true, isReady: false, doom },
})
const inits = { initContainers: [c('first'), c('second')] }

describe('a pod that lives', () => {
  test.for<[string, Row, readonly string[]]>([
    ['gets its volumes first', { memory: memory({}, { volumes: 'unknown' }) }, ['prepareVolumes']],
    ['waits for its volumes', { memory: memory({}, { volumes: 'preparing' }) }, []],
    ['gets its sandbox then', {}, ['startSandbox#0']],
    ['waits for its sandbox', { memory: memory({}, { sandbox: 'starting' }) }, []],
    ['gets its containers then', { observed: seen() }, ['start main#0']],
    ['waits for its containers', { observed: seen(), memory: memory({ main: starting }) }, []],
    ['is left alone when all is well', { observed: seen([observed('main')]) }, []],
    [
      'starts all its containers at once',
      { spec: { containers: [c('a'), c('b')] }, observed: seen([observed('a')]) },
      ['start b#0'],
    ],
    ['starts what has ended again', { observed: seen([exited('main', 1)]) }, ['start main#1']],
    [
      'goes on with what was made and not started',
      { observed: seen([observed('main', { state: 'created', attempt: 2 })]) },
      ['start main#2'],
    ],
    [
      'forgets what was made in a sandbox that is gone',
      {
        observed: seen(
          [observed('main', { state: 'created' })],
          [sandbox({ id: 'sandbox-1', attempt: 1 })],
        ),
      },
      ['remove main-0'],
    ],
    [
      'keeps one ended container of each name',
      {
        observed: seen([
          observed('main', { attempt: 3 }),
          exited('main', 1, { attempt: 2 }),
          exited('main', 1, { attempt: 1 }),
        ]),
      },
      ['remove main-1'],
    ],
    [
      'does not start again what must not',
      { spec: { restartPolicy: 'Never' }, observed: seen([exited('main', 1)]) },
      [],
    ],
    [
      'does not start again what has succeeded',
      { spec: { restartPolicy: 'OnFailure' }, observed: seen([exited('main', 0)]) },
      [],
    ],
    [
      'starts again what has failed',
      { spec: { restartPolicy: 'OnFailure' }, observed: seen([exited('main', 2)]) },
      ['start main#1'],
    ],
    [
      'heeds the policy of a container',
      {
        spec: { restartPolicy: 'Never', containers: [c('main', { restartPolicy: 'OnFailure' })] },
        observed: seen([exited('main', 2)]),
      },
      ['start main#1'],
    ],
    [
      'heeds the rules of a container',
      {
        spec: {
          restartPolicy: 'Never',
          containers: [
            c('main', {
              restartPolicy: 'Never',
              restartPolicyRules: [
                { action: 'Restart', exitCodes: { operator: 'In', values: [42] } },
              ],
            }),
          ],
        },
        observed: seen([exited('main', 42)]),
      },
      ['start main#1'],
    ],
    [
      'begins anew as a whole where a rule says so',
      {
        spec: {
          containers: [
            c('main', {
              restartPolicy: 'Never',
              restartPolicyRules: [
                { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } },
              ],
            }),
            c('other'),
          ],
        },
        observed: seen([exited('main', 42), observed('other')]),
      },
      ['stop other'],
    ],
    [
      'stops what does not live, to start it again',
      { observed: seen([observed('main')]), memory: memory({ main: doomed('liveness') }) },
      ['stop main to restart'],
    ],
    [
      'stops what does not live, once and for all',
      {
        spec: { restartPolicy: 'Never' },
        observed: seen([observed('main')]),
        memory: memory({ main: doomed('startup') }),
      },
      ['stop main'],
    ],
    [
      'starts again what was stopped for that, whatever its code',
      {
        spec: { restartPolicy: 'OnFailure' },
        observed: seen([exited('main', 0)]),
        memory: memory({ main: { restartOf: 'main-0' } }),
      },
      ['start main#1'],
    ],
    [
      'stops what has another image now',
      {
        observed: seen([observed('main', { hash: containerHash(c('main', { image: 'web:0' })) })]),
      },
      ['stop main to restart'],
    ],
    [
      'runs the hook before the stop',
      {
        spec: { containers: [c('main', { lifecycle: { preStop: { sleep: { seconds: 1 } } } })] },
        observed: seen([observed('main')]),
        memory: memory({ main: doomed('liveness') }),
      },
      ['preStop main to restart'],
    ],
    [
      'changes resources',
      { observed: seen([observed('main')]), resized: 'inPlace' },
      ['resize main'],
    ],
    [
      'restarts for other resources where it must',
      { observed: seen([observed('main')]), resized: 'restart' },
      ['stop main to restart'],
    ],
    [
      'starts ephemeral containers, once',
      {
        spec: { ephemeralContainers: [c('debug')] },
        observed: seen([observed('main')]),
      },
      ['start debug#0'],
    ],
    [
      'does not start ephemeral containers twice',
      {
        spec: { ephemeralContainers: [c('debug')] },
        observed: seen([observed('main'), exited('debug', 1)]),
      },
      [],
    ],
  ])('%s', ([, row, wanted]) => {
    expect(planned(row).short).toEqual(wanted)
  })

  test.for<[string, Row, readonly string[]]>([
    ['begins with the first', { observed: seen() }, ['start first#0']],
    ['waits for the first', { observed: seen([observed('first')]) }, []],
    ['goes on with the second', { observed: seen([exited('first', 0)]) }, ['start second#0']],
    ['repeats what has failed', { observed: seen([exited('first', 1)]) }, ['start first#1']],
    [
      'goes on with the others at last',
      { observed: seen([exited('first', 0), exited('second', 0)]) },
      ['start main#0'],
    ],
    ['does not go back once the others have begun', { observed: seen([observed('main')]) }, []],
    [
      'begins anew in another sandbox',
      {
        observed: seen(
          [exited('first', 0), exited('second', 0), exited('main', 137)],
          [sandbox({ id: 'sandbox-1', attempt: 1 })],
        ),
      },
      ['start first#1'],
    ],
  ])('with init containers %s', ([, row, wanted]) => {
    expect(planned({ ...row, spec: inits }).short).toEqual(wanted)
  })

  test.for<[string, Row, readonly string[]]>([
    ['starts it first', { observed: seen() }, ['start side#0']],
    ['goes on once it has started', { observed: seen([observed('side')]) }, ['start main#0']],
    [
      'waits for its startup probe',
      {
        spec: { initContainers: [{ ...sidecar, startupProbe: { tcpSocket: { port: 1 } } }] },
        observed: seen([observed('side')]),
      },
      [],
    ],
    [
      'starts it again beside the others, whatever the policy of the pod',
      {
        spec: { initContainers: [sidecar], restartPolicy: 'Never' },
        observed: seen([exited('side', 0), observed('main')]),
      },
      ['start side#1'],
    ],
  ])('with a sidecar %s', ([, row, wanted]) => {
    expect(planned({ spec: { initContainers: [sidecar] }, ...row }).short).toEqual(wanted)
  })

  test.for<[string, Row, readonly string[]]>([
    [
      'stops what is left of it',
      { observed: seen([observed('main')], [sandbox({ isReady: false })]) },
      ['stop main'],
    ],
    [
      'gets another one',
      { observed: seen([exited('main', 137)], [sandbox({ isReady: false })]) },
      ['startSandbox#1'],
    ],
    [
      'gets none when nothing is left to run',
      {
        spec: { restartPolicy: 'Never' },
        observed: seen([exited('main', 137)], [sandbox({ isReady: false })]),
      },
      [],
    ],
    [
      'is not content with one that has no address',
      { observed: seen([], [sandbox({ ips: [] })]) },
      ['stopSandbox sandbox-0'],
    ],
    [
      'removes the old one',
      {
        observed: seen(
          [observed('main', { sandboxId: 'sandbox-1' })],
          [sandbox({ id: 'sandbox-1', attempt: 1 }), sandbox({ isReady: false })],
        ),
      },
      ['removeSandbox sandbox-0'],
    ],
  ])('that has lost its sandbox %s', ([, row, wanted]) => {
    expect(planned(row).short).toEqual(wanted)
  })

  test('waits after a crash, and says until when', () => {
    const crashes = { delayMs: 20_000, raisedAtMs: NOW_MS - 10_000 }
    const plan = planned({
      observed: seen([exited('main', 1)]),
      memory: memory({ main: { crashes } }),
    })
    expect(plan.short).toEqual([])
    expect(plan.wakeAtMs).toBe(NOW_MS - 5000 + 20_000)
    expect(plan.heldBack.map(({ name }) => name)).toEqual(['main'])
  })
})

describe('a pod that ends', () => {
  const running = seen([observed('main')])
  const hook = { lifecycle: { preStop: { sleep: { seconds: 1 } } } }

  test.for<[string, Row, readonly string[], boolean]>([
    ['stops its containers', { observed: running }, ['stop main'], false],
    ['waits for them', { observed: running, memory: memory({ main: stopping }) }, [], false],
    [
      'hurries when the grace becomes shorter',
      {
        observed: running,
        memory: memory({ main: stopping }),
        ending: { deadlineMs: NOW_MS + 2000 },
      },
      ['stop main'],
      false,
    ],
    [
      'breaks off what starts',
      { observed: running, memory: memory({ main: starting }) },
      ['cancel main'],
      false,
    ],
    [
      'runs hooks first',
      { spec: { containers: [c('main', hook)] }, observed: running },
      ['preStop main'],
      false,
    ],
    [
      'goes on after the hook',
      {
        spec: { containers: [c('main', hook)] },
        observed: running,
        memory: memory({
          main: { run: { id: 'main-0', isStarted: true, isReady: true, isPrepared: true } },
        }),
      },
      ['stop main'],
      false,
    ],
    [
      'skips hooks when there is no time',
      {
        spec: { containers: [c('main', hook)] },
        observed: running,
        ending: { deadlineMs: NOW_MS },
      },
      ['stop main'],
      false,
    ],
    [
      'keeps sidecars to the last',
      {
        spec: { initContainers: [sidecar] },
        observed: seen([observed('side'), observed('main')]),
      },
      ['stop main'],
      false,
    ],
    [
      'stops sidecars then',
      {
        spec: { initContainers: [sidecar] },
        observed: seen([observed('side'), exited('main', 0)]),
      },
      ['stop side'],
      false,
    ],
    [
      'stops the last sidecar first',
      {
        spec: { initContainers: [sidecar, { ...sidecar, name: 'last' }] },
        observed: seen([observed('side'), observed('last'), exited('main', 0)]),
      },
      ['stop last'],
      false,
    ],
    [
      'stops what it does not know',
      { observed: seen([exited('main', 0), observed('stranger')]) },
      ['stop stranger'],
      false,
    ],
    [
      'stops its sandbox at last',
      { observed: seen([exited('main', 0)]) },
      ['stopSandbox sandbox-0'],
      false,
    ],
    [
      'is over then',
      { observed: seen([exited('main', 0)], [sandbox({ isReady: false })]) },
      [],
      true,
    ],
    ['is over at once when it never began', {}, [], true],
    [
      'waits for a sandbox that is being started',
      { memory: memory({}, { sandbox: 'starting' }) },
      [],
      false,
    ],
  ])('%s', ([, row, wanted, isStopped]) => {
    const plan = planned({ ending: {}, ...row })
    expect(plan.short).toEqual(wanted)
    expect(plan.isStopped).toBe(isStopped)
  })
})
