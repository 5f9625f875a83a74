/** Takes questions over UDP and TCP, and sends the replies back. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { type Question, responseCodes } from './message.ts'
import { readQuestion } from './read-question.ts'
import type { Answered, Resolver } from './resolver.ts'
import { writeFailure } from './write-reply.ts'

export type Protocol = 'udp' | 'tcp'

export interface ServedQuestion {
  readonly protocol: Protocol
  readonly isIpv6: boolean
  readonly question: Question
  readonly answered: Answered
  readonly requestBytes: number
  readonly durationMs: number
}

export interface DnsServerParts {
  readonly resolver: Resolver
  readonly clock: Clock
  readonly log: Log
  readonly served: (served: ServedQuestion) => void
}

/** Larger packets do not get everywhere in one piece, and serve those who attack others. */
const UDP_BYTES_MAX = 1232
const UDP_PLAIN_BYTES_MAX = 512
const TCP_BYTES_MAX = 65_535
/** As the RFCs advise; clients that hold connections open without a word take room from others. */
const TCP_IDLE_MS = 10_000
const CONNECTIONS_MAX = 1000
/** Questions of one connection at a time. */
const PIPELINE_MAX = 100
/** A burst of questions is read when we come to it, instead of being lost. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

export class DnsServer implements AsyncDisposable {
  readonly #parts: DnsServerParts
  readonly #stack = new AsyncDisposableStack()
  #port = 0

  private constructor(parts: DnsServerParts) {
    this.#parts = parts
  }

  /** One port for both protocols: if it is to be any port, TCP chooses. */
  static async listen(
    parts: DnsServerParts,
    { host, port }: { readonly host: string; readonly port: number },
  ): Promise<DnsServer> {
    const server = new DnsServer(parts)
    try {
      server.#port = await server.#listenTcp(host, port)
      await server.#listenUdp(host, server.#port)
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  get port(): number {
    return this.#port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]()
  }

  async #listenUdp(host: string, port: number): Promise<void> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' })
    socket.on('message', (message, from) => this.#fromUdp(socket, message, from))
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, host, resolve)
    })
    socket.removeAllListeners('error')
    socket.on('error', (error) => this.#parts.log.warn('the UDP socket failed', { error }))
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
    this.#stack.defer(() => new Promise((resolve) => socket.close(resolve)))
  }

  async #listenTcp(host: string, port: number): Promise<number> {
    const connections = new Set<Socket>()
    const server: Server = createServer((socket) => {
      connections.add(socket)
      socket.on('close', () => connections.delete(socket))
      this.#serveTcp(socket)
    })
    server.maxConnections = CONNECTIONS_MAX
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, resolve)
    })
    this.#stack.defer(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          for (const socket of connections) socket.destroy()
        }),
    )
    return (server.address() as AddressInfo).port
  }

  #fromUdp(socket: UdpSocket, message: Buffer, from: RemoteInfo): void {
    const isIpv6 = from.family === 'IPv6'
    const send = (bytes: Buffer): void =>
      socket.send(bytes, from.port, from.address, (error) => {
        if (error) this.#parts.log.debug('cannot send a reply', { to: from.address, error })
      })
    this.#handle(message, 'udp', isIpv6, send)
  }

  #serveTcp(socket: Socket): void {
    let received: Buffer = Buffer.alloc(0)
    let waiting = 0
    socket.setNoDelay(true)
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    const send = (bytes: Buffer): void => {
      waiting--
      const length = Buffer.alloc(2)
      length.writeUInt16BE(bytes.length)
      if (socket.writable) socket.write(Buffer.concat([length, bytes]))
      if (waiting < PIPELINE_MAX) socket.resume()
    }
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      while (received.length >= 2) {
        const end = received.readUInt16BE(0) + 2
        if (received.length < end) break
        const message = Buffer.from(received.subarray(2, end))
        received = received.subarray(end)
        if (++waiting >= PIPELINE_MAX) socket.pause()
        const isTaken = this.#handle(message, 'tcp', socket.remoteFamily === 'IPv6', send)
        if (!isTaken) return socket.destroy()
      }
      return undefined
    })
  }

  /** False for what deserves no reply. */
  #handle(
    message: Buffer,
    protocol: Protocol,
    isIpv6: boolean,
    send: (bytes: Buffer) => void,
  ): boolean {
    const { clock, resolver } = this.#parts
    const begunAt = clock.monotonic()
    const read = readQuestion(message)
    if ('ignored' in read) return false
    if ('broken' in read) {
      const { id, isRecursionDesired } = read.broken
      send(writeFailure(id, responseCodes.FORMERR, isRecursionDesired))
      return true
    }
    const { question } = read
    const reply = (answered: Answered): void => {
      send(answered.bytes)
      const durationMs = clock.monotonic() - begunAt
      const requestBytes = message.length
      this.#parts.served({ protocol, isIpv6, question, answered, requestBytes, durationMs })
    }
    try {
      const answered = resolver.resolve(question, sizeMaxFor(protocol, question))
      if (!(answered instanceof Promise)) reply(answered)
      else answered.then(reply, (error: unknown) => this.#fail(question, send, error))
    } catch (error) {
      this.#fail(question, send, error)
    }
    return true
  }

  /** A bug of ours: the client may try another server, and the log says what to mend. */
  #fail(question: Question, send: (bytes: Buffer) => void, error: unknown): void {
    this.#parts.log.error('cannot answer', { name: question.labels.join('.'), error })
    send(writeFailure(question.id, responseCodes.SERVFAIL, question.isRecursionDesired))
  }
}

function sizeMaxFor(protocol: Protocol, { extension }: Question): number {
  if (protocol === 'tcp') return TCP_BYTES_MAX
  return extension ? Math.min(extension.sizeMax, UDP_BYTES_MAX) : UDP_PLAIN_BYTES_MAX
}
