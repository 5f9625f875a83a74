/** The least of an HTTP client, so that a bench measures the server and not its caller. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface Response {
  readonly status: number
  readonly bodyBytes: number
}

const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** One request at a time on one connection that stays open. */
export class HttpConnection implements Disposable {
  readonly #socket: Socket
  #received: Buffer[] = []
  #receivedBytes = 0
  #head: { readonly status: number; readonly bytes: number; readonly body: number } | undefined
  #waiting: PromiseWithResolvers<Response> | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    const fail = (error?: Error): void =>
      this.#waiting?.reject(error ?? new Error('connection closed'))
    socket.on('error', fail)
    socket.on('close', () => fail())
  }

  send(request: Buffer | string): Promise<Response> {
    this.#waiting = Promise.withResolvers()
    this.#socket.write(request)
    return this.#waiting.promise
  }

  [Symbol.dispose](): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    this.#head ??= this.#readHead()
    const head = this.#head
    if (!head || !this.#isComplete(head, chunk)) return
    this.#received = []
    this.#receivedBytes = 0
    this.#head = undefined
    this.#waiting?.resolve({ status: head.status, bodyBytes: head.body })
  }

  #readHead() {
    const text = Buffer.concat(this.#received).toString('latin1')
    const end = text.indexOf(HEAD_END)
    if (end < 0) return undefined
    const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1]
    const body = length === undefined ? Number.NaN : Number(length)
    return { status: Number(text.slice(9, 12)), bytes: end + HEAD_END.length, body }
  }

  #isComplete(head: { readonly bytes: number; readonly body: number }, chunk: Buffer): boolean {
    if (!Number.isNaN(head.body)) return this.#receivedBytes >= head.bytes + head.body
    const tail = chunk.length < LAST_CHUNK.length ? Buffer.concat(this.#received) : chunk
    return tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
  }
}

/** The certificate of the server is the only one that is trusted. */
export async function openSocket(url: string, certificateFile: string): Promise<Socket> {
  const { protocol, hostname: host, port } = new URL(url)
  if (protocol === 'http:') {
    const socket = connectPlain(Number(port), host)
    await once(socket, 'connect')
    return socket.setNoDelay()
  }
  const socket = connectTls({ host, port: Number(port), ca: readFileSync(certificateFile) })
  await once(socket, 'secureConnect')
  return socket.setNoDelay()
}

/** Sends what `requestFor` gives, so many at once; the milliseconds that each took. */
export async function sendMany(
  connections: readonly HttpConnection[],
  count: number,
  requestFor: (index: number) => Buffer | string,
  wantedStatus: number,
): Promise<number[]> {
  const latencies: number[] = []
  let next = 0
  const work = async (connection: HttpConnection): Promise<void> => {
    while (next < count) {
      const index = next++
      const begunAt = performance.now()
      const { status } = await connection.send(requestFor(index))
      if (status !== wantedStatus) throw new Error(`request ${index}: answered with ${status}`)
      latencies.push(performance.now() - begunAt)
    }
  }
  await Promise.all(connections.map(work))
  return latencies
}
