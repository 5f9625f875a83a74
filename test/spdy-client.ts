/** The client's side of SPDY/3.1, as small as tests of the server's side allow. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { constants, createDeflate } from 'node:zlib'
import { dictionary } from '#daemon/streams/spdy/dictionary.ts'
import { dataHeader, type Frame, FrameParser } from '#daemon/streams/spdy/frames.ts'
import { HeaderReader } from '#daemon/streams/spdy/header-blocks.ts'

/** What came back on one stream. */
export interface ClientStream {
  readonly id: number
  readonly data: Buffer[]
  isReplied: boolean
  isEnded: boolean
  resetStatus: number | undefined
}

const flags = { none: 0, fin: 1 }

/** Packs headers as real clients do: one compressor for a whole connection. */
export class HeaderPacker {
  readonly #deflate = createDeflate({ dictionary })
  readonly #packed: Buffer[] = []

  constructor() {
    this.#deflate.on('data', (chunk: Buffer) => this.#packed.push(chunk))
  }

  async pack(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const pairs = Object.entries(headers).flatMap(([name, value]) => [
      counted(name),
      counted(value),
    ])
    this.#deflate.write(Buffer.concat([number(Object.keys(headers).length), ...pairs]))
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve)
    await promise
    return Buffer.concat(this.#packed.splice(0))
  }
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const counted = (text: string): Buffer =>
  Buffer.concat([number(Buffer.byteLength(text)), Buffer.from(text)])

export const controlFrame = (type: number, flag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = number(body.length)
  length[0] = flag
  return Buffer.concat([number(0x80030000 + type), length, body])
}

export class SpdyClient {
  readonly #transport: Duplex
  readonly #parser = new FrameParser()
  readonly #packer = new HeaderPacker()
  readonly #reader = new HeaderReader()
  readonly streams = new Map<number, ClientStream>()
  readonly frames: Frame[] = []
  #nextId = 1

  constructor(transport: Duplex) {
    this.#transport = transport
    transport.on('error', () => undefined)
    transport.on('data', (chunk: Buffer) => {
      for (const frame of this.#parser.push(chunk)) this.#handle(frame)
      transport.emit('handled')
    })
    transport.once('close', () => transport.emit('handled'))
  }

  async open(headers: Readonly<Record<string, string>>, id = this.#nextId): Promise<ClientStream> {
    this.#nextId = id + 2
    const stream = { id, data: [], isReplied: false, isEnded: false, resetStatus: undefined }
    this.streams.set(id, stream)
    const block = await this.#packer.pack(headers)
    this.raw(controlFrame(1, flags.none, number(id), number(0), Buffer.alloc(2), block))
    return stream
  }

  send({ id }: { readonly id: number }, data: string | Buffer): void {
    const bytes = Buffer.from(data as string)
    this.raw(Buffer.concat([dataHeader(id, bytes.length, false), bytes]))
  }

  end({ id }: { readonly id: number }): void {
    this.raw(dataHeader(id, 0, true))
  }

  reset({ id }: { readonly id: number }): void {
    this.raw(controlFrame(3, flags.none, number(id), number(5)))
  }

  ping(id: number): void {
    this.raw(controlFrame(6, flags.none, number(id)))
  }

  raw(bytes: Buffer): void {
    this.#transport.write(bytes)
  }

  /** Waits for frames until what they did is enough. */
  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      if (this.#transport.destroyed) throw new Error('the connection closed before that')
      await once(this.#transport, 'handled')
    }
  }

  /** Everything a stream said, once it has ended. */
  async text(stream: ClientStream): Promise<string> {
    await this.until(() => stream.isEnded || stream.resetStatus !== undefined)
    return Buffer.concat(stream.data).toString()
  }

  #handle(frame: Frame): void {
    this.frames.push(frame)
    if (!('stream' in frame)) return
    const stream = this.streams.get(frame.stream)
    if (!stream) return
    if (frame.type === 'data') {
      stream.data.push(Buffer.from(frame.data))
      stream.isEnded ||= frame.fin
    } else if (frame.type === 'reset') stream.resetStatus = frame.status
    else if (frame.type === 'reply') void this.#replied(stream, frame.block)
  }

  async #replied(stream: ClientStream, block: Buffer): Promise<void> {
    const headers = await this.#reader.read(block)
    stream.isReplied = headers.size === 0
    this.#transport.emit('handled')
  }
}
