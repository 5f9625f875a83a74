/** Work that is asked for: together, once more, and again after a failure. */
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { Worker } from './worker.ts'

function workerThat(work: (run: number) => Promise<void>, pauseMs = 0) {
  const clock = new ManualClock()
  const state = { runs: 0, failures: 0 }
  const worker = new Worker({
    clock,
    random: seededRandom(3),
    work: () => work(++state.runs),
    failed: () => void state.failures++,
    pauseMs,
  })
  return { clock, state, worker }
}

test('what is asked for together is done once', async () => {
  const { worker, state } = workerThat(async () => undefined)
  for (let index = 0; index < 5; index++) worker.wake()
  await worker.settled()
  expect(state.runs).toBe(1)
})

test('asked while it works, it works once more, and never twice at once', async () => {
  const gate = Promise.withResolvers<void>()
  let active = 0
  const { worker, state, clock } = workerThat(async () => {
    expect(++active).toBe(1)
    await gate.promise
    active--
  })
  worker.wake()
  await clock.settle()
  worker.wake()
  worker.wake()
  gate.resolve()
  await worker.settled()
  expect(state.runs).toBe(2)
})

test('a failure is told and tried again, later each time', async () => {
  const { worker, state, clock } = workerThat(async (run) => {
    if (run < 3) throw new Error('no')
  })
  worker.wake()
  await clock.advance(99)
  expect(state).toEqual({ runs: 1, failures: 1 })
  await clock.advance(30)
  expect(state).toEqual({ runs: 2, failures: 2 })
  await clock.advance(240)
  await worker.settled()
  expect(state).toEqual({ runs: 3, failures: 2 })
})

test('a pause keeps runs apart', async () => {
  const { worker, state, clock } = workerThat(async () => undefined, 1000)
  worker.wake()
  await clock.settle()
  worker.wake()
  await clock.advance(999)
  expect(state.runs).toBe(1)
  await clock.advance(1)
  expect(state.runs).toBe(2)
})

test('when it stops, a retry does not hold it up', async () => {
  const { worker, state, clock } = workerThat(async () => {
    throw new Error('no')
  })
  worker.wake()
  await clock.settle()
  await worker[Symbol.asyncDispose]()
  worker.wake()
  await clock.advance(60_000)
  expect(state.runs).toBe(1)
})
