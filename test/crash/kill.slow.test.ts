/** A real process on a real disk, killed without warning: the short form of the 2,000 kills. */
import { expect, test } from 'vitest'
import { seededRandom } from '#daemon/random.ts'
import { killRepeatedly } from './kill-writer-process.ts'

const KILLS = 150

test(`${KILLS} kills lose nothing acknowledged and do nothing twice`, async () => {
  const { wrong, acknowledged } = await killRepeatedly(KILLS, seededRandom(11))
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(KILLS)
})
