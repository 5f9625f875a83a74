/** Files of volumes change all at once, and nothing stale is left. */
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { writeAtomically } from './atomic-writer.ts'
import type { Payload } from './payload.ts'

const parts = { clock: new ManualClock(), random: seededRandom(3) }

const payload = (files: Readonly<Record<string, string>>, mode = 0o644): Payload =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]))

async function shown(volume: string): Promise<Record<string, string>> {
  const names = (await readdir(volume)).filter((name) => name[0] !== '.')
  const files: Record<string, string> = {}
  for (const name of names) {
    const target = await stat(join(volume, name))
    if (target.isFile()) files[name] = await readFile(join(volume, name), 'utf8')
    else {
      for (const inner of await readdir(join(volume, name))) {
        files[`${name}/${inner}`] = await readFile(join(volume, name, inner), 'utf8')
      }
    }
  }
  return files
}

const directories = async (volume: string): Promise<readonly string[]> =>
  (await readdir(volume)).filter((name) => /^\.\.\d{4}_/.test(name))

test('files appear with their modes, below names that lead to the data', async () => {
  await using directory = await temporaryDirectory()
  const volume = directory.path
  const files = new Map([...payload({ a: '1', 'sub/b': '2' }), ...payload({ secret: '3' }, 0o400)])
  expect(await writeAtomically(volume, files, parts)).toBe(true)
  expect(await shown(volume)).toEqual({ a: '1', 'sub/b': '2', secret: '3' })
  expect(await readlink(join(volume, 'a'))).toBe('..data/a')
  expect(await readlink(join(volume, 'sub'))).toBe('..data/sub')
  expect(await readlink(join(volume, '..data'))).toMatch(/^\.\.(\d{4})(_\d\d){5}\.\d+$/)
  expect((await stat(join(volume, 'secret'))).mode & 0o7777).toBe(0o400)
  expect((await stat(join(volume, 'sub'))).mode & 0o7777).toBe(0o755)
})

test('the same again changes nothing', async () => {
  await using directory = await temporaryDirectory()
  await writeAtomically(directory.path, payload({ a: '1' }), parts)
  const before = await directories(directory.path)
  expect(await writeAtomically(directory.path, payload({ a: '1' }), parts)).toBe(false)
  expect(await directories(directory.path)).toEqual(before)
})

test.for([
  { name: 'changed', next: { a: '9', 'sub/b': '2' } },
  { name: 'removed', next: { a: '1' } },
  { name: 'removed with its folder', next: { 'sub/b': '2' } },
  { name: 'added', next: { a: '1', 'sub/b': '2', c: '3' } },
  { name: 'moved', next: { 'sub/a': '1', b: '2' } },
  { name: 'all gone', next: {} },
])('a file is $name', async ({ next }) => {
  await using directory = await temporaryDirectory()
  await writeAtomically(directory.path, payload({ a: '1', 'sub/b': '2' }), parts)
  expect(await writeAtomically(directory.path, payload(next as never), parts)).toBe(true)
  expect(await shown(directory.path)).toEqual(next)
  expect(await directories(directory.path)).toHaveLength(1)
})

test('what others have put there stays', async () => {
  await using directory = await temporaryDirectory()
  const volume = directory.path
  await mkdir(join(volume, 'mountpoint'))
  await symlink('elsewhere', join(volume, 'link'))
  await writeAtomically(volume, payload({ a: '1' }), parts)
  await writeAtomically(volume, payload({ b: '1' }), parts)
  expect((await readdir(volume)).filter((name) => name[0] !== '.').sort()).toEqual([
    'b',
    'link',
    'mountpoint',
  ])
})

test('what a killed kubelet left is put in order', async () => {
  await using directory = await temporaryDirectory()
  const volume = directory.path
  await writeAtomically(volume, payload({ a: '1' }), parts)
  // Killed while writing anew, and between the change and the names.
  await mkdir(join(volume, '..2026_01_01_00_00_00.7'))
  await writeFile(join(volume, '..2026_01_01_00_00_00.7', 'a'), 'half')
  await symlink('..2026_01_01_00_00_00.7', join(volume, '..data_tmp'))
  await symlink('..data/gone', join(volume, 'gone'))
  expect(await writeAtomically(volume, payload({ a: '1' }), parts)).toBe(false)
  expect(await readdir(volume)).toHaveLength(3)
  expect(await shown(volume)).toEqual({ a: '1' })
})

test('a reader sees the old files or the new ones, never a mixture', async () => {
  await using directory = await temporaryDirectory()
  const volume = directory.path
  const version = (text: string) => payload({ one: text, two: text })
  await writeAtomically(volume, version('0'), parts)
  let isOver = false
  const mixed: string[] = []
  const reader = (async () => {
    while (!isOver) {
      // Through the directory, as a program that wants them to agree has to do it.
      const data = await readlink(join(volume, '..data'))
      const read = (name: string) => readFile(join(volume, data, name), 'utf8').catch(() => '')
      const [one, two] = await Promise.all([read('one'), read('two')])
      if (one && two && one !== two) mixed.push(`${one} ${two}`)
    }
  })()
  for (let round = 1; round <= 30; round++)
    await writeAtomically(volume, version(`${round}`), parts)
  isOver = true
  await reader
  expect(mixed).toEqual([])
})

test.for(['../a', '/a', 'a/../../b', '..hidden', ''])('a path "%s" is refused', async (path) => {
  await using directory = await temporaryDirectory()
  const wanted = writeAtomically(directory.path, payload({ [path]: '1' }), parts)
  await expect(wanted).rejects.toThrow('invalid path')
  expect(await readdir(directory.path)).toEqual([])
})
