/** Connections whose other end is gone are noticed, and idle ones end. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { ManualClock } from '../clock.ts'
import { keepAlive } from './keep-alive.ts'

const PING_MS = 30_000
const HOUR_MS = 3600_000

class Socket extends EventEmitter {
  pings = 0
  isPaused = false
  isTerminated = false

  ping(): void {
    this.pings++
  }

  terminate(): void {
    this.isTerminated = true
    this.emit('close')
  }
}

function watched(): { socket: Socket; clock: ManualClock } {
  const [socket, clock] = [new Socket(), new ManualClock()]
  keepAlive(socket as unknown as WebSocket, clock)
  return { socket, clock }
}

test('silence ends a connection after two pings', async () => {
  const { socket, clock } = watched()
  await clock.advance(2 * PING_MS)
  expect([socket.pings, socket.isTerminated]).toEqual([2, false])
  await clock.advance(PING_MS)
  expect(socket.isTerminated).toBe(true)
})

test('answers keep it, until nothing was said for hours', async () => {
  const { socket, clock } = watched()
  socket.ping = () => void socket.emit('pong')
  await clock.advance(4 * HOUR_MS)
  expect(socket.isTerminated).toBe(false)
  await clock.advance(PING_MS)
  expect(socket.isTerminated).toBe(true)
})

test('words keep it for hours more', async () => {
  const { socket, clock } = watched()
  socket.ping = () => void socket.emit('pong')
  await clock.advance(3 * HOUR_MS)
  socket.emit('message')
  await clock.advance(3 * HOUR_MS)
  expect(socket.isTerminated).toBe(false)
})

test('a socket that we do not read from cannot answer', async () => {
  const { socket, clock } = watched()
  socket.isPaused = true
  await clock.advance(10 * PING_MS)
  expect(socket.isTerminated).toBe(false)
})

test('nothing is asked of a closed connection', async () => {
  const { socket, clock } = watched()
  socket.emit('close')
  await clock.advance(10 * PING_MS)
  expect(socket.pings).toBe(0)
})
