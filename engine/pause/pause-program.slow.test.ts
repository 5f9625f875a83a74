/** The sandbox's program as this machine runs it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textOf } from '#test/runtime/reading.ts'
import { arm64 } from './arm64.ts'
import { pauseProgram, READY_NAME } from './pause-program.ts'
import { x86 } from './x86-64.ts'

let folder: string
let program: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nanokube-pause-'))
  program = join(folder, 'pause')
  writeFileSync(program, pauseProgram(process.arch === 'arm64' ? arm64 : x86))
  chmodSync(program, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

const start = (...given: readonly string[]): ChildProcessWithoutNullStreams => spawn(program, given)

async function exitCode(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  const [code] = await once(child, 'exit')
  return code
}

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

test.for(['SIGTERM', 'SIGINT'] as const)('it holds on until %s', async (signal) => {
  const child = start('keep')
  const exit = exitCode(child)
  while (readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim() !== READY_NAME) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  expect(status).toMatch(/CapEff:\t0+\n/)
  child.kill(signal)
  expect(await exit).toBe(0)
})

test('it writes settings, whole', async () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  for (const file of [one, two]) writeFileSync(file, '')
  const child = start('keep', one, '2000 3000', two, '1')
  const exit = exitCode(child)
  while (readFileSync(two, 'utf8') === '') await new Promise((resolve) => setImmediate(resolve))
  child.kill()
  await exit
  expect(readFileSync(one, 'utf8')).toBe('2000 3000')
})

test('a setting that is not there ends it with the number of the error', async () => {
  expect(await exitCode(start('keep', join(folder, 'none'), '1'))).toBe(2)
})

/** Somebody else may listen at the same port of the other family, which is asked first. */
const elsewhere = { retry: 2 }

test.for(['127.0.0.1', '::1'])('it passes bytes on to a port of %s', elsewhere, async (host) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  const port = await listen(server, host)
  const child = start('connect', String(port))
  const sent = 'x'.repeat(3_000_000)
  child.stdin.end(sent)
  expect(await textOf(child.stdout)).toBe(sent)
  server.close()
})

test('when the other side ends, it ends, though its own input is open', async () => {
  const server = createServer((socket) => socket.end('bye'))
  const port = await listen(server, '127.0.0.1')
  const child = start('connect', String(port))
  const exit = exitCode(child)
  expect(await textOf(child.stdout)).toBe('bye')
  expect(await exit).toBe(0)
  server.close()
})

test('a port where nobody listens is an error with its number', async () => {
  const server = createServer()
  const port = await listen(server, '127.0.0.1')
  server.close()
  await once(server, 'close')
  expect(await exitCode(start('connect', String(port)))).toBe(111)
})
