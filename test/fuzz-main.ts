/** `npm run fuzz -- FACTOR SEED`: the property tests with many more runs, from any seed. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const [factor = '50', seed = String(Math.floor(Math.random() * 2 ** 31))] = process.argv.slice(2)
const TIMEOUT_MS = 600_000

const files = readdirSync('.', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('node_modules'))
  .filter((file) => readFileSync(file, 'utf8').includes('#test/fuzz.ts'))

console.log(`fuzz: ${files.length} files, ${factor} times the usual runs, seed ${seed}`)
const command = ['run', '--project', 'unit', '--testTimeout', String(TIMEOUT_MS), ...files]
const environment = { ...process.env, FUZZ_FACTOR: factor, FUZZ_SEED: seed }
const { status } = spawnSync('vitest', command, { stdio: 'inherit', env: environment })
process.exitCode = status ?? 1
