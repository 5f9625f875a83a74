/** `npm run chaos -- SEED COUNT`: that seed alone, or so many from it on, as in the tests. */
import { runChaos } from './run.ts'

const [first = '1', count = '1'] = process.argv.slice(2)
/** One thing that is broken makes many that wait for it. */
const SHOWN_MAX = 40
const seeds = Array.from({ length: Number(count) }, (_, index) => Number(first) + index)

console.log(`chaos: seeds ${seeds.join(', ')}`)
const problems = await runChaos(seeds)
for (const problem of problems.slice(0, SHOWN_MAX)) console.log(problem)
console.log(problems.length === 0 ? 'chaos: all is as asked' : `chaos: ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
