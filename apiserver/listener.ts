/** The HTTP listener: its limits and timeouts, and what it refuses before there is a request. */
import { constants } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Server } from 'node:tls'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { badRequest, methodNotAllowed, StatusError } from '#api/status.ts'

const HEADER_BYTES_MAX = 64 * 1024

export interface TlsFiles {
  readonly cert: string | Buffer
  readonly key: string | Buffer
  /** Certificates that callers show must lead to one of these. */
  readonly clientCa?: readonly string[]
}

export interface Timeouts {
  /** The head of a request must be complete by then. */
  readonly headersMs: number
  /** So must the rest of it, counted from its first byte. */
  readonly requestMs: number
  /** How long a connection stays open without a request. */
  readonly idleMs: number
  /** How often connections are looked at for the limits above. */
  readonly checkMs: number
}

export const defaultTimeouts: Timeouts = {
  headersMs: 30_000,
  requestMs: 60_000,
  idleMs: 120_000,
  checkMs: 5_000,
}

/** Bodies are left unread: they are let in once it is known who sends them. */
export function createListener(
  tls: TlsFiles | undefined,
  timeouts: Timeouts,
  refuse: (error: Error, incoming: IncomingMessage, reply: FastifyReply) => void,
): FastifyInstance {
  const common = {
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.idleMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    clientErrorHandler: refuseConnection,
    // What the router cannot read, such as a path with a broken escape.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      refuse(error, request.raw, reply),
  }
  const limits = {
    shouldUpgradeCallback: isUpgrade,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: timeouts.headersMs,
    connectionsCheckingInterval: timeouts.checkMs,
  }
  const app = tls
    ? (fastify({ ...common, https: secure(tls, limits) }) as unknown as FastifyInstance)
    : fastify({ ...common, http: limits })
  // Node would leave out headers beyond the 2000th, and with them who is wanted to act.
  app.server.maxHeadersCount = 0
  app.setErrorHandler((error, request, reply) => refuse(error as Error, request.raw, reply))
  return app
}

const upgrades = new Set(['websocket', 'spdy/3.1'])

/** Others, such as offers of HTTP/2, are declined by answering as usual; a proxy passes all on. */
function isUpgrade({ headers, url = '' }: IncomingMessage): boolean {
  return upgrades.has((headers.upgrade ?? '').toLowerCase()) || url.includes('/proxy')
}

/** Certificates are asked for, not insisted on: most callers come with a token. */
const secure = (tls: TlsFiles, limits: object) => ({
  ...limits,
  ...context(tls),
  requestCert: true,
  rejectUnauthorized: false,
})

/**
 * Sessions are not resumed: the client's chain would be missing in a resumed one, and its
 * certificate would be trusted without being looked at again.
 */
const context = ({ cert, key, clientCa }: TlsFiles) => ({
  cert,
  key,
  ...(clientCa?.length && { ca: [...clientCa] }),
  minVersion: 'TLSv1.2' as const,
  secureOptions: constants.SSL_OP_NO_TICKET,
})

export function useCertificate(app: FastifyInstance, tls: TlsFiles): void {
  const { server } = app
  if (!(server instanceof Server)) throw new Error('use certificate: the listener has no TLS')
  server.setSecureContext(context(tls))
}

/** There is no request to answer, so the answer is written by hand; the connection ends with it. */
function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = listenerStatus(error.code)
  const body = JSON.stringify(status)
  const lines = [
    `HTTP/1.1 ${status.code} ${STATUS_CODES[status.code]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

function listenerStatus(code: string | undefined): StatusError {
  switch (code) {
    case 'HPE_INVALID_METHOD':
      return methodNotAllowed()
    case 'HPE_HEADER_OVERFLOW':
      return StatusError.withoutReason(431, 'the head of the request is too large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return StatusError.withoutReason(408, 'the request did not arrive in time')
    default:
      return badRequest('the request is not valid HTTP')
  }
}
