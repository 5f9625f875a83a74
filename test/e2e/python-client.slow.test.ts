/** The official client for Python, as Debian packages it, works on a real server process. */
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startServerProcess } from '#bench/server-process.ts'
import { configuration } from './kubectl.ts'

/** Debian's own, which sees Debian's packages. */
const PYTHON = '/usr/bin/python3'
const script = fileURLToPath(new URL('python-client.py', import.meta.url))

const hasClient = (): boolean =>
  spawnSync(PYTHON, ['-c', 'import kubernetes'], { stdio: 'ignore' }).status === 0

// .ci/run installs it; a developer may do without.
const isMissing = process.env.CI !== 'true' && !hasClient()
const why = isMissing ? ' (skipped: python3-kubernetes is not installed)' : ''

test.skipIf(isMissing)(`creates, changes, lists, watches and deletes${why}`, async () => {
  await using server = await startServerProcess()
  const file = join(server.directory, 'kubeconfig.json')
  await writeFile(file, JSON.stringify(configuration(server.url, 'default')))
  const { stdout, stderr } = spawnSync(PYTHON, [script, file], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout.trim().split('\n')).toEqual([
    'create_read_update_delete',
    'deployment',
    'watching',
    'versions',
  ])
})
