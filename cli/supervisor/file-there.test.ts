/** Files that are there, come, or never do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileThere } from './file-there.ts'

let directory: string
const never = new AbortController().signal

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'file-there-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('a file that is there is not waited for', async () => {
  const path = join(directory, 'a')
  await writeFile(path, '')
  await fileThere(path, never)
})

test('a file that comes ends the wait, in a directory that was not there either', async () => {
  const path = join(directory, 'deep', 'a')
  const waiting = fileThere(path, never)
  for (let written = false; !written; ) {
    written = await writeFile(path, '').then(
      () => true,
      () => false,
    )
  }
  await waiting
})

test('other files do not end it, the signal does', async () => {
  const stopping = new AbortController()
  const waiting = fileThere(join(directory, 'a'), stopping.signal)
  await writeFile(join(directory, 'b'), '')
  stopping.abort()
  await expect(waiting).rejects.toThrow('aborted')
})
