/** Runs the benches, each file in a process of its own, and prints one line for each figure. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const USAGE = `Usage: npm run bench [-- WORD...]

Runs every bench; with words, only those whose file or name contains one of them.
`

const BENCH_ENDING = '.bench.ts'

function main(words: readonly string[]): number {
  if (words.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(USAGE)
    return 0
  }
  const unknown = words.find((word) => word.startsWith('-'))
  if (unknown !== undefined) {
    process.stderr.write(`bench: unknown flag: ${unknown}\n${USAGE}`)
    return 2
  }
  const files = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(BENCH_ENDING))
    .sort()
  const runner = fileURLToPath(new URL('./run-file.ts', import.meta.url))
  const statuses = files.map((file) => {
    const given = ['--expose-gc', runner, file, ...words]
    return spawnSync(process.execPath, given, { stdio: ['ignore', 'inherit', 'inherit'] }).status
  })
  return statuses.every((status) => status === 0) ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
