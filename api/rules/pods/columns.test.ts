/** Beside the rows that a genuine server printed, what only newer servers know. */
import { describe, expect, test } from 'vitest'
import { podColumns, podRowConditions, podSummary } from './columns.ts'
import { pod } from './judged-pod.ts'

const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }
const ended = (finishedAt: string) => ({ terminated: { exitCode: 1, finishedAt } })
const sidecars = {
  initContainers: [
    { name: 's', image: 'i', restartPolicy: 'Always' },
    { name: 'i', image: 'i' },
  ],
}

describe('pods with sidecars', () => {
  test.for([
    {
      name: 'a sidecar starts',
      init: [{ name: 's', state: running, started: false }],
      main: [],
      expected: { ready: 0, state: 'Init:0/2', restarts: 0 },
    },
    {
      name: 'a sidecar runs, the next one waits',
      init: [
        { name: 's', state: running, started: true, ready: true },
        { name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 2 },
      ],
      main: [],
      expected: { ready: 1, state: 'Init:CrashLoopBackOff', restarts: 2 },
    },
    {
      name: 'all run, and only restarts of what still runs count',
      init: [
        { name: 's', state: running, started: true, ready: true, restartCount: 3 },
        { name: 'i', state: { terminated: { exitCode: 0 } }, restartCount: 5 },
      ],
      main: [{ name: 'c', state: running, ready: true, restartCount: 1 }],
      expected: { ready: 2, state: 'Running', restarts: 4 },
    },
  ])('$name', ({ init, main, expected }) => {
    const status = { phase: 'Running', initContainerStatuses: init, containerStatuses: main }
    expect(podSummary(pod(sidecars, {}, status))).toMatchObject({ containers: 2, ...expected })
  })

  test('a sidecar that fails later shows, and what is ready still counts', () => {
    const status = {
      phase: 'Running',
      conditions: [{ type: 'Initialized', status: 'True' }],
      initContainerStatuses: [{ name: 's', state: ended('2026-01-01T00:00:00Z') }],
      containerStatuses: [{ name: 'c', state: running, ready: true }],
    }
    expect(podSummary(pod(sidecars, {}, status))).toMatchObject({
      state: 'Init:ExitCode:1',
      ready: 1,
    })
  })
})

test('a gated pod says so', () => {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }
  const status = { phase: 'Pending', conditions: [condition] }
  expect(podSummary(pod({}, {}, status)).state).toBe('SchedulingGated')
})

test.for([
  { phase: 'Running', state: 'Terminating' },
  { phase: 'Succeeded', state: 'Succeeded' },
  { phase: 'Failed', state: 'Failed' },
])('a pod that is deleted while $phase', ({ phase, state }) => {
  const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
  expect(podSummary(pod({}, metadata, { phase })).state).toBe(state)
})

test('the last restart is the latest', () => {
  const at = (finishedAt: string) => ({ restartCount: 1, lastState: ended(finishedAt) })
  const containerStatuses = [
    { name: 'c', ...at('2026-01-01T00:00:00Z') },
    { name: 'd', ...at('2026-01-01T00:10:00Z') },
  ]
  const restarts = podColumns.find(({ name }) => name === 'Restarts')!
  const shown = restarts.cell(
    pod({}, {}, { containerStatuses }),
    Date.parse('2026-01-01T01:00:00Z'),
  )
  expect(shown).toBe('2 (50m ago)')
})

test('pods that are over say so to those who watch rows', () => {
  expect(podRowConditions(pod({}, {}, { phase: 'Running' }))).toEqual([])
  expect(podRowConditions(pod({}, {}, { phase: 'Failed' }))).toEqual([
    { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
  ])
})
