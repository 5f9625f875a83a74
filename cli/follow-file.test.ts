/** A log that grows and is put aside. */
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { followFile } from './follow-file.ts'

test('a file that grows and is put aside is read to the end, and so is the next one', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'a.log')
  await writeFile(path, 'one ')
  const ending = new AbortController()
  let seen = ''
  const reading = (async () => {
    for await (const chunk of followFile(path, ending.signal)) seen += chunk.toString()
  })()
  await expect.poll(() => seen).toBe('one ')
  await appendFile(path, 'two ')
  await expect.poll(() => seen).toBe('one two ')
  await appendFile(path, 'three ')
  await rename(path, `${path}.1`)
  await writeFile(path, 'four')
  await expect.poll(() => seen).toBe('one two three four')
  ending.abort()
  await reading
})
