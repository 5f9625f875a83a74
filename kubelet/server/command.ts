/** Exec and attach: the streams of a program in a container, passed to whoever asks. */
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  acceptSpdy,
  acceptWebSocket,
  agreed,
  disagreement,
  offeredSpdyProtocols,
} from '#daemon/streams/accept-upgrade.ts'
import {
  type ChannelProtocol,
  commandProtocols,
  offeredProtocols,
} from '#daemon/streams/channel-protocols.ts'
import {
  type CommandClient,
  type CommandStreams,
  type SpdyCommandProtocol,
  spdyClient,
  spdyCommandProtocols,
  webSocketClient,
} from '#daemon/streams/command-client.ts'
import type { Session } from '../runtime.ts'
import { statusOfEnd, statusOfFailure } from './command-status.ts'
import { podAt } from './pod-target.ts'
import { type KubeletRequest, RequestError } from './request.ts'
import type { ServerParts } from './server-parts.ts'
import { readSizes } from './terminal-sizes.ts'

type Action = 'exec' | 'attach'

export const serveExec = (request: KubeletRequest, parts: ServerParts): Promise<void> =>
  serveCommand('exec', request, parts)

export const serveAttach = (request: KubeletRequest, parts: ServerParts): Promise<void> =>
  serveCommand('attach', request, parts)

async function serveCommand(
  action: Action,
  request: KubeletRequest,
  parts: ServerParts,
): Promise<void> {
  const { path, query } = request
  const { pod, container } = podAt(path, true, parts.pods)
  const wanted = commandStreams(query)
  const id = await runningContainer(pod, container, parts)
  if (id === undefined) throw new RequestError(404, `container not found ("${container}")`)
  const client = await acceptClient(request, wanted, parts)
  const leaving = new AbortController()
  void client.closed.then(() => leaving.abort(new DOMException('the caller left', 'AbortError')))
  const signal = AbortSignal.any([request.signal, leaving.signal])
  const start = (): Promise<Session> =>
    action === 'exec'
      ? parts.runtime.exec(id, { ...wanted, command: query.getAll('command'), signal })
      : parts.runtime.attach(id, { ...wanted, signal })
  try {
    const session = await start()
    if (action === 'exec')
      await bridge(client, { session, ended: session.ended, endsStdin: true }, signal)
    else {
      void endWithContainer(session, () => runningContainer(pod, container, parts), parts)
      const ended = Promise.race([session.ended, closed(session)])
      await bridge(client, { session, ended, endsStdin: isReadOnce(pod, container) }, signal)
    }
  } catch (error) {
    if (signal.aborted) client.abandon()
    else await tellFailure(client, action, error)
    parts.log.debug('command ended early', { pod: pod.metadata.name, container, action, error })
  }
}

/** Only what runs can be told anything; the engine would wait for all else to start. */
async function runningContainer(
  { metadata }: Pod,
  container: string,
  { runtime }: ServerParts,
): Promise<string | undefined> {
  const { uid, name, namespace = '' } = metadata
  const { containers } = await runtime.observe({ uid, name, namespace })
  return containers.find((each) => each.name === container && each.state === 'running')?.id
}

/** How long the last words of a container that ended just before us may take. */
const LAST_WORDS_MS = 1000

/** It may have ended while we attached to it: then nothing would ever come. */
async function endWithContainer(
  session: Session,
  running: () => Promise<string | undefined>,
  { clock, log }: ServerParts,
): Promise<void> {
  try {
    if ((await running()) !== undefined) return
    await clock.sleep(LAST_WORDS_MS)
  } catch (error) {
    log.debug('container not looked at after attaching', { error })
  }
  session.close()
}

export function commandStreams(query: URLSearchParams): CommandStreams {
  const isSet = (name: string): boolean => query.get(name) === '1' || query.get(name) === 'true'
  const tty = isSet('tty')
  const stdin = isSet('input')
  const stdout = isSet('output')
  // A terminal has one output.
  const stderr = isSet('error') && !tty
  if (stdin || stdout || stderr) return { stdin, stdout, stderr, tty }
  throw new RequestError(400, 'you must specify at least 1 of stdin, stdout, stderr')
}

