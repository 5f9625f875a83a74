/** A process of somebody else, from its start to its end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { hasEnded, isAlive, onReload, sendSignal } from './other-processes.ts'

const { signal } = new AbortController()

test('a process lives until it has ended, and then takes no signals', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  expect(isAlive(pid)).toBe(true)
  expect(sendSignal(pid, 'SIGTERM')).toBe(true)
  await hasEnded(pid, systemClock, signal)
  expect(isAlive(pid)).toBe(false)
  expect(sendSignal(pid, 'SIGTERM')).toBe(false)
})

test('who listens for changes is told until disposed of', async () => {
  let heard = 0
  const reload = onReload(() => heard++)
  // Of the process itself: tests run in threads of it, which no signal reaches.
  process.emit('SIGHUP')
  reload[Symbol.dispose]()
  expect(heard).toBe(1)
})
