/** Processes that end, fail and are stopped. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { collectingLog } from '#test/collecting-log.ts'
import { until } from '#test/drive-clock.ts'
import { Keeper } from './keeper.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keeper-'))
})
afterEach(() => rm(directory, { recursive: true }))

function keep(script: string, clock = new ManualClock()) {
  const logFile = join(directory, 'logs', 'it.log')
  const logged: string[] = []
  const start = { command: '/bin/sh', arguments: ['-c', script], environment: {}, logFile }
  const keeper = new Keeper({
    name: 'it',
    prepare: async () => start,
    changed: () => undefined,
    clock,
    log: collectingLog(logged),
  })
  return { keeper, clock, logged, text: () => readFile(logFile, 'utf8') }
}

test('a process that ends is started again after a pause that grows', async () => {
  const { keeper, clock, logged, text } = keep('echo run; exit 3')
  const pauses: number[] = []
  for (let restarts = 1; restarts <= 3; restarts++) {
    await until(() => keeper.kept.restarts === restarts && clock.pendingTimers === 1)
    expect(keeper.kept).toMatchObject({ state: 'failing', lastEnd: 'exit code 3' })
    pauses.push(clock.nextTimerMs!)
    clock.jump(clock.nextTimerMs!)
  }
  await keeper[Symbol.asyncDispose]()
  expect(pauses).toEqual([100, 200, 400])
  expect(await text()).toMatch(/^(run\n){3,4}$/)
  expect(logged[0]).toContain('process ended')
})

test('a process is asked to end, and killed when it does not', async () => {
  const { keeper, clock, text } = keep('trap "" TERM; echo up; while :; do sleep 1; done')
  await until(() => keeper.kept.state === 'running')
  for (let content = ''; content !== 'up\n'; ) content = await text()
  const ending = keeper[Symbol.asyncDispose]()
  clock.jump(35_000)
  await ending
  expect(keeper.kept).toMatchObject({ state: 'stopped', restarts: 0 })
})

test('a program that is not there is a failure like any other', async () => {
  const { keeper, clock } = keep('')
  await until(() => keeper.kept.restarts === 1 && clock.pendingTimers === 1)
  await keeper[Symbol.asyncDispose]()
  expect(clock.pendingTimers).toBe(0)
})

test('restart() lets the same process come back', async () => {
  const { keeper, clock } = keep('exec sleep 100')
  await until(() => keeper.kept.state === 'running')
  const { pid } = keeper.kept
  keeper.restart()
  await until(() => clock.pendingTimers === 1)
  clock.jump(clock.nextTimerMs!)
  await until(() => keeper.kept.state === 'running')
  expect(keeper.kept).toMatchObject({ restarts: 1, lastEnd: 'SIGTERM' })
  expect(keeper.kept.pid).not.toBe(pid)
  await keeper[Symbol.asyncDispose]()
})
