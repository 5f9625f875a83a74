/** No more work at once than there are seats, in the order in which it came. */
import { expect, test } from 'vitest'
import { Seats } from './seats.ts'

test('work waits for a seat, and a failure gives its seat back', async () => {
  const seats = new Seats(2)
  const order: number[] = []
  let running = 0
  let most = 0
  const work = (index: number) =>
    seats.run(async () => {
      order.push(index)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      if (index === 1) throw new Error('one')
      return index
    })
  const outcomes = await Promise.allSettled([0, 1, 2, 3, 4].map(work))
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
    true,
    false,
    true,
    true,
    true,
  ])
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(most).toBe(2)
})

test('what is urgent goes before what waits longer', async () => {
  const seats = new Seats(1)
  const order: string[] = []
  const work = (name: string, isUrgent: boolean) =>
    seats.run(async () => void order.push(name), { isUrgent })
  await Promise.all([work('a', false), work('b', false), work('c', true), work('d', true)])
  expect(order).toEqual(['a', 'c', 'd', 'b'])
})
