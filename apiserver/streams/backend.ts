/** Where a request is passed on to, and how to speak to it: plainly or over TLS. */
import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as plainRequest,
} from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIPv6, type Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { Clock } from '#daemon/clock.ts'

export interface Backend {
  readonly host: string
  readonly port: number
  /** Absent for plain HTTP. */
  readonly tls?: BackendTls
}

export interface BackendTls extends SecureContextOptions {
  readonly rejectUnauthorized: boolean
}

const CONNECT_MS = 30_000

export interface BackendRequest {
  readonly method: string
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  readonly signal: AbortSignal
}

/** Not sent yet: the caller writes the body, and hears about answers and errors. */
export function openRequest(
  { host, port, tls }: Backend,
  { method, path, headers = {}, signal }: BackendRequest,
  clock: Clock,
): ClientRequest {
  const open = tls ? secureRequest : plainRequest
  // Every request has a connection of its own, so none can meet one that just went stale.
  const request = open({ host, port, method, path, headers, signal, agent: false, ...tls })
  request.once('socket', (socket) => limitConnecting(socket, clock))
  return request
}

/** The answer to a request without a body. */
export function fetchFrom(
  backend: Backend,
  options: BackendRequest,
  clock: Clock,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = openRequest(backend, options, clock)
  request.once('response', resolve)
  request.on('error', reject)
  request.end()
  return promise
}

function limitConnecting(socket: Socket, clock: Clock): void {
  if (!socket.connecting) return
  const giveUp = (): void => {
    socket.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' }))
  }
  const timer = clock.setTimeout(giveUp, CONNECT_MS, { background: true })
  for (const event of ['connect', 'close']) socket.once(event, () => timer.cancel())
}

/** An address as it stands in URLs and messages. */
export const hostPort = ({ host, port }: Pick<Backend, 'host' | 'port'>): string =>
  `${isIPv6(host) ? `[${host}]` : host}:${port}`

export const urlOf = (backend: Backend, scheme: 'http' | 'ws', path: string): string =>
  `${scheme}${backend.tls ? 's' : ''}://${hostPort(backend)}${path}`

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

/** Why there is no connection, in the words that users of Kubernetes know and search for. */
export function dialFailure(error: unknown, backend: Backend): string {
  const { code = '', message } = firstOf(error) as NodeJS.ErrnoException
  if (reasons[code]) return `dial tcp ${hostPort(backend)}: ${reasons[code]}`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `dial tcp: lookup ${backend.host}: no such host`
  }
  if (code === 'ECONNRESET') return `read tcp ${hostPort(backend)}: connection reset by peer`
  if (isCertificateCode(code)) return `tls: failed to verify certificate: x509: ${message}`
  return message
}

/** A name with several addresses fails with one error for each. */
const firstOf = (error: unknown): unknown =>
  error instanceof AggregateError ? (error.errors[0] ?? error) : error

const isCertificateCode = (code: string): boolean =>
  code.startsWith('CERT_') ||
  code.includes('_CERT') ||
  code.startsWith('ERR_TLS_CERT') ||
  code.includes('SELF_SIGNED') ||
  code.includes('UNABLE_TO_VERIFY')
