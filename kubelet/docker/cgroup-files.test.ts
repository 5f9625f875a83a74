/** Where the kernel keeps its figures, and what they mean, in both versions of cgroups. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CgroupFiles, containerPath } from './cgroup-files.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nanokube-cgroups-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

test.for([
  ['cgroupfs', '/kubepods/pod1', '/kubepods/pod1/abc'],
  ['cgroupfs', undefined, '/docker/abc'],
  [
    'systemd',
    'kubepods-burstable-pod1_2.slice',
    'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/docker-abc.scope',
  ],
  ['systemd', undefined, 'system.slice/docker-abc.scope'],
] as const)('%s below %s: %s', ([driver, parent, path]) => {
  expect(containerPath(driver, parent, 'abc')).toBe(path)
})

const expected = {
  cpuNs: 5_000_000,
  memoryBytes: 1000,
  workingSetBytes: 700,
  rssBytes: 400,
  pageFaults: 9,
  majorPageFaults: 2,
  processes: 3,
}

test('version 1 has a tree for each controller', async () => {
  write({
    'cpuacct/p/abc/cpuacct.usage': '5000000\n',
    'memory/p/abc/memory.usage_in_bytes': '1000\n',
    'memory/p/abc/memory.stat':
      'inactive_file 1\ntotal_rss 400\ntotal_inactive_file 300\ntotal_pgfault 9\ntotal_pgmajfault 2\n',
    'pids/p/abc/pids.current': '3\n',
  })
  const files = new CgroupFiles({ version: 1, driver: 'cgroupfs', root })
  expect(await files.usage('abc', '/p')).toEqual(expected)
  expect(await files.usage('gone', '/p')).toBeUndefined()
})

test('version 2 has one', async () => {
  write({
    'p/abc/cpu.stat': 'usage_usec 5000\nuser_usec 1\n',
    'p/abc/memory.current': '1000\n',
    'p/abc/memory.stat': 'anon 400\ninactive_file 300\npgfault 9\npgmajfault 2\n',
    'p/abc/pids.current': '3\n',
  })
  const files = new CgroupFiles({ version: 2, driver: 'cgroupfs', root })
  expect(await files.usage('abc', '/p')).toEqual(expected)
})

test('the empty cgroup of a pod goes, and one that is in use stays', async () => {
  mkdirSync(join(root, 'memory/kubepods/pod1'), { recursive: true })
  mkdirSync(join(root, 'cpu/kubepods/pod1/abc'), { recursive: true })
  const files = new CgroupFiles({ version: 1, driver: 'cgroupfs', root })
  await files.removeParent('/kubepods/pod1')
  await files.removeParent('/kubepods/pod1')
  expect(existsSync(join(root, 'memory/kubepods/pod1'))).toBe(false)
  expect(existsSync(join(root, 'cpu/kubepods/pod1/abc'))).toBe(true)
})
