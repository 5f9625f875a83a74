/** Writes a result to the client in the representation that it accepts. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { StatusError } from '#api/status.ts'
import type { Clock } from '#daemon/clock.ts'
import type { RequestContext } from '../request-context.ts'
import type { Result } from '../result.ts'
import { serveHttpWatch } from '../watch/serve-http.ts'
import { serveWebSocketWatch } from '../watch/serve-web-socket.ts'
import { encodedResult } from './encode-result.ts'
import { acceptsGzip, GZIP_BYTES_MIN } from './gzip.ts'
import { json } from './media-types.ts'

export async function send(
  context: RequestContext,
  result: Result,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<void> {
  if (result.type === 'watch') {
    if (context.upgrade) return serveWebSocketWatch(context, result, request, response, clock)
    writeWarnings(context, response)
    return serveHttpWatch(context, result, response)
  }
  if (result.type === 'takeover') {
    writeWarnings(context, response)
    return result.run(response, request)
  }
  writeWarnings(context, response)
  const isHead = context.method === 'HEAD'
  if (result.type === 'plain') {
    await write(response, result.status, result.headers, result.body, isHead)
    return
  }
  const { status, headers, body } = encodedResult(context, result, clock.now())
  const parts = Array.isArray(body) ? (body as readonly Buffer[]) : [body as Buffer | string]
  if (
    isHead ||
    sizeOf(parts) <= GZIP_BYTES_MIN ||
    !acceptsGzip(request.headers['accept-encoding'])
  ) {
    return writeParts(response, status, headers, parts, isHead)
  }
  const zipped = await gzipped(Buffer.concat(parts.map((part) => Buffer.from(part))))
  const zippedHeaders = { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
  writeParts(response, status, zippedHeaders, [zipped], false)
}

const inBackground = promisify(gzip)

/** Level 1, as upstream: higher ones cost far more time than they save. */
const gzipped = (bytes: Buffer): Promise<Buffer> => inBackground(bytes, { level: 1 })

export async function sendError(
  context: RequestContext | undefined,
  error: StatusError,
  response: ServerResponse,
): Promise<void> {
  if (response.headersSent) {
    // Too late to say so: an answer that breaks off is not taken for a whole one.
    response.destroy()
    return
  }
  if (context) writeWarnings(context, response)
  const retry = error.details?.retryAfterSeconds
  const headers = {
    'content-type': json,
    'cache-control': 'no-cache, private',
    ...(retry && { 'retry-after': String(retry) }),
    ...(error.code === 401 && { 'www-authenticate': 'Bearer realm="kubernetes-master"' }),
  }
  await write(response, error.code, headers, JSON.stringify(error), context?.method === 'HEAD')
}

async function write(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string | Readable,
  isHead: boolean,
): Promise<void> {
  if (!(body instanceof Readable)) return writeParts(response, status, headers, [body], isHead)
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, headers)
  await pipeline(body, response)
}

function writeParts(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  parts: readonly (Buffer | string)[],
  isHead: boolean,
): void {
  if (response.headersSent || response.destroyed) return
  // An answer without a body has no length either.
  const size = sizeOf(parts)
  const length = status === NOT_MODIFIED ? {} : { 'content-length': size }
  response.writeHead(status, { ...headers, ...length })
  if (isHead) {
    response.end()
    return
  }
  if (size <= JOINED_BYTES_MAX) {
    // As Latin 1 the bytes stay what they are, and leave in one write with the head.
    response.end(latin1Of(parts), 'latin1')
    return
  }
  for (const part of parts) response.write(part)
  response.end()
}

/** Up to here one copy costs less than another write. */
const JOINED_BYTES_MAX = 32 * 1024

function latin1Of(parts: readonly (Buffer | string)[]): string {
  let text = ''
  for (const part of parts) {
    text += (typeof part === 'string' ? Buffer.from(part) : part).toString('latin1')
  }
  return text
}

const NOT_MODIFIED = 304

const sizeOf = (parts: readonly (Buffer | string)[]): number =>
  parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)

/** Codes 299 as upstream; quotes and backslashes escaped, line breaks made spaces, in UTF-8. */
function writeWarnings({ warnings }: RequestContext, response: ServerResponse): void {
  if (!warnings.length) return
  const unique = [...new Set(warnings)]
  const header = unique.map((text) => `299 - "${escaped(text)}"`)
  response.setHeader('warning', header)
}

const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header cannot carry.
  utf8(text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[\u0000-\u001f\u007f]+/g, ' '))

/** Node writes headers as Latin 1, and refuses what has no place there. */
const utf8 = (text: string): string => Buffer.from(text).toString('latin1')
