/** Asks other servers for names that are none of the cluster's. */
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import { type ForeignReply, readForeignReply } from './foreign-reply.ts'
import { type Question, responseCodes } from './message.ts'
import { cacheKey } from './reply-cache.ts'

export interface ServerAddress {
  readonly host: string
  readonly port: number
}

export interface UpstreamSettings {
  readonly clock: Clock
  readonly random: Random
  readonly servers: readonly ServerAddress[]
  /** By domain: who knows the names below it. */
  readonly stubDomains: ReadonlyMap<string, readonly ServerAddress[]>
  /** How long one server may take, and all of them together. */
  readonly timeoutMs: number
  readonly deadlineMs: number
  /** Told of each attempt: the server, and the code of its reply if there was one. */
  readonly attempted: (to: string, durationMs: number, code: number | undefined) => void
}

/** Questions that wait for others; beyond it clients are refused, rather than memory filled. */
const WAITING_MAX = 1000
const OWN_SIZE_MAX = 1232
const TCP_BYTES_MAX = 65_535
const HEADER_BYTES = 12
const FLAG_RECURSION_DESIRED = 0x0100
const FLAG_CHECKING_DISABLED = 0x0010
const RECORD_OPT = [0, 0, 41, OWN_SIZE_MAX >> 8, OWN_SIZE_MAX & 0xff, 0, 0]

export const addressText = ({ host, port }: ServerAddress): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`

export class Upstream {
  readonly #settings: UpstreamSettings
  /** Clients with the same question wait for the same reply. */
  readonly #waiting = new Map<string, Promise<ForeignReply>>()

  constructor(settings: UpstreamSettings) {
    this.#settings = settings
  }

  /** Whether there is anybody to ask about a name. */
  knows(labels: readonly string[]): boolean {
    return this.#serversFor(labels).length > 0
  }

  /** Rejects when nobody has answered in time, or too many wait already. */
  ask(question: Question): Promise<ForeignReply> {
    const key = cacheKey(question)
    const known = this.#waiting.get(key)
    if (known) return known
    if (this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(new Error(`ask others: ${WAITING_MAX} questions wait already`))
    }
    const asking = this.#askAll(question).finally(() => this.#waiting.delete(key))
    this.#waiting.set(key, asking)
    return asking
  }

  /** The longest domain that fits decides; names elsewhere go to the general servers. */
  #serversFor(labels: readonly string[]): readonly ServerAddress[] {
    const { stubDomains, servers } = this.#settings
    if (stubDomains.size > 0) {
      for (let at = 0; at < labels.length; at++) {
        const found = stubDomains.get(labels.slice(at).join('.'))
        if (found) return found
      }
    }
    return servers
  }

  async #askAll(question: Question): Promise<ForeignReply> {
    const { clock, random, deadlineMs } = this.#settings
    const servers = random.shuffle(this.#serversFor(question.labels))
    const endsAt = clock.monotonic() + deadlineMs
    let failure: ForeignReply | undefined
    let cause: unknown = new Error('there is nobody to ask')
    // A lost packet is the usual failure, so each server gets a second chance.
    for (const server of [...servers, ...servers]) {
      const leftMs = endsAt - clock.monotonic()
      if (leftMs <= 0) break
      try {
        const reply = await this.#askOne(server, question, leftMs)
        if (reply.code !== responseCodes.SERVFAIL && reply.code !== responseCodes.REFUSED) {
          return reply
        }
        failure = reply
      } catch (error) {
        cause = error
      }
    }
    if (failure) return failure
    throw new Error(`ask others about ${question.labels.join('.')}: no reply`, { cause })
  }

  async #askOne(server: ServerAddress, question: Question, leftMs: number): Promise<ForeignReply> {
    const { clock, attempted, timeoutMs, random } = this.#settings
    const begunAt = clock.monotonic()
    const id = random.uint32() & 0xffff
    const bytes = questionBytes(question, id)
    const read = (reply: Buffer) => readForeignReply(reply, id, question)
    const limitMs = Math.min(timeoutMs, leftMs)
    let code: number | undefined
    try {
      const first = await this.#inTime(limitMs, (signal) => askByUdp(server, bytes, read, signal))
      const reply = first.isTruncated
        ? await this.#inTime(limitMs, (signal) => askByTcp(server, bytes, read, signal))
        : first
      code = reply.code
      return reply
    } finally {
      attempted(addressText(server), clock.monotonic() - begunAt, code)
    }
  }

  async #inTime<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController()
    const why = new Error(`no reply within ${limitMs} ms`)
    using _timer = this.#settings.clock.setTimeout(() => late.abort(why), limitMs)
    return await work(late.signal)
  }
}

function questionBytes({ bytes, extension, isCheckingDisabled }: Question, id: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(id, 0)
  header.writeUInt16BE(
    FLAG_RECURSION_DESIRED | (isCheckingDisabled ? FLAG_CHECKING_DISABLED : 0),
    2,
  )
  header.writeUInt16BE(1, 4)
  if (!extension) return Buffer.concat([header, bytes])
  header.writeUInt16BE(1, 10)
  const flags = [extension.wantsDnssec ? 0x80 : 0, 0, 0, 0]
  return Buffer.concat([header, bytes, Buffer.from([...RECORD_OPT, ...flags])])
}

type Read = (reply: Buffer) => ForeignReply | undefined

/** A socket of its own for each question: its port is one more thing that a liar has to guess. */
function askByUdp(
  { host, port }: ServerAddress,
  bytes: Buffer,
  read: Read,
  signal: AbortSignal,
): Promise<ForeignReply> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  return new Promise<ForeignReply>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    socket.on('error', reject)
    socket.on('message', (reply) => {
      const known = read(reply)
      // What does not fit may be a lie: the right one may still come.
      if (known) resolve(known)
    })
    socket.connect(port, host, () => socket.send(bytes))
  }).finally(() => socket.close())
}

function askByTcp(
  { host, port }: ServerAddress,
  bytes: Buffer,
  read: Read,
  signal: AbortSignal,
): Promise<ForeignReply> {
  const socket = connect({ host, port })
  return new Promise<ForeignReply>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    let received: Buffer = Buffer.alloc(0)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(bytes.length)
    socket.on('error', reject)
    socket.on('end', () => reject(new Error('the connection ended without a reply')))
    socket.on('connect', () => socket.write(Buffer.concat([length, bytes])))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length > TCP_BYTES_MAX + 2) return
      const wanted = received.readUInt16BE(0) + 2
      if (received.length < wanted) return
      const known = read(received.subarray(2, wanted))
      if (known) resolve(known)
      else reject(new Error('the reply is none to the question'))
    })
  }).finally(() => socket.destroy())
}
