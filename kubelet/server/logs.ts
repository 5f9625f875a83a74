/** The log of a container: all of it, its end, or as it is written. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { LogOptions } from '../runtime.ts'
import { logTarget } from './log-target.ts'
import { hasContainer, podAt } from './pod-target.ts'
import { type KubeletRequest, RequestError } from './request.ts'
import type { ServerParts } from './server-parts.ts'

export interface WantedLog extends Omit<LogOptions, 'signal'> {
  readonly isPrevious: boolean
  readonly bytesMax?: number
}

/** Throws a RequestError for what cannot be read. */
export function wantedLog(query: URLSearchParams, nowMs: number): WantedLog {
  const sinceSeconds = numberIn(query, 'sinceSeconds', 1)
  const sinceTime = timeIn(query, 'sinceTime')
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    throw new RequestError(422, 'at most one of `sinceTime` or `sinceSeconds` may be specified')
  }
  const sinceMs = sinceTime ?? (sinceSeconds && nowMs - sinceSeconds * 1000)
  const tail = numberIn(query, 'tailLines', 0)
  const bytesMax = numberIn(query, 'limitBytes', 1)
  const stream = query.get('stream') ?? 'All'
  if (!streams.has(stream)) throw new RequestError(422, `stream "${stream}" is not supported`)
  return {
    follow: flagIn(query, 'follow'),
    timestamps: flagIn(query, 'timestamps'),
    isPrevious: flagIn(query, 'previous'),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(tail !== undefined && { tail }),
    ...(bytesMax !== undefined && { bytesMax }),
    ...(stream !== 'All' && { stream: stream === 'Stdout' ? 'stdout' : 'stderr' }),
  }
}

const streams = new Set(['All', 'Stdout', 'Stderr'])

const flagIn = (query: URLSearchParams, name: string): boolean =>
  query.has(name) && !['0', 'false'].includes(query.get(name)!.toLowerCase())

function numberIn(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const value = Number(text)
  if (/^-?\d+$/.test(text) && value >= least) return value
  throw new RequestError(422, `${name}: is "${text}", wanted a whole number from ${least} on`)
}

function timeIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const timeMs = Date.parse(text)
  if (!Number.isNaN(timeMs)) return timeMs
  throw new RequestError(400, `${name}: is "${text}", wanted a time as in RFC 3339`)
}

export async function serveLog(
  { path, query, response, signal }: KubeletRequest,
  { pods, runtime, clock }: ServerParts,
): Promise<void> {
  const { pod, container } = podAt(path, true, pods)
  const { name } = pod.metadata
  if (!hasContainer(pod, container)) {
    throw new RequestError(404, `container "${container}" not found in pod "${name}"`)
  }
  const { isPrevious, bytesMax, ...options } = wantedLog(query, clock.now())
  const newest = isPrevious
    ? undefined
    : await pods.containerId(pod, container, { previous: false })
  const target = logTarget(pod, container, isPrevious, newest)
  if (target.type === 'none') throw new RequestError(400, target.message)
  const log = await runtime.logs(target.id, { ...options, signal })
  response.writeHead(200, { 'content-type': 'text/plain' })
  // A log that is followed may have nothing to say for long.
  response.flushHeaders()
  try {
    if (bytesMax === undefined) await pipeline(log, response)
    else await pipeline(Readable.from(firstBytes(log, bytesMax)), response)
  } catch (error) {
    // Who follows a log leaves when they have seen enough.
    if (!signal.aborted && !response.writableFinished) throw error
  }
}

/** Reads no further than what is wanted, and lets go of the log then. */
export async function* firstBytes(log: Readable, bytesMax: number): AsyncGenerator<Buffer> {
  let left = bytesMax
  for await (const chunk of log) {
    const part = (chunk as Buffer).subarray(0, left)
    left -= part.length
    yield part
    if (left === 0) return
  }
}
