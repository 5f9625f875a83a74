/** The queue gives timers in order, whatever is added and removed in between. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { type TimerEntry, TimerQueue } from './timer-queue.ts'

function drained(queue: TimerQueue): TimerEntry[] {
  const entries: TimerEntry[] = []
  for (let entry = queue.first; entry !== undefined; entry = queue.first) {
    entries.push(entry)
    queue.remove(entry)
  }
  return entries
}

const step = fc.oneof(
  fc.record({ add: fc.nat(20) }),
  fc.record({ remove: fc.nat() }),
  fc.constant({ take: true }),
)

test('it behaves as a sorted list does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new TimerQueue()
      let model: TimerEntry[] = []
      for (const [order, each] of steps.entries()) {
        if ('add' in each) {
          const entry = { dueAt: each.add, order, action: () => {}, place: -1 }
          queue.add(entry)
          model.push(entry)
          model.sort((a, b) => a.dueAt - b.dueAt || a.order - b.order)
        } else {
          const gone = model['take' in each ? 0 : each.remove % Math.max(model.length, 1)]
          if ('take' in each) expect(queue.first).toBe(gone)
          if (gone) queue.remove(gone)
          model = model.filter((entry) => entry !== gone)
        }
        expect([queue.size, queue.first]).toEqual([model.length, model[0]])
      }
      expect(drained(queue)).toEqual(model)
    }),
    fuzz(300),
  )
})

test('removing twice is harmless', () => {
  const queue = new TimerQueue()
  const entry = { dueAt: 1, order: 0, action: () => {}, place: -1 }
  queue.add(entry)
  queue.add({ ...entry, order: 1 })
  queue.remove(entry)
  queue.remove(entry)
  expect(queue.size).toBe(1)
})
