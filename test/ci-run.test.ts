/** .ci/run does what README.md says, and its last line and exit code tell the truth. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const script = readFileSync(join(root, '.ci/run'), 'utf8')

/** The one command in the fenced block below a heading. */
function commandUnder(heading: string): string | undefined {
  return new RegExp(`^## ${heading}\\n[^#]*?\`\`\`sh\\n([^\\n]+)\\n\`\`\``, 'm').exec(readme)?.[1]
}

test.for([
  ['Set up', 'SET_UP'],
  ['Test', 'TEST'],
] as const)('the command under "%s" is the one that is run', ([heading, variable]) => {
  const command = commandUnder(heading)
  expect(command).toBeDefined()
  expect(script).toContain(`readonly ${variable}='${command}'`)
})

/**
 * Runs the script with an npm that does as `npm` says; $1 is what npm is asked for. Nothing is
 * installed or started: what is missing on this machine is not needed here.
 */
function run(npm: string): { lastLine: string | undefined; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'ci-run-'))
  try {
    for (const [name, script] of Object.entries({ npm, 'apt-get': 'exit 0', docker: 'exit 0' })) {
      writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${script}\n`)
      chmodSync(join(folder, name), 0o755)
    }
    const { stdout, status } = spawnSync(join(root, '.ci/run'), {
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
      encoding: 'utf8',
    })
    return { lastLine: stdout.trimEnd().split('\n').at(-1), status }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const report = (name: string, passed: number, failed: number): string =>
  `echo '{"numPassedTests":${passed},"numFailedTests":${failed}}' > "$TEST_REPORT_DIR/${name}.json"`

test.for([
  ['everything passes', `${report('1', 3, 0)}; ${report('2', 4, 0)}`, '7 passed, 0 failed', 0],
  ['tests fail', `${report('1', 3, 2)}; exit 7`, '3 passed, 2 failed', 7],
  ['types fail before any test', 'exit 2', '0 passed, 1 failed', 2],
  ['a file does not load', `${report('1', 5, 0)}; exit 1`, '5 passed, 1 failed', 1],
  ['nothing is tested', 'exit 0', '0 passed, 1 failed', 1],
  ['a report is cut off', 'echo "{" > "$TEST_REPORT_DIR/1.json"', '0 passed, 1 failed', 1],
] as const)('%s', ([, testing, lastLine, status]) => {
  expect(run(`if [[ $1 == test ]]; then ${testing}; fi`)).toEqual({ lastLine, status })
})

test('a set-up that fails is a failure, and no test runs', () => {
  const npm = `if [[ $1 == ci ]]; then exit 3; fi; ${report('1', 9, 0)}`
  expect(run(npm)).toEqual({ lastLine: '0 passed, 1 failed', status: 3 })
})

test('tests see CI=true and an empty standard input', () => {
  const npm = `if [[ $1 == test && $CI == true && -z $(cat) ]]; then ${report('1', 1, 0)}; fi`
  expect(run(npm)).toEqual({ lastLine: '1 passed, 0 failed', status: 0 })
})
