/** The manual clock keeps its promises, and the system clock's timers behave as Node's do. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { ManualClock, systemClock } from './clock.ts'

describe('ManualClock', () => {
  test('stands still until it is moved', async () => {
    const clock = new ManualClock(1_000)
    await nextTurn()
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0])
    await clock.advance(250)
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250])
  })

  test('fires timers in order of their moment, and of their start where that is equal', async () => {
    const clock = new ManualClock()
    const fired: string[] = []
    clock.setTimeout(() => fired.push('late'), 20)
    clock.setTimeout(() => fired.push('first'), 10)
    clock.setTimeout(() => fired.push('second'), 10)
    clock.setTimeout(() => fired.push('too late'), 31)
    await clock.advance(30)
    expect(fired).toEqual(['first', 'second', 'late'])
    expect(clock.pendingTimers).toBe(1)
    expect(clock.nextTimerMs).toBe(1)
  })

  test('a timer sees its own moment as now, not the end of the advance', async () => {
    const clock = new ManualClock(0)
    const seen: number[] = []
    clock.setTimeout(() => seen.push(clock.now()), 10)
    await clock.advance(1_000)
    expect(seen).toEqual([10])
  })

  test('advance() runs loops that sleep again and again', async () => {
    const clock = new ManualClock(0)
    const rounds: number[] = []
    const loop = (async () => {
      for (let round = 0; round < 5; round++) {
        await clock.sleep(10)
        rounds.push(clock.monotonic())
      }
    })()
    await clock.advance(35)
    expect(rounds).toEqual([10, 20, 30])
    await clock.advance(100)
    await loop
    expect(rounds).toHaveLength(5)
  })

  test('jump() fires what is due before it returns, chains included', () => {
    const clock = new ManualClock()
    const fired: number[] = []
    clock.setTimeout(() => {
      fired.push(1)
      clock.setTimeout(() => fired.push(2), 5)
    }, 5)
    clock.jump(10)
    expect(fired).toEqual([1, 2])
  })

  test('a cancelled timer does not fire, and cancelling again is harmless', async () => {
    const clock = new ManualClock()
    let fired = false
    const timer = clock.setTimeout(() => {
      fired = true
    }, 5)
    timer.cancel()
    timer.cancel()
    {
      using scoped = clock.setTimeout(() => {
        fired = true
      }, 5)
      expect(scoped).toBeDefined()
    }
    await clock.advance(10)
    expect(fired).toBe(false)
    expect(clock.pendingTimers).toBe(0)
    expect(clock.nextTimerMs).toBeUndefined()
  })

  test('shiftWallClock() moves the wall clock alone', () => {
    const clock = new ManualClock(5_000)
    clock.shiftWallClock(-3_000)
    expect([clock.now(), clock.monotonic()]).toEqual([2_000, 0])
  })

  test('settle() waits for promises, ticks and immediates', async () => {
    const clock = new ManualClock()
    let done = false
    const chain = async (): Promise<void> => {
      for (let step = 0; step < 50; step++) await null
      await new Promise<void>((resolve) => process.nextTick(resolve))
      await nextTurn()
      await nextTurn()
      done = true
    }
    const running = chain()
    await clock.settle()
    expect(done).toBe(true)
    await running
  })

  test('jump() ends with an error when a timer starts itself anew at once', () => {
    const clock = new ManualClock()
    const again = (): void => {
      clock.setTimeout(again, 0)
    }
    again()
    expect(() => clock.jump(1)).toThrow('timers still fire')
  })

  test('settle() ends with an error when timers are started without end', async () => {
    const clock = new ManualClock()
    let stop = false
    const restless = (): void => {
      clock.setTimeout(() => {}, 1).cancel()
      if (!stop) setImmediate(restless)
    }
    restless()
    await expect(clock.settle()).rejects.toThrow('timers are still being started')
    stop = true
  })

  test('any set of timers fires sorted, each exactly once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), fc.array(fc.nat(40)), (delays, steps) => {
        const clock = new ManualClock()
        const fired: number[] = []
        for (const delay of delays) clock.setTimeout(() => fired.push(delay), delay)
        for (const step of [0, ...steps]) clock.jump(step)
        const until = clock.monotonic()
        const wanted = delays.filter((delay) => delay <= until).toSorted((a, b) => a - b)
        expect(fired).toEqual(wanted)
      }),
      fuzz(200),
    )
  })
})

describe.for([
  { name: 'systemClock', clock: systemClock, move: async () => {} },
  { name: 'ManualClock', ...manual() },
])('sleep() of $name', ({ clock, move }) => {
  test('ends after the delay', async () => {
    const before = clock.monotonic()
    const sleeping = clock.sleep(3)
    await move()
    await sleeping
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(3)
  })

  test('rejects with the reason of a signal, before and during', async () => {
    const reason = new Error('stop')
    await expect(clock.sleep(1, AbortSignal.abort(reason))).rejects.toBe(reason)
    const controller = new AbortController()
    const sleeping = clock.sleep(1e9, controller.signal)
    controller.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
  })

  test('a delay that is no number is refused', async () => {
    await expect(clock.sleep(Number.NaN)).rejects.toThrow('delay is NaN')
  })
})

test('a timer of the system clock is never early, whenever in a millisecond it starts', async () => {
  const started = Array.from({ length: 40 }, async (_, index) => {
    await systemClock.sleep(index / 8)
    const before = performance.now()
    await systemClock.sleep(1.5)
    return performance.now() - before
  })
  expect(Math.min(...(await Promise.all(started)))).toBeGreaterThanOrEqual(1.5)
})

test('a timer of the system clock never fires within the call that starts it', () => {
  let fired = false
  const timer = systemClock.setTimeout(() => {
    fired = true
  }, -1)
  expect(fired).toBe(false)
  timer.cancel()
})

test('the system clock arms a delay beyond the limit of Node without firing at once', async () => {
  let fired = false
  using timer = systemClock.setTimeout(
    () => {
      fired = true
    },
    2 ** 40,
    { background: true },
  )
  await systemClock.sleep(5)
  expect(fired).toBe(false)
  expect(timer).toBeDefined()
})

test('the system clock tells the time', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000)
})

function manual() {
  const clock = new ManualClock()
  return { clock, move: () => clock.advance(3) }
}