interface Client extends CommandClient {
  /** Whether the client reads a Status at the end, or a message alone. */
  readonly endsWithStatus: boolean
}

async function acceptClient(
  { incoming, response, upgrade, headers }: KubeletRequest,
  wanted: CommandStreams,
  { clock }: ServerParts,
): Promise<Client> {
  if (!upgrade) throw new RequestError(400, 'Upgrade request required')
  const isSpdy = headers.upgrade?.toLowerCase() === 'spdy/3.1'
  const offered = isSpdy
    ? offeredSpdyProtocols(headers)
    : offeredProtocols(headers['sec-websocket-protocol'])
  const known = isSpdy ? spdyCommandProtocols : commandProtocols
  const protocol = agreed<ChannelProtocol | SpdyCommandProtocol>(offered, known)
  if (!protocol) throw new RequestError(403, disagreement(offered, known).trimEnd())
  const { name, endsWithStatus } = protocol
  if ('codec' in protocol) {
    const socket = await acceptWebSocket(name, upgrade, incoming, response)
    return { ...webSocketClient(socket, protocol, wanted, clock), endsWithStatus }
  }
  const socket = acceptSpdy(name, upgrade, response)
  return { ...(await spdyClient(socket, protocol.hasResize, wanted, clock)), endsWithStatus }
}

/** Whether the input of a container ends with that of the first who attaches to it. */
function isReadOnce({ spec }: Pod, name: string): boolean {
  const lists = [spec.containers, spec.initContainers, spec.ephemeralContainers]
  const found = lists.flatMap((list) => list ?? []).find((each) => each.name === name)
  return found?.stdinOnce ?? false
}

interface Program {
  readonly session: Session
  readonly ended: Session['ended']
  /** The engine says no more to whoever ends the input of a container that others may feed. */
  readonly endsStdin: boolean
}

/** Everything is passed on until the program has ended and all that it said is sent. */
async function bridge(
  client: Client,
  { session, ended, endsStdin }: Program,
  signal: AbortSignal,
): Promise<void> {
  const stop = (): void => session.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    // A program may end without reading its input, which is no failure.
    if (client.stdin && session.stdin) {
      void pipeline(client.stdin, session.stdin, { end: endsStdin }).catch(() => undefined)
    }
    if (client.resize) void readSizes(client.resize, (size) => session.resize(size))
    const [code] = await Promise.all([
      ended,
      pass(session.stdout, client.stdout),
      pass(session.stderr, client.stderr),
    ])
    if (signal.aborted) client.abandon()
    else await finish(client, statusOfEnd(code ?? 0))
  } finally {
    signal.removeEventListener('abort', stop)
    session.close()
  }
}

/** Of a session that we have closed ourselves nobody tells how it ended. */
const closed = ({ stdout }: Session): Promise<undefined> =>
  new Promise((resolve) => stdout.once('close', () => setImmediate(resolve, undefined)))

async function pass(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (!from) return
  if (to) await pipeline(from, to).catch(() => undefined)
  else {
    from.resume()
    await new Promise((resolve) => from.once('close', resolve))
  }
}

async function finish(client: Client, status: ReturnType<typeof statusOfEnd>): Promise<void> {
  const message = status.status === 'Success' ? '' : (status.message ?? '')
  const text = client.endsWithStatus ? JSON.stringify(status) : message
  await new Promise<void>((resolve) => client.error.end(text, () => resolve()))
  client.close()
  await client.closed
}

async function tellFailure(client: Client, action: Action, error: unknown): Promise<void> {
  const doing = action === 'exec' ? 'executing command in' : 'attaching to'
  const why = error instanceof Error ? error.message : String(error)
  await finish(client, statusOfFailure(`error ${doing} container: ${why}`))
}
