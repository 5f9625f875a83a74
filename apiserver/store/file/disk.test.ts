/** The real disk: who may read a store, who may open it, and what a lock survives. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemDisk } from './disk.ts'

const LOCK_SOURCE = fileURLToPath(new URL('directory-lock.ts', import.meta.url))
let directory: string

beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'nanokube-disk-'))
})
afterAll(() => fs.rm(directory, { recursive: true }))

async function modeOf(file: string): Promise<number> {
  return (await fs.stat(file)).mode & 0o777
}

test('a store is for its owner alone, even in a directory that was open before', async () => {
  const inner = path.join(directory, 'open', 'inner')
  await systemDisk.makeDirectory(inner)
  expect(await modeOf(inner)).toBe(0o700)
  await fs.chmod(inner, 0o755)
  await systemDisk.makeDirectory(inner)
  expect(await modeOf(inner)).toBe(0o700)
  const file = await systemDisk.create(path.join(inner, 'file'))
  await file.close()
  expect(await modeOf(path.join(inner, 'file'))).toBe(0o600)
})

test('files hold what was written, in parts and at any place', async () => {
  const file = await systemDisk.create(path.join(directory, 'data'))
  await file.write([Buffer.from('abc'), Buffer.alloc(0), Buffer.from('defg')], 2)
  await file.sync()
  const target = Buffer.alloc(20, '.')
  expect(await file.read(target, 0)).toBe(9)
  expect(target.toString()).toBe('\0\0abcdefg...........')
  await file.truncate(4)
  expect(await file.size()).toBe(4)
  await file.close()
  const again = await systemDisk.open(path.join(directory, 'data'))
  expect(await again.read(target, 2)).toBe(2)
  await again.close()
})

test('a lock keeps others out until it is given back', async () => {
  const inner = path.join(directory, 'locked')
  await systemDisk.makeDirectory(inner)
  const lock = systemDisk.lock(inner)
  expect(() => systemDisk.lock(inner)).toThrow(`"${inner}" is in use by another process`)
  lock[Symbol.dispose]()
  systemDisk.lock(inner)[Symbol.dispose]()
})

test('a lock of a process that is killed is gone, and not before', async () => {
  const inner = path.join(directory, 'killed')
  await systemDisk.makeDirectory(inner)
  const source = `
    const { lockDirectory } = await import(${JSON.stringify(LOCK_SOURCE)})
    globalThis.lock = lockDirectory(${JSON.stringify(inner)})
    process.stdout.write('locked')
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect(() => systemDisk.lock(inner)).toThrow('is in use by another process')
  child.kill('SIGKILL')
  await once(child, 'exit')
  systemDisk.lock(inner)[Symbol.dispose]()
})
