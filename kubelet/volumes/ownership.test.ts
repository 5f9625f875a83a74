/** Files of volumes belong to the group of their pod. */
import { chmod, lstat, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { giveToGroup, modeForGroup } from './ownership.ts'

/** Any that is not ours where we may give files away, else our own. */
const groupId = process.getuid?.() === 0 ? 4711 : (process.getgid?.() ?? 0)

test.for([
  { mode: 0o644, isDirectory: false, isReadOnly: false, expected: 0o664 },
  { mode: 0o600, isDirectory: false, isReadOnly: true, expected: 0o640 },
  { mode: 0o400, isDirectory: false, isReadOnly: true, expected: 0o440 },
  { mode: 0o755, isDirectory: true, isReadOnly: false, expected: 0o2775 },
  { mode: 0o700, isDirectory: true, isReadOnly: true, expected: 0o2750 },
  { mode: 0o777, isDirectory: true, isReadOnly: true, expected: 0o2777 },
])('modeForGroup($mode)', ({ mode, isDirectory, isReadOnly, expected }) => {
  expect(modeForGroup(mode, isDirectory, isReadOnly)).toBe(expected)
})

async function tree(root: string): Promise<void> {
  await mkdir(join(root, 'sub'), { mode: 0o700 })
  await writeFile(join(root, 'sub/file'), '', { mode: 0o600 })
  await symlink('/etc/passwd', join(root, 'link'))
}

test('everything below is given away, links themselves and not what they lead to', async () => {
  await using directory = await temporaryDirectory()
  const root = directory.path
  await tree(root)
  const before = await stat('/etc/passwd')
  await giveToGroup(root, { groupId, isDoneByRoot: false }, false)
  for (const path of [root, join(root, 'sub'), join(root, 'sub/file'), join(root, 'link')]) {
    expect((await lstat(path)).gid).toBe(groupId)
  }
  expect((await stat(join(root, 'sub'))).mode & 0o7777).toBe(0o2770)
  expect((await stat(join(root, 'sub/file'))).mode & 0o7777).toBe(0o660)
  const after = await stat('/etc/passwd')
  expect([after.gid, after.mode]).toEqual([before.gid, before.mode])
})

test('OnRootMismatch looks no further when the root is right', async () => {
  await using directory = await temporaryDirectory()
  const root = directory.path
  await tree(root)
  const ownership = { groupId, isDoneByRoot: true }
  await giveToGroup(root, ownership, false)
  await chmod(join(root, 'sub/file'), 0o600)
  await giveToGroup(root, ownership, false)
  expect((await stat(join(root, 'sub/file'))).mode & 0o7777).toBe(0o600)
  await giveToGroup(root, { ...ownership, isDoneByRoot: false }, false)
  expect((await stat(join(root, 'sub/file'))).mode & 0o7777).toBe(0o660)
})

test('without a group nothing changes', async () => {
  await using directory = await temporaryDirectory()
  const before = await stat(directory.path)
  await giveToGroup(directory.path, undefined, false)
  expect((await stat(directory.path)).mode).toBe(before.mode)
})
