/** The log of a container, passed on from the kubelet that has it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createWebSocketStream } from 'ws'
import { PodLogOptions } from '#api/kinds/core/pod-log-options.ts'
import { Problems } from '#api/problems.ts'
import { badRequest, internalError, invalid, StatusError } from '#api/status.ts'
import { canonicalTime, TimeError } from '#api/time.ts'
import { validate } from '#api/validate.ts'
import { acceptWebSocket, agreed } from '#daemon/streams/accept-upgrade.ts'
import { offeredProtocols } from '#daemon/streams/channel-protocols.ts'
import { keepAlive } from '#daemon/streams/keep-alive.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import { plainText, type Result } from '../result.ts'
import { type Backend, dialFailure, fetchFrom, urlOf } from './backend.ts'
import { flagIn, integerIn } from './options-query.ts'
import { containerOf, kubeletOf, kubeletPath, podOf } from './pod-target.ts'
import { readLimited } from './read-limited.ts'
import { serverResponseStatus } from './server-response-status.ts'
import { noAgreement } from './upgrade-kind.ts'

const ERROR_BYTES_MAX = 50_000

export async function podLog(context: ResourceContext, parts: ServerParts): Promise<Result> {
  const { info, headers, upgrade, signal } = context
  const options = logOptions(info.name, info.query)
  const pod = podOf(context, parts)
  const container = containerOf(pod, options.container ?? '')
  // A pod that runs nowhere has said nothing yet.
  if (!pod.spec.nodeName) return { ...plainText(204, ''), headers: {} }
  const isSocket = upgrade && headers.upgrade?.toLowerCase() === 'websocket'
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  const protocol = agreed(offered, socketProtocols)
  if (isSocket && !protocol) return noAgreement(offered, socketProtocols)
  const backend = kubeletOf(pod, parts, options.insecureSkipTLSVerifyBackend)
  const path = `${kubeletPath('containerLogs', pod, container)}${kubeletQuery(options)}`
  const log = await openLog(backend, path, signal, parts, info.name)
  return {
    type: 'takeover',
    run: (response, request) =>
      isSocket
        ? overSocket(log, protocol!, request, response, context, parts)
        : overHttp(log, response, context, parts),
  }
}

interface SocketProtocol {
  readonly name: string
  encode(chunk: Buffer): Buffer | string
}

const binary = (chunk: Buffer): Buffer => chunk
const socketProtocols: readonly SocketProtocol[] = [
  { name: 'binary.k8s.io', encode: binary },
  { name: 'base64.binary.k8s.io', encode: (chunk) => chunk.toString('base64') },
  { name: '', encode: binary },
]

function logOptions(pod: string, query: URLSearchParams): PodLogOptions {
  const given = {
    container: query.get('container') ?? undefined,
    follow: flagIn(query, 'follow'),
    previous: flagIn(query, 'previous'),
    timestamps: flagIn(query, 'timestamps'),
    insecureSkipTLSVerifyBackend: flagIn(query, 'insecureSkipTLSVerifyBackend'),
    sinceSeconds: integerIn(query, 'sinceSeconds'),
    sinceTime: timeIn(query, 'sinceTime'),
    tailLines: integerIn(query, 'tailLines'),
    limitBytes: integerIn(query, 'limitBytes'),
    stream: query.get('stream') ?? undefined,
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  const options = Object.fromEntries(set) as unknown as PodLogOptions
  const problems = new Problems()
  validate(PodLogOptions.schema, options, problems)
  if (problems.list.length) throw invalid(PodLogOptions, pod, problems.list)
  return options
}

function timeIn(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name)
  // Clients in Go write an unset time this way.
  if (!text || text === '"null"') return undefined
  try {
    return canonicalTime(text)
  } catch (error) {
    if (error instanceof TimeError) throw badRequest(error.message)
    throw error
  }
}

function kubeletQuery(options: PodLogOptions): string {
  const query = new URLSearchParams()
  for (const name of ['follow', 'previous', 'timestamps'] as const) {
    if (options[name]) query.set(name, 'true')
  }
  for (const name of ['sinceSeconds', 'sinceTime', 'tailLines', 'limitBytes'] as const) {
    const value = options[name]
    if (value !== undefined && value !== null) query.set(name, String(value))
  }
  return query.size ? `?${query}` : ''
}

/** The log itself; throws what is wrong as the client shall hear it. */
async function openLog(
  backend: Backend,
  path: string,
  signal: AbortSignal,
  { clock }: ServerParts,
  name: string,
): Promise<Readable> {
  let response: IncomingMessage
  try {
    response = await fetchFrom(backend, { method: 'GET', path, signal }, clock)
  } catch (error) {
    const message = `Get "${urlOf(backend, 'http', path)}": ${dialFailure(error, backend)}`
    throw StatusError.withoutReason(500, message)
  }
  const status = response.statusCode ?? 500
  if (status >= 200 && status <= 206) return response
  const text = (await readLimited(response, ERROR_BYTES_MAX)).toString()
  if (status === 500) throw internalError(text)
  if (status === 400) throw badRequest(text)
  throw serverResponseStatus(status, text, 'pods/log', name)
}

async function overHttp(
  log: Readable,
  response: ServerResponse,
  { info, signal }: ResourceContext,
  parts: ServerParts,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' })
  // A log that is followed may have nothing to say for long.
  response.flushHeaders()
  try {
    await pipeline(log, response)
  } catch (error) {
    // Clients that follow a log leave when they have seen enough.
    if (!signal.aborted) parts.log.debug('stream ended early', { path: info.path, error })
    response.destroy()
  }
}

async function overSocket(
  log: Readable,
  { name, encode }: SocketProtocol,
  request: IncomingMessage,
  response: ServerResponse,
  { info, upgrade }: ResourceContext,
  parts: ServerParts,
): Promise<void> {
  try {
    const socket = await acceptWebSocket(name, upgrade!, request, response)
    keepAlive(socket, parts.clock)
    // The sign that the connection stands, before there is anything to read.
    socket.send(encode(Buffer.alloc(0)))
    const stream = createWebSocketStream(socket, { writableObjectMode: true })
    stream.resume()
    const encoded = new Transform({
      readableObjectMode: true,
      transform: (chunk: Buffer, _, done) => done(null, encode(chunk)),
    })
    await pipeline(log, encoded, stream)
  } catch (error) {
    parts.log.debug('stream ended early', { path: info.path, error })
    log.destroy()
    upgrade!.socket.destroy()
  }
}
