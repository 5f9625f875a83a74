/** What stands between one service and the API server: answers that fail, hang or get lost. */
import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestOf,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type Reason, StatusError } from '#api/status.ts'
import type { Random } from '#daemon/random.ts'
import { calm, type Mishap, mishapFor, type Weather } from './weather.ts'

interface Watching {
  readonly near: Socket
  readonly far: Socket
}

const BUSY_SECONDS = '1'

/** A service asks its server through one of these, which a test controls. */
export class Front implements AsyncDisposable {
  weather: Weather = calm
  /** Requests that the server was asked, by method and resource, such as `POST pods`. */
  readonly counts = new Map<string, number>()
  /** Connections so far, those included that were turned away. */
  accepted = 0
  /** Grows with all that goes either way. */
  traffic = 0
  /** Requests without an answer, but for those that are held. */
  pending = 0
  readonly #target: URL
  readonly #random: Random
  readonly #server: Server
  readonly #agent = new Agent({ keepAlive: true })
  readonly #sockets = new Set<Socket>()
  readonly #watches = new Set<Watching>()
  #held: (() => void)[] = []
  #isRefusing = false
  #isStalling = false

  private constructor(target: string, random: Random) {
    this.#target = new URL(target)
    this.#random = random
    this.#server = createServer((request, response) => this.#received(request, response))
    this.#server.on('connection', (socket: Socket) => this.#connected(socket))
    this.#server.on('upgrade', (request, near: Socket, head) => this.#watch(request, near, head))
  }

  static async open(target: string, random: Random): Promise<Front> {
    const front = new Front(target, random)
    front.#server.listen(0, '127.0.0.1')
    await once(front.#server, 'listening')
    return front
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks all connections; those who come anew are let in. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** From now on, whoever connects is turned away, until told otherwise. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing
  }

  /** Watches fall silent, and catch up when let go. */
  stall(isStalling: boolean): void {
    this.#isStalling = isStalling
    for (const { far } of this.#watches) isStalling ? far.pause() : far.resume()
  }

  /** Lets go of requests that are held. */
  release(): void {
    for (const letGo of this.#held.splice(0)) letGo()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse(true)
    this.cut()
    this.release()
    this.#agent.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #connected(socket: Socket): void {
    this.traffic++
    this.accepted++
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (this.#isRefusing) socket.destroy()
  }

  #received(request: IncomingMessage, response: ServerResponse): void {
    this.pending++
    this.traffic++
    // Whatever breaks here has broken on one of its two sides, which then know.
    this.#answer(request, response)
      .catch(() => request.socket.destroy())
      .finally(() => {
        this.pending--
        this.traffic++
      })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', socket } = request
    const body = Buffer.concat(await request.toArray())
    const mishap = mishapFor(this.weather, method, this.#random)
    const refusal = mishap && refusals[mishap]
    if (refusal) return refuse(response, refusal)
    if (mishap === 'held') await this.#hold()
    if (mishap === 'unsent' || socket.destroyed) return void socket.destroy()
    const { code, headers, content } = await this.#forward(request, body)
    if (mishap === 'unheard') return void socket.destroy()
    if (mishap === 'failed-after') return refuse(response, { reason: 'InternalError' })
    response.writeHead(code, headers)
    response.end(content)
  }

  async #hold(): Promise<void> {
    this.pending--
    await new Promise<void>((resolve) => this.#held.push(resolve))
    this.pending++
  }

  async #forward({ method, url: path = '', headers }: IncomingMessage, body: Buffer) {
    count(this.counts, method ?? '', path)
    const { hostname, port } = this.#target
    const agent = this.#agent
    const onward = requestOf({ hostname, port, agent, method, path, headers })
    onward.end(body)
    const [answer] = (await once(onward, 'response')) as [IncomingMessage]
    const content = Buffer.concat(await answer.toArray())
    return { code: answer.statusCode ?? 0, headers: answer.headers, content }
  }

  #watch(request: IncomingMessage, near: Socket, head: Buffer): void {
    this.traffic++
    const { hostname, port } = this.#target
    const far = connect(Number(port), hostname)
    const watching = { near, far }
    this.#watches.add(watching)
    near.on('error', () => near.destroy())
    far.on('error', () => near.destroy())
    near.once('close', () => far.destroy())
    far.once('close', () => {
      this.#watches.delete(watching)
      near.destroy()
    })
    far.write(headOf(request))
    far.write(head)
    near.pipe(far)
    far.on('data', (chunk) => {
      this.traffic++
      near.write(chunk)
    })
    if (this.#isStalling) far.pause()
  }
}

interface Refusal {
  readonly reason: Reason
  readonly retryAfter?: string
}

const refusals: Partial<Record<Mishap, Refusal>> = {
  busy: { reason: 'TooManyRequests', retryAfter: BUSY_SECONDS },
  failed: { reason: 'InternalError' },
  conflict: { reason: 'Conflict' },
}

function refuse(response: ServerResponse, { reason, retryAfter }: Refusal): void {
  const status = new StatusError(reason, `as the weather has it: ${reason}`)
  response.writeHead(status.code, {
    'content-type': 'application/json',
    ...(retryAfter && { 'retry-after': retryAfter }),
  })
  response.end(JSON.stringify(status))
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** `/apis/apps/v1/namespaces/a/deployments/b/status` is one of `deployments/status`. */
const PLACE =
  /^\/(?:api|apis\/[^/]+)\/[^/]+\/(?:namespaces\/[^/]+\/(?=[^/?]+))?([^/?]+)(?:\/[^/?]+(\/[^/?]+)?)?/

function count(counts: Map<string, number>, method: string, path: string): void {
  const [, plural = path, subresource = ''] = PLACE.exec(path) ?? []
  const what = `${method} ${plural}${subresource}`
  counts.set(what, (counts.get(what) ?? 0) + 1)
}
