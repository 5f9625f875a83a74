/** Reads watches inside tests: events as objects, one by one, from real connections. */
import { once } from 'node:events'
import { request } from 'undici'
import { WebSocket } from 'ws'

export interface WatchEvent {
  readonly type: string
  readonly object: {
    readonly kind: string
    readonly code?: number
    readonly message?: string
    readonly metadata: {
      readonly name?: string
      readonly resourceVersion?: string
      readonly annotations?: Readonly<Record<string, string>>
    }
    readonly [field: string]: unknown
  }
}

/** The events of a watch over HTTP, until it ends or the caller has enough. */
export async function* httpEvents(
  url: string,
  headers: Record<string, string> = {},
): AsyncGenerator<WatchEvent, void> {
  const { body, statusCode } = await request(url, { headers })
  if (statusCode !== 200) throw new Error(await body.text())
  let rest = ''
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) yield JSON.parse(line)
  }
}

/** Takes so many, and leaves the watch. */
export async function taken(events: AsyncGenerator<WatchEvent>, count: number) {
  const found: WatchEvent[] = []
  for (let left = count; left > 0; left--) {
    const { value, done } = await events.next()
    if (done) throw new Error(`the watch ended after ${found.length} events`)
    found.push(value)
  }
  return found
}

/** `ADDED a`, for short comparisons. */
export const told = ({ type, object }: WatchEvent): string =>
  object.metadata.name ? `${type} ${object.metadata.name}` : type

/** Listens before the socket is open: the first message may come along with that. */
export async function openSocket(url: string, protocols: string[] = []) {
  const socket = new WebSocket(url.replace('http', 'ws'), protocols)
  const messages = new Messages(socket)
  await once(socket, 'open')
  return { socket, messages }
}

/** Lines as they come, so that none is missed between two waits. */
export class Messages {
  readonly #arrived: string[] = []
  readonly #waiting: ((message: string) => void)[] = []

  constructor(socket: WebSocket) {
    socket.on('message', (message) => {
      for (const line of String(message).split(/(?<=\n)/)) {
        const next = this.#waiting.shift()
        if (next) next(line)
        else this.#arrived.push(line)
      }
    })
  }

  next(): Promise<string> {
    const arrived = this.#arrived.shift()
    if (arrived !== undefined) return Promise.resolve(arrived)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  get count(): number {
    return this.#arrived.length
  }
}
