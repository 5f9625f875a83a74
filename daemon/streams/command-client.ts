/** The client's side of a command: its streams, whichever protocol carries them. */
import type { Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import { ChannelConnection } from './channel-connection.ts'
import type { ChannelProtocol } from './channel-protocols.ts'
import { SpdyConnection } from './spdy/connection.ts'
import type { SpdyStream } from './spdy/stream.ts'

export interface CommandStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface CommandClient {
  readonly stdin?: Readable
  readonly stdout?: Writable
  readonly stderr?: Writable
  readonly resize?: Readable
  /** How the command ended. */
  readonly error: Writable
  /** Settles when the client is gone. */
  readonly closed: Promise<unknown>
  /** In order: what was written before still arrives. */
  close(): void
  abandon(): void
}

export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const

export function webSocketClient(
  socket: WebSocket,
  protocol: ChannelProtocol,
  wanted: CommandStreams,
  clock: Clock,
): CommandClient {
  const options = { protocol, channels: [], tellsClose: false, clock }
  const connection = new ChannelConnection(socket, options)
  const stdout = connection.channel(channel.stdout)
  const stderr = connection.channel(channel.stderr)
  const error = connection.channel(channel.error)
  // Nothing is read from them, so that what a client sends there is dropped.
  for (const each of [stdout, stderr, error]) each.resume()
  // The sign that the connection stands, for which clients of older protocols wait.
  const first = wanted.stdout ? stdout : wanted.stderr ? stderr : error
  if (!protocol.canClose) first.write(Buffer.alloc(0))
  return {
    ...(wanted.stdin && { stdin: connection.channel(channel.stdin) }),
    ...(wanted.stdout && { stdout }),
    ...(wanted.stderr && { stderr }),
    ...(wanted.tty && { resize: connection.channel(channel.resize) }),
    error,
    closed: connection.closed,
    close: () => connection.close(),
    abandon: () => connection.abandon(),
  }
}

export interface SpdyCommandProtocol {
  readonly name: string
  readonly endsWithStatus: boolean
  readonly hasResize: boolean
}

/** Over SPDY the versions differ less: streams have their own ends there. */
export const spdyCommandProtocols: readonly SpdyCommandProtocol[] = [
  { name: 'v5.channel.k8s.io', endsWithStatus: true, hasResize: true },
  { name: 'v4.channel.k8s.io', endsWithStatus: true, hasResize: true },
  { name: 'v3.channel.k8s.io', endsWithStatus: false, hasResize: true },
  { name: 'v2.channel.k8s.io', endsWithStatus: false, hasResize: false },
  { name: 'channel.k8s.io', endsWithStatus: false, hasResize: false },
  { name: '', endsWithStatus: false, hasResize: false },
]

/** A SPDY client names its streams, and opens them after the connection stands. */
const STREAMS_MS = 30_000
/** How long the client may take to close a connection that has served its purpose. */
const LINGER_MS = 10_000

export async function spdyClient(
  socket: Socket,
  hasResize: boolean,
  wanted: CommandStreams,
  clock: Clock,
): Promise<CommandClient> {
  const names = namesOf(wanted, hasResize)
  const streams = new Map<string, SpdyStream>()
  const complete = Promise.withResolvers<void>()
  const connection = new SpdyConnection(socket, {
    onStream(stream) {
      const name = stream.headers.get('streamtype') ?? ''
      if (!names.includes(name) || streams.has(name)) return `unexpected stream "${name}"`
      streams.set(name, stream)
      if (streams.size === names.length) complete.resolve()
      return undefined
    },
  })
  const closed = connection.run().then(
    () => undefined,
    (error: unknown) => error,
  )
  const late = (): void => complete.reject(new Error('the client did not open its streams in time'))
  using _deadline = clock.setTimeout(late, STREAMS_MS, { background: true })
  void closed.then(() => complete.reject(new Error('the client left before its streams were open')))
  try {
    await complete.promise
  } catch (error) {
    socket.destroy()
    throw error
  }
  return {
    ...spdyStreams(streams),
    closed,
    close() {
      connection.close()
      const timer = clock.setTimeout(() => socket.destroy(), LINGER_MS, { background: true })
      socket.once('close', () => timer.cancel())
    },
    abandon: () => socket.destroy(),
  }
}

const namesOf = (wanted: CommandStreams, hasResize: boolean): string[] => [
  'error',
  ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => wanted[name]),
  ...(wanted.tty && hasResize ? ['resize'] : []),
]

function spdyStreams(streams: ReadonlyMap<string, Duplex>) {
  const [error, stdin, stdout] = ['error', 'stdin', 'stdout'].map((name) => streams.get(name))
  const [stderr, resize] = ['stderr', 'resize'].map((name) => streams.get(name))
  // What we only write to must be read to its end all the same, or it never counts as ended.
  for (const each of [error, stdout, stderr]) each?.resume()
  return {
    error: error!,
    ...(stdin && { stdin }),
    ...(stdout && { stdout }),
    ...(stderr && { stderr }),
    ...(resize && { resize }),
  }
}
