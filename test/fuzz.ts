/** How often properties are tried: the same cases every time, or on demand many more of others. */

interface Runs {
  readonly seed: number
  readonly numRuns: number
}

const SEED = 42

/** `npm run fuzz` sets the environment: FUZZ_FACTOR times as many runs, from FUZZ_SEED. */
export function fuzz(runs: number): Runs {
  const { FUZZ_FACTOR = '1', FUZZ_SEED = String(SEED) } = process.env
  return { seed: Number(FUZZ_SEED), numRuns: runs * Number(FUZZ_FACTOR) }
}
