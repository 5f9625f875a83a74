/** Notices that the other end of a long connection is gone, though nothing said so. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'

const PING_MS = 30_000
/** As upstream's streaming servers: who says nothing for so long has forgotten the connection. */
const IDLE_MS = 4 * 3600_000

/** Pings, so that proxies on the way keep the connection too; two without an answer end it. */
export function keepAlive(socket: WebSocket, clock: Clock): void {
  let heardAt = clock.monotonic()
  let usedAt = heardAt
  let unanswered = 0
  const heard = (): void => {
    heardAt = clock.monotonic()
    unanswered = 0
  }
  socket.on('pong', heard)
  socket.on('message', () => {
    heard()
    usedAt = heardAt
  })
  const check = (): void => {
    // While we do not read, no answer can reach us.
    if (socket.isPaused) unanswered = 0
    if (unanswered >= 2 || clock.monotonic() - usedAt > IDLE_MS) {
      socket.terminate()
      return
    }
    unanswered++
    socket.ping()
    timer = clock.setTimeout(check, PING_MS, { background: true })
  }
  let timer = clock.setTimeout(check, PING_MS, { background: true })
  socket.once('close', () => timer.cancel())
}

/** For connections that have no pings of their own: the system asks in our place. */
export function keepSocketAlive(socket: Socket): void {
  socket.setKeepAlive(true, PING_MS)
  socket.setNoDelay(true)
  socket.setTimeout(IDLE_MS, () => socket.destroy())
}
