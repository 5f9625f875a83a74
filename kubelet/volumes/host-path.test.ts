/** Paths of nodes are checked, or made, as their type says. */

import { once } from 'node:events'
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { checkHostPath } from './host-path.ts'

async function populated(root: string) {
  await mkdir(join(root, 'dir'))
  await writeFile(join(root, 'file'), 'kept')
  await symlink('file', join(root, 'link'))
  const server = createServer().listen(join(root, 'socket'))
  await once(server, 'listening')
  return { [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) }
}

test.for([
  { type: 'Directory', path: 'dir' },
  { type: 'DirectoryOrCreate', path: 'dir' },
  { type: 'DirectoryOrCreate', path: 'new/dir', mode: 0o755 },
  { type: 'File', path: 'file' },
  { type: 'File', path: 'link' },
  { type: 'FileOrCreate', path: 'file' },
  { type: 'FileOrCreate', path: 'new/file', mode: 0o644 },
  { type: 'Socket', path: 'socket' },
  { type: 'CharDevice', path: '../../dev/null' },
  { type: '', path: 'missing' },
] as const)('$type at $path is fine', async ({ type, path, ...more }) => {
  await using directory = await temporaryDirectory()
  await using _server = await populated(directory.path)
  const whole = path.includes('dev/null') ? '/dev/null' : join(directory.path, path)
  await checkHostPath(whole, type, '')
  const stats = await stat(whole)
  if ('mode' in more) expect(stats.mode & 0o777).toBe(more.mode)
  expect(await readFile(join(directory.path, 'file'), 'utf8')).toBe('kept')
})

test.for([
  { type: 'Directory', path: 'file', what: 'directory' },
  { type: 'Directory', path: 'missing', what: 'directory' },
  { type: 'DirectoryOrCreate', path: 'file', what: 'directory' },
  { type: 'File', path: 'dir', what: 'file' },
  { type: 'File', path: 'missing', what: 'file' },
  { type: 'FileOrCreate', path: 'dir', what: 'file' },
  { type: 'Socket', path: 'file', what: 'socket file' },
  { type: 'CharDevice', path: 'file', what: 'character device' },
  { type: 'BlockDevice', path: 'dir', what: 'block device' },
] as const)('$type at $path is refused', async ({ type, path, what }) => {
  await using directory = await temporaryDirectory()
  await using _server = await populated(directory.path)
  const whole = join(directory.path, path)
  const message = `hostPath type check failed: ${whole} is not a ${what}`
  await expect(checkHostPath(whole, type, '')).rejects.toThrow(message)
})

test('the files are those of the node, where the kubelet sees them elsewhere', async () => {
  await using directory = await temporaryDirectory()
  await checkHostPath('/data/new', 'DirectoryOrCreate', directory.path)
  expect((await stat(join(directory.path, 'data/new'))).isDirectory()).toBe(true)
})
