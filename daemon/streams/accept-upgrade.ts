/** Takes the socket of a request that asks for another protocol, once it is known to be wanted. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { MESSAGE_BYTES_MAX } from './channel-connection.ts'
import { keepSocketAlive } from './keep-alive.ts'

/** The connection of a request that asks for another protocol, and what came behind its head. */
export interface Upgrade {
  readonly socket: Socket
  readonly head: Buffer
}

/** The first of what the client offers that we have too. */
export function agreed<T extends { readonly name: string }>(
  offered: readonly string[],
  known: readonly T[],
): T | undefined {
  for (const name of offered) {
    const found = known.find((each) => each.name === name)
    if (found) return found
  }
  return undefined
}

/** Why nothing was agreed on, as clients of Kubernetes know it; the status is 403. */
export function disagreement(
  offered: readonly string[],
  known: readonly { readonly name: string }[],
): string {
  const names = known.map(({ name }) => name).filter(Boolean)
  return (
    'unable to upgrade: unable to negotiate protocol: ' +
    `client supports [${offered.join(' ')}], server accepts [${names.join(' ')}]\n`
  )
}

/** Rejects when the request is no proper opening of a WebSocket; the client has been told so. */
export function acceptWebSocket(
  protocol: string,
  { socket, head }: Upgrade,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<WebSocket> {
  response.detachSocket(socket)
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  })
  // We have chosen already, and ws knows no names with a slash, as Kubernetes uses one.
  delete request.headers['sec-websocket-protocol']
  if (protocol) {
    server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`))
  }
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>()
  socket.once('close', () => reject(new Error('the client closed before the upgrade')))
  server.handleUpgrade(request, socket, head, resolve)
  return promise
}

const PROTOCOL_HEADER = 'x-stream-protocol-version'

/** What a SPDY client offers; [''] when it offers nothing. */
export function offeredSpdyProtocols(headers: IncomingHttpHeaders): readonly string[] {
  const names = [headers[PROTOCOL_HEADER] ?? ''].flat().flatMap((each) => each.split(','))
  return names.map((each) => each.trim())
}

export function acceptSpdy(
  protocol: string,
  { socket, head }: Upgrade,
  response: ServerResponse,
): Socket {
  response.detachSocket(socket)
  keepSocketAlive(socket)
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    ...(protocol ? [`X-Stream-Protocol-Version: ${protocol}`] : []),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (head.length) socket.unshift(head)
  return socket
}
