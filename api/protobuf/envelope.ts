/** The envelope of protobuf objects: four magic bytes, then a message that names the kind. */
import type { Schema, Stored } from '../schema.ts'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { ProtobufError } from './protobuf-error.ts'
import { DELIMITED, Reader } from './reader.ts'
import { Writer } from './writer.ts'

export const PROTOBUF_MEDIA_TYPE = 'application/vnd.kubernetes.protobuf'

const magic = Buffer.from('k8s\0', 'latin1')

/** What surrounds an object: `raw` is a message unless `contentType` says that it is JSON. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
  readonly contentEncoding: string
  readonly contentType: string
}

interface Named {
  readonly apiVersion: string
  readonly kind: string
}

export function hasEnvelope(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.equals(bytes.subarray(0, magic.length))
}

/** An object of the schema, in its envelope. */
export function encodeProtobuf<T extends Named>(schema: Schema<T>, value: T): Uint8Array {
  return wrapMessage(value, encodeMessage(schema, value))
}

/** Puts an encoded message into the envelope that names its kind. */
export function wrapMessage({ apiVersion, kind }: Named, message: Uint8Array): Uint8Array {
  const writer = new Writer(message.length + 2 * (apiVersion.length + kind.length) + 64)
  writeText(writer, '', CONTENT_TYPE)
  writeText(writer, '', CONTENT_ENCODING)
  const rawEnd = writer.end
  writer.raw(message)
  writer.prefix(rawEnd, RAW)
  const typeEnd = writer.end
  writeText(writer, kind, KIND)
  writeText(writer, apiVersion, API_VERSION)
  writer.prefix(typeEnd, TYPE_META)
  writer.raw(magic)
  return writer.finish()
}

/** Opens the envelope; `raw` is a view of `bytes`. */
export function decodeProtobuf(bytes: Uint8Array): Envelope {
  if (!hasEnvelope(bytes)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message')
  }
  const reader = new Reader(bytes.subarray(magic.length))
  const envelope = { apiVersion: '', kind: '', raw: noBytes, contentEncoding: '', contentType: '' }
  while (reader.at < reader.end) {
    const key = reader.key()
    if (key === TYPE_META) readTypeMeta(reader, envelope)
    else if (key === RAW) envelope.raw = reader.raw()
    else if (key === CONTENT_ENCODING) envelope.contentEncoding = reader.text()
    else if (key === CONTENT_TYPE) envelope.contentType = reader.text()
    else reader.skip(key & 7)
  }
  return envelope
}

/** The object inside an envelope, in normal form and named as the envelope names it. */
export function decodeEnvelope<T extends Schema>(schema: T, envelope: Envelope): Stored<T> {
  if (envelope.contentEncoding !== '') {
    throw new ProtobufError(`unsupported content encoding "${envelope.contentEncoding}"`)
  }
  if (envelope.contentType !== '' && envelope.contentType !== PROTOBUF_MEDIA_TYPE) {
    throw new ProtobufError(`unsupported content type "${envelope.contentType}"`)
  }
  const { kind, apiVersion } = envelope
  return { kind, apiVersion, ...(decodeMessage(schema, envelope.raw) as object) } as Stored<T>
}

const TYPE_META = 1 * 8 + DELIMITED
const RAW = 2 * 8 + DELIMITED
const CONTENT_ENCODING = 3 * 8 + DELIMITED
const CONTENT_TYPE = 4 * 8 + DELIMITED
const API_VERSION = 1 * 8 + DELIMITED
const KIND = 2 * 8 + DELIMITED

const noBytes: Uint8Array = new Uint8Array()

function readTypeMeta(reader: Reader, meta: { apiVersion: string; kind: string }): void {
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const key = reader.key()
    if (key === API_VERSION) meta.apiVersion = reader.text()
    else if (key === KIND) meta.kind = reader.text()
    else reader.skip(key & 7)
  }
  reader.leave(outer)
}

function writeText(writer: Writer, value: string, key: number): void {
  const { end } = writer
  writer.text(value)
  writer.prefix(end, key)
}
