/** Watches in protobuf: each event is a bare message behind four bytes that give its length. */
import { ProtobufError } from './protobuf-error.ts'
import { DELIMITED, Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** The largest event that a reader accepts, as upstream's decoder does. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024
const LENGTH_BYTES = 4

export interface WatchFrame {
  readonly type: string
  /** The object in its envelope. */
  readonly object: Uint8Array
}

/** One event; `object` is the object in its envelope, copied as it is. */
export function encodeWatchFrame(type: string, object: Uint8Array): Uint8Array {
  const writer = new Writer(object.length + type.length * 3 + 32)
  const objectEnd = writer.end
  const rawEnd = writer.end
  writer.raw(object)
  writer.prefix(rawEnd, RAW)
  writer.prefix(objectEnd, OBJECT)
  const typeEnd = writer.end
  writer.text(type)
  writer.prefix(typeEnd, TYPE)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(writer.end)
  writer.raw(length)
  return writer.finish()
}

/** The whole frames at the beginning of `bytes`, and the bytes of a frame that is not all there. */
export function splitWatchFrames(bytes: Uint8Array): { frames: Uint8Array[]; rest: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Uint8Array[] = []
  let at = 0
  while (bytes.length - at >= LENGTH_BYTES) {
    const length = view.getUint32(at)
    if (length > MAX_FRAME_BYTES) {
      throw new ProtobufError(`watch frame of ${length} bytes is larger than ${MAX_FRAME_BYTES}`)
    }
    const end = at + LENGTH_BYTES + length
    if (end > bytes.length) break
    frames.push(bytes.subarray(at + LENGTH_BYTES, end))
    at = end
  }
  return { frames, rest: bytes.subarray(at) }
}

export function decodeWatchFrame(frame: Uint8Array): WatchFrame {
  const reader = new Reader(frame)
  let type = ''
  let object: Uint8Array = new Uint8Array()
  while (reader.at < reader.end) {
    const key = reader.key()
    if (key === TYPE) type = reader.text()
    else if (key === OBJECT) object = rawOf(reader)
    else reader.skip(key & 7)
  }
  return { type, object }
}

const TYPE = 1 * 8 + DELIMITED
const OBJECT = 2 * 8 + DELIMITED
const RAW = 1 * 8 + DELIMITED

function rawOf(reader: Reader): Uint8Array {
  let raw: Uint8Array = new Uint8Array()
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const key = reader.key()
    if (key === RAW) raw = reader.raw()
    else reader.skip(key & 7)
  }
  reader.leave(outer)
  return raw
}
