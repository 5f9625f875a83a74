/** Writes a result to the client in the representation that it accepts. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { StatusError } from '#api/status.ts'
import type { RequestContext } from '../request-context.ts'
import type { Result } from '../result.ts'
import { encodedResult } from './encode-result.ts'
import { json } from './media-types.ts'

export async function send(
  context: RequestContext,
  result: Result,
  request: IncomingMessage,
  response: ServerResponse,
  now: number,
): Promise<void> {
  if (result.type === 'takeover') {
    writeWarnings(context, response)
    return result.run(response, request)
  }
  const { status, headers, body } =
    result.type === 'plain' ? result : encodedResult(context, result, now)
  writeWarnings(context, response)
  await write(response, status, headers, body, context.method === 'HEAD')
}

export async function sendError(
  context: RequestContext | undefined,
  error: StatusError,
  response: ServerResponse,
): Promise<void> {
  if (context) writeWarnings(context, response)
  const retry = error.details?.retryAfterSeconds
  const headers = {
    'content-type': json,
    ...(retry && { 'retry-after': String(retry) }),
    ...(error.code === 401 && { 'www-authenticate': 'Bearer realm="kubernetes-master"' }),
  }
  await write(response, error.code, headers, JSON.stringify(error), context?.method === 'HEAD')
}

async function write(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string | readonly Buffer[] | Readable,
  isHead: boolean,
): Promise<void> {
  if (response.headersSent || response.destroyed) return
  if (body instanceof Readable) {
    response.writeHead(status, headers)
    await pipeline(body, response)
    return
  }
  const parts = Array.isArray(body) ? (body as readonly Buffer[]) : [body as Buffer | string]
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
  response.writeHead(status, { ...headers, 'content-length': length })
  if (!isHead) for (const part of parts) response.write(part)
  response.end()
}

/** Codes 299 as upstream; quotes and backslashes escaped, line breaks made spaces. */
function writeWarnings({ warnings }: RequestContext, response: ServerResponse): void {
  if (!warnings.length) return
  const unique = [...new Set(warnings)]
  const header = unique.map((text) => `299 - "${escaped(text)}"`)
  response.setHeader('warning', header)
}

const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header cannot carry.
  text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
