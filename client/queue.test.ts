/** The promises of the work queue, by name. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { WorkQueue } from './queue.ts'
import { queueMetrics } from './queue-metrics.ts'

async function taken(queue: WorkQueue, count: number): Promise<(string | undefined)[]> {
  return Promise.all(Array.from({ length: count }, () => queue.take()))
}

describe('the queue is', () => {
  test('de-duplicating', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() })
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key)
    expect(queue.length).toBe(2)
    expect(await taken(queue, 2)).toEqual(['a', 'b'])
  })

  test('exclusive', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() })
    queue.add('a')
    expect(await queue.take()).toBe('a')
    queue.add('a')
    queue.add('a')
    expect(queue.length).toBe(0)
    queue.done('a')
    expect(queue.length).toBe(1)
    expect(await queue.take()).toBe('a')
    queue.done('a')
    expect(queue.isIdle).toBe(true)
  })

  test('fair', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() })
    for (const key of ['c', 'a', 'b']) queue.add(key)
    expect(await taken(queue, 3)).toEqual(['c', 'a', 'b'])
    const waiting = taken(queue, 2)
    queue.add('d')
    queue.add('e')
    expect(await waiting).toEqual(['d', 'e'])
  })

  test('delaying', async () => {
    const clock = new ManualClock()
    const queue = new WorkQueue({ clock })
    queue.addAfter('a', 100)
    queue.addAfter('a', 50)
    queue.addAfter('a', 70)
    queue.addAfter('b', 0)
    expect(await queue.take()).toBe('b')
    clock.jump(49)
    expect(queue.length).toBe(0)
    clock.jump(1)
    expect(await queue.take()).toBe('a')
    queue.done('a')
    clock.jump(1000)
    expect(queue.length).toBe(0)
    expect(clock.pendingTimers).toBe(0)
  })

  test('rate-limited', async () => {
    const clock = new ManualClock()
    const queue = new WorkQueue({ clock })
    for (const waitMs of [5, 10, 20, 40]) {
      queue.retry('a')
      clock.jump(waitMs - 1)
      expect(queue.length).toBe(0)
      clock.jump(1)
      queue.done((await queue.take())!)
    }
    queue.retry('b')
    expect(clock.nextTimerMs).toBe(5)
    queue.forget('a')
    expect(queue.failures('a')).toBe(0)
    for (let failures = 0; failures < 40; failures++) {
      queue.retry('c')
      clock.jump(2_000_000)
      queue.done((await queue.take())!)
    }
    queue.retry('c')
    expect(clock.nextTimerMs).toBe(1_000_000)
  })

  test('draining', async () => {
    const clock = new ManualClock()
    const queue = new WorkQueue({ clock })
    queue.add('a')
    queue.addAfter('later', 10)
    const key = await queue.take()
    const waiting = queue.take()
    queue.add('b')
    const second = await waiting
    const idle = queue.take()
    let isDrained = false
    const drained = queue.stop().then(() => {
      isDrained = true
    })
    expect(await idle).toBeUndefined()
    queue.add('c')
    queue.done(key!)
    await clock.settle()
    expect(isDrained).toBe(false)
    queue.done(second!)
    await drained
    expect(await queue.take()).toBeUndefined()
    expect(clock.pendingTimers).toBe(0)
  })
})

test('no key is lost and none is worked on twice at once, whatever the order', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('retry' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('finish' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('wait' as const), waitMs: fc.nat(30) }),
  )
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const clock = new ManualClock()
    const queue = new WorkQueue({ clock })
    const working: string[] = []
    /** Added, and not taken since. */
    const owed = new Set<string>()
    const take = async (): Promise<void> => {
      const key = (await queue.take())!
      expect(working).not.toContain(key)
      working.push(key)
      owed.delete(key)
    }
    for (const each of steps) {
      if (each.do === 'add') queue.add(each.key)
      if (each.do === 'retry') queue.retry(each.key)
      if ('key' in each) owed.add(each.key)
      if (each.do === 'take' && queue.length > 0) await take()
      if (each.do === 'finish' && working.length > 0) {
        queue.done(working.splice(each.which % working.length, 1)[0]!)
      }
      if (each.do === 'wait') clock.jump(each.waitMs)
    }
    for (const key of working.splice(0)) queue.done(key)
    clock.jump(10_000_000)
    while (queue.length > 0) await take()
    expect([...owed]).toEqual([])
  })
  await fc.assert(property, { seed: 42, numRuns: 300 })
})

test('figures under the names of upstream', async () => {
  const clock = new ManualClock()
  const metrics = createMetrics()
  const queue = new WorkQueue({ clock, metrics: queueMetrics(metrics)('job') })
  queue.add('a')
  queue.add('b')
  queue.retry('c')
  await queue.take()
  clock.jump(2)
  const text = await metrics.text()
  expect(text).toContain('workqueue_depth{name="job"} 1')
  expect(text).toContain('workqueue_adds_total{name="job"} 2')
  expect(text).toContain('workqueue_retries_total{name="job"} 1')
  expect(text).toContain('workqueue_unfinished_work_seconds 0.002')
})
