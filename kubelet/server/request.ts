/** One request to the server of a kubelet, and what it answers. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Upgrade } from '#daemon/streams/accept-upgrade.ts'

export interface Caller {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export interface KubeletRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  /** Of requests that ask for another protocol. */
  readonly upgrade: Upgrade | undefined
  /** Aborted when the caller is gone or the server stops. */
  readonly signal: AbortSignal
}

/** An answer other than what was asked for: a code, and a line for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: number

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}

export function sendText(
  response: ServerResponse,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  const body = Buffer.from(text)
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length })
  response.end(body)
}

export const sendJson = (response: ServerResponse, value: unknown): void =>
  sendText(response, JSON.stringify(value), 'application/json')
