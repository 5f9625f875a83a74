/** No path below a volume leads out of it, whatever its users put there. */
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { pathBelow, resolveInside } from './sub-path.ts'

async function volumeIn(root: string): Promise<string> {
  const volume = join(root, 'volume')
  await mkdir(join(volume, 'dir/inner'), { recursive: true, mode: 0o750 })
  await writeFile(join(volume, 'file'), '')
  await mkdir(join(root, 'outside'))
  await symlink('dir', join(volume, 'inside-link'))
  await symlink('../outside', join(volume, 'outside-link'))
  await symlink(join(root, 'outside'), join(volume, 'absolute-link'))
  await symlink(join(volume, 'dir'), join(volume, 'absolute-inside'))
  await symlink('/', join(volume, 'dir/root-link'))
  await symlink('loop', join(volume, 'loop'))
  return volume
}

test.for([
  { path: 'dir', real: 'dir' },
  { path: 'dir//inner/', real: 'dir/inner' },
  { path: 'dir/./inner', real: 'dir/inner' },
  { path: 'file', real: 'file' },
  { path: 'inside-link/inner', real: 'dir/inner' },
  { path: 'absolute-inside/inner', real: 'dir/inner' },
  { path: 'new/deep', real: 'new/deep' },
  { path: 'dir/new', real: 'dir/new' },
])('$path is $real', async ({ path, real }) => {
  await using directory = await temporaryDirectory()
  const volume = await volumeIn(directory.path)
  expect(await pathBelow('', volume, path)).toBe(join(volume, real))
  await stat(join(volume, real))
})

test.for([
  'outside-link',
  'outside-link/new',
  'absolute-link/new',
  'dir/root-link/etc',
  'dir/root-link',
  '../outside',
  'new/../../outside',
  'loop',
])('%s is refused, and nothing is made', async (path) => {
  await using directory = await temporaryDirectory()
  const volume = await volumeIn(directory.path)
  await expect(pathBelow('', volume, path)).rejects.toThrow()
  expect(await readdir(join(directory.path, 'outside'))).toEqual([])
})

test('what is made has the mode of the volume', async () => {
  await using directory = await temporaryDirectory()
  const volume = join(directory.path, 'v')
  await mkdir(volume, { mode: 0o750 })
  await pathBelow('', volume, 'a/b')
  expect((await stat(join(volume, 'a/b'))).mode & 0o777).toBe(0o750)
})

test('links are followed as if the root were the root of everything', async () => {
  await using directory = await temporaryDirectory()
  const root = directory.path
  await mkdir(join(root, 'real/data'), { recursive: true })
  await symlink('/real', join(root, 'link'))
  await symlink('../../../../../../real', join(root, 'climbing'))
  expect(await resolveInside(root, '/link/data')).toEqual({ path: '/real/data', missing: [] })
  expect(await resolveInside(root, '/climbing/data')).toEqual({ path: '/real/data', missing: [] })
  expect(await resolveInside(root, '/link/new/file')).toEqual({
    path: '/real/new/file',
    missing: ['new', 'file'],
  })
})
