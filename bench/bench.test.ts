/** The lines of benches say what was measured, and a ratio above 1 is always good. */
import { expect, test } from 'vitest'
import { type Bench, benchLine, median, nanosecondsPerCall } from './bench.ts'

const bench = { name: 'decode', unit: 'us', better: 'lower', measure: () => 0 } satisfies Bench

test.for([
  [bench, 12.345, 'decode 12.3 us'],
  [bench, 1_234_567.8, 'decode 1,234,568 us'],
  [
    { ...bench, against: { name: 'the goal', figure: 60 } },
    20,
    'decode 20 us 3x as good as the goal (60 us)',
  ],
  [
    { ...bench, against: { name: 'the goal', figure: 60 } },
    120,
    'decode 120 us 0.5x as good as the goal (60 us)',
  ],
  [
    { ...bench, better: 'higher', unit: '/s', against: { name: 'a peer', figure: 944 } },
    9_440,
    'decode 9,440 /s 10x as good as a peer (944 /s)',
  ],
  [
    { ...bench, against: { name: 'a live peer', figure: async () => 30 } },
    20,
    'decode 20 us 1.5x as good as a live peer (30 us)',
  ],
] as const)('%#: %s', async ([given, figure, line]) => {
  expect((await benchLine(given, figure)).replace(/ +/g, ' ')).toBe(line)
})

test.for([
  [[3], 3],
  [[3, 1], 2],
  [[9, 1, 5], 5],
  [[], Number.NaN],
] as const)('median of %j', ([figures, wanted]) => {
  expect(median(figures)).toBe(wanted)
})

test('a call that waits is waited for', async () => {
  let under = 0
  let most = 0
  await nanosecondsPerCall(async () => {
    most = Math.max(most, ++under)
    await null
    under--
  })
  expect([under, most]).toEqual([0, 1])
})
