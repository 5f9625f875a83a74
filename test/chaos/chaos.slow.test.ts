/** Everything at once goes wrong in a cluster; in the end it is exactly what was asked for. */
import { expect, test } from 'vitest'
import { fuzz } from '../fuzz.ts'
import { runChaos } from './run.ts'

/** Each has a namespace of its own, in a cluster that it shares with others. */
const SEEDS_A_CLUSTER = 20
const { seed: firstSeed, numRuns: clusters } = fuzz(10)

const firstSeeds = Array.from(
  { length: clusters },
  (_, index) => firstSeed + index * SEEDS_A_CLUSTER,
)

test.for(firstSeeds)(`npm run chaos -- %i ${SEEDS_A_CLUSTER}`, async (first) => {
  const seeds = Array.from({ length: SEEDS_A_CLUSTER }, (_, index) => first + index)
  expect(await runChaos(seeds)).toEqual([])
})
