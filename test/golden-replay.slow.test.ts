/** The server answers as a genuine one does: the recorded requests, sent to a real process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, CERTIFICATE_FILE, startServerProcess } from '#bench/server-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const AREAS = [
  'defaults',
  'validation',
  'updates',
  'patch',
  'lists',
  'watch',
  'discovery',
  'limits',
  'crd',
  'auth',
]
const PASSING_SHARE = 0.95
const REPLAY_MS = 240_000

interface Step {
  readonly area: string
  readonly scenario: string
  readonly step: string
  readonly pass: boolean
}

const steps: Step[] = []

beforeAll(async () => {
  await using server = await startServerProcess({ serviceAccounts: true })
  const report = join(server.directory, 'replay.json')
  const given = { server: server.url, token: ADMIN_TOKEN, ca: CERTIFICATE_FILE, json: report }
  const flags = Object.entries({ ...given, area: AREAS.join(',') }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ])
  const script = join(root, 'test/golden/replay.mjs')
  const replay = spawn(process.execPath, [script, '--no-wait', ...flags], { stdio: 'ignore' })
  await once(replay, 'exit')
  steps.push(...(JSON.parse(await readFile(report, 'utf8')) as { steps: Step[] }).steps)
}, REPLAY_MS)

/** In the order of their first step. */
function scenarios(): Map<string, readonly Step[]> {
  const named = Map.groupBy(steps, ({ area, scenario }) => `${area}/${scenario}`)
  return new Map([...named].map(([name, of]) => [name, of.filter(({ pass }) => !pass)]))
}

const failing = (): string[] =>
  [...scenarios()].filter(([, failed]) => failed.length > 0).map(([name]) => name)

test('every scenario of the areas is replayed', () => {
  expect([...new Set(steps.map(({ area }) => area))].toSorted()).toEqual(AREAS.toSorted())
})

test(`${PASSING_SHARE * 100} % of the scenarios pass`, () => {
  expect(1 - failing().length / scenarios().size).toBeGreaterThanOrEqual(PASSING_SHARE)
})

test('the scenarios that fail are those that docs/compatibility.md lists', async () => {
  const text = await readFile(join(root, 'docs/compatibility.md'), 'utf8')
  const listed = [...text.matchAll(/^- `([a-z]+\/[^`]+)`: ./gm)].map(([, name]) => name!)
  expect(failing().toSorted()).toEqual(listed.toSorted())
})
