/** What is mounted, what is to be mounted, and what is taken away. */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { mountPointsIn, mountsBelow } from './mount-table.ts'
import { mountArguments, systemMounter } from './mounter.ts'
import { removeTree } from './remove-tree.ts'

const table = `22 27 0:21 / /proc rw,relatime - proc proc rw
30 27 0:40 / /var/lib/a\\040b rw - tmpfs tmpfs rw
31 30 0:41 /x /var/lib/a\\040b/deep/er rw shared:1 - nfs server:/x rw
`

test('mount points are read with their blanks', () => {
  const points = mountPointsIn(table)
  expect(points).toEqual(['/proc', '/var/lib/a b', '/var/lib/a b/deep/er'])
  expect(mountsBelow(points, '/var/lib/a b')).toEqual(['/var/lib/a b/deep/er', '/var/lib/a b'])
  expect(mountsBelow(points, '/var/lib/a')).toEqual([])
})

test('the arguments of mount', () => {
  const request = { type: 'nfs', source: 's:/x', directory: '/d', options: ['nfsvers=4', 'ro'] }
  expect(mountArguments(request)).toEqual(['-t', 'nfs', '-o', 'nfsvers=4,ro', 's:/x', '/d'])
  expect(mountArguments({ ...request, options: [] })).toEqual(['-t', 'nfs', 's:/x', '/d'])
})

test('a failing mount says what the tool has said', async () => {
  await using directory = await temporaryDirectory()
  const request = { type: 'nosuchfs', source: 'x', directory: directory.path, options: [] }
  await expect(systemMounter.mount(request)).rejects.toThrow(
    /^mount failed: exit status \d+\nMounting command: mount\nMounting arguments: -t nosuchfs x .*\nOutput: ./s,
  )
})

test('a tree goes, and what its links lead to stays', async () => {
  await using directory = await temporaryDirectory()
  const tree = join(directory.path, 'tree')
  const outside = join(directory.path, 'outside')
  await mkdir(join(tree, 'sub'), { recursive: true })
  await mkdir(outside)
  await writeFile(join(outside, 'file'), '')
  await symlink(outside, join(tree, 'sub/link'))
  await removeTree(tree, systemMounter)
  expect(await readdir(directory.path)).toEqual(['outside'])
  expect(await readdir(outside)).toEqual(['file'])
  await removeTree(tree, systemMounter)
})

test('what is mounted below is taken off first, innermost first', async () => {
  await using directory = await temporaryDirectory()
  const tree = join(directory.path, 'tree')
  await mkdir(tree)
  const mounted = new Set([tree, join(tree, 'a'), join(tree, 'a/b')])
  const unmounted: string[] = []
  await removeTree(tree, {
    mountPoints: async () => [...mounted],
    unmount: async (point) => {
      mounted.delete(point)
      unmounted.push(point)
    },
  })
  expect(unmounted).toEqual([join(tree, 'a/b'), join(tree, 'a'), tree])
  expect(await readdir(directory.path)).toEqual([])
})

test('nothing is removed while something is mounted', async () => {
  await using directory = await temporaryDirectory()
  const tree = join(directory.path, 'tree')
  await mkdir(join(tree, 'a'), { recursive: true })
  const stuck = { mountPoints: async () => [join(tree, 'a')], unmount: async () => undefined }
  await expect(removeTree(tree, stuck)).rejects.toThrow('is still mounted')
  expect(await readdir(tree)).toEqual(['a'])
})
