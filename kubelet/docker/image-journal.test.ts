/** The journal of images outlives its process, and a file that is none stops the start. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ImageJournal } from './image-journal.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nanokube-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what was written is read again', async () => {
  const path = join(folder, 'new/images.json')
  const journal = await ImageJournal.open(path)
  await Promise.all([journal.add('a', 'x:1'), journal.add('a', 'x:2'), journal.add('b', 'y:1')])
  await journal.add('a', 'x:1')
  await journal.remove('b')
  const again = await ImageJournal.open(path)
  expect(again.names('a')).toEqual(['x:1', 'x:2'])
  expect(again.names('b')).toBeUndefined()
  expect(readdirSync(join(folder, 'new'))).toEqual(['images.json'])
})

test('a file that is no journal is named', async () => {
  const path = join(folder, 'images.json')
  writeFileSync(path, '[1]')
  await expect(ImageJournal.open(path)).rejects.toThrow('images.json: found [1], wanted an object')
})
