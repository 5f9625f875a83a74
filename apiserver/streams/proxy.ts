/** The proxy subresource: HTTP requests passed on to pods, Services and nodes. */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import { constants, createGunzip, createGzip } from 'node:zlib'
import { StatusError, serviceUnavailable } from '#api/status.ts'
import { keepSocketAlive } from '#daemon/streams/keep-alive.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { PlainResult, Result } from '../result.ts'
import { type Backend, dialFailure, hostPort, openRequest } from './backend.ts'
import { HtmlLinks } from './html-links.ts'
import { proxiedPath } from './proxied-path.ts'
import { requestHeaders, responseHeaders } from './proxy-headers.ts'
import { LinkRewriter } from './proxy-links.ts'
import { proxyTarget } from './proxy-target.ts'

export async function proxy(context: ResourceContext, parts: ServerParts): Promise<Result> {
  const target = proxyTarget(context, parts)
  const { path, query } = context.info
  const proxied = proxiedPath(path)
  const search = query.size ? `?${query}` : ''
  const isLook = context.method === 'GET' || context.method === 'HEAD'
  // Without the slash, relative links of a page would lead past the proxy.
  if (!proxied.path && isLook && !context.upgrade) return redirected(`${path}/${search}`)
  return {
    type: 'takeover',
    run: (response, request) => passOn({ context, parts, target, ...proxied }, request, response),
  }
}

const redirected = (location: string): PlainResult => ({
  type: 'plain',
  status: 301,
  headers: { location },
  body: '',
})

interface Call {
  readonly context: ResourceContext
  readonly parts: ServerParts
  readonly target: Backend
  readonly prefix: string
  readonly path: string
}

interface Answer {
  readonly message: IncomingMessage
  /** Where the other side agreed to another protocol. */
  readonly upgrade?: { readonly socket: Socket; readonly head: Buffer }
}

async function passOn(call: Call, request: IncomingMessage, response: ServerResponse) {
  const { context, parts } = call
  const { message, upgrade } = await answerTo(call, request)
  const links = new LinkRewriter({
    prefix: call.prefix,
    ownHosts: [hostPort(call.target), request.headers.host ?? []].flat(),
  })
  try {
    if (upgrade) await joinSockets(message, upgrade, context, response)
    else if (context.upgrade && (message.statusCode ?? 0) < 400) {
      message.destroy()
      const why = `invalid upgrade response: status code ${message.statusCode}`
      throw StatusError.withoutReason(500, why)
    } else await passBack(message, response, links)
  } catch (error) {
    if (error instanceof StatusError) throw error
    // Half an answer cannot be taken back; all there is to do is not to end it well.
    parts.log.debug('proxied answer ended early', { path: context.info.path, error })
    message.destroy()
    response.destroy()
    context.upgrade?.socket.destroy()
  }
}

/** Sends the request on and waits for the answer; its body may still be on its way by then. */
async function answerTo(call: Call, request: IncomingMessage): Promise<Answer> {
  const { context, parts, target, path } = call
  const mark = request.url!.indexOf('?')
  const search = mark < 0 ? '' : request.url!.slice(mark)
  const forwarded = {
    address: request.socket.remoteAddress,
    uri: `${call.prefix}${path}`,
    isSecure: request.socket instanceof TLSSocket,
  }
  const headers = requestHeaders(request.headers, forwarded, context.upgrade !== undefined)
  const { method, signal } = context
  const options = { method, path: `${path || '/'}${search}`, headers, signal }
  try {
    const outgoing = openRequest(target, options, parts.clock)
    const answer = answerOf(outgoing)
    if (context.upgrade) outgoing.end()
    // Not a pipeline: when the other side fails, the client is still to hear so.
    else request.pipe(outgoing)
    return await answer
  } catch (error) {
    const why = dialFailure(error, target)
    if (context.upgrade) throw StatusError.withoutReason(500, `error dialing backend: ${why}`)
    throw serviceUnavailable(`error trying to reach service: ${why}`, error)
  }
}

function answerOf(outgoing: ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  outgoing.once('response', (message) => resolve({ message }))
  outgoing.once('upgrade', (message, socket, head) => {
    resolve({ message, upgrade: { socket: socket as Socket, head } })
  })
  outgoing.on('error', reject)
  return promise
}

async function passBack(
  message: IncomingMessage,
  response: ServerResponse,
  links: LinkRewriter,
): Promise<void> {
  const headers = responseHeaders(message.headers, links)
  const changes = message.headers.location === undefined ? pageChanges(message, links) : []
  if (changes.length) delete headers['content-length']
  if (message.headers.trailer !== undefined) headers.trailer = message.headers.trailer
  response.writeHead(message.statusCode!, message.statusMessage, headers)
  response.flushHeaders()
  const streams = [message, ...changes] as [Readable, ...Transform[]]
  await pipeline([...streams, response] as never, { end: false })
  if (Object.keys(message.trailers).length) {
    response.addTrailers(message.trailers as Record<string, string>)
  }
  response.end()
}

/** Pages have links that know nothing of the proxy. */
function pageChanges({ headers }: IncomingMessage, links: LinkRewriter): readonly Transform[] {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (type !== 'text/html') return []
  const rewriter = new HtmlLinks((link) => links.rewritten(link))
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return [rewriter]
  if (encoding !== 'gzip') return []
  return [createGunzip(), rewriter, createGzip({ flush: constants.Z_SYNC_FLUSH })]
}

/** Both sides speak another protocol from here on, which is none of our business. */
async function joinSockets(
  message: IncomingMessage,
  backend: { readonly socket: Socket; readonly head: Buffer },
  { upgrade, signal }: ResourceContext,
  response: ServerResponse,
): Promise<void> {
  const client = upgrade!.socket
  response.detachSocket(client)
  for (const socket of [client, backend.socket]) keepSocketAlive(socket)
  const stop = (): void => {
    client.destroy()
    backend.socket.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  const lines = [`HTTP/1.1 101 ${message.statusMessage || 'Switching Protocols'}`]
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    lines.push(`${message.rawHeaders[at]}: ${message.rawHeaders[at + 1]}`)
  }
  client.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (backend.head.length) client.write(backend.head)
  if (upgrade!.head.length) backend.socket.write(upgrade!.head)
  try {
    await Promise.all([pipeline(client, backend.socket), pipeline(backend.socket, client)])
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}
