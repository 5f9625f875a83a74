/** The envelope of protobuf objects. */
import { describe, expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { Status } from '../kinds/meta/status.ts'
import { Table } from '../kinds/meta/table.ts'
import { encodeMessage, hasProtobuf } from './encode.ts'
import {
  decodeEnvelope,
  decodeProtobuf,
  encodeProtobuf,
  hasEnvelope,
  PROTOBUF_MEDIA_TYPE,
  wrapMessage,
} from './envelope.ts'
import { ProtobufError } from './protobuf-error.ts'

const status = decode(Status.schema, {
  apiVersion: 'v1',
  kind: 'Status',
  status: 'Failure',
  message: 'Größe ☃',
  code: 404,
})

test('an object comes back with its kind', () => {
  const bytes = encodeProtobuf(Status.schema, status)
  expect(hasEnvelope(bytes)).toBe(true)
  const envelope = decodeProtobuf(bytes)
  expect(envelope).toMatchObject({ apiVersion: 'v1', kind: 'Status', contentType: '' })
  expect(decodeEnvelope(Status.schema, envelope)).toEqual(status)
})

test('a message that is encoded already is wrapped as it is', () => {
  const message = encodeMessage(Status.schema, status)
  const bytes = wrapMessage({ apiVersion: 'v1', kind: 'Status' }, message)
  expect(Buffer.compare(bytes, encodeProtobuf(Status.schema, status))).toBe(0)
})

describe('refuses', () => {
  test.for([
    ['other bytes', '7b7d', 'does not appear to be a protobuf message'],
    ['nothing', '', 'does not appear to be a protobuf message'],
    ['half of the magic', '6b38', 'does not appear to be a protobuf message'],
    ['an envelope cut off', '6b387300 0a7f', 'unexpected EOF'],
  ])('%s', ([, hex = '', message = '']) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(() => decodeProtobuf(bytes)).toThrow(ProtobufError)
    expect(() => decodeProtobuf(bytes)).toThrow(message)
  })

  test.for([
    [{ contentEncoding: 'gzip' }, 'unsupported content encoding "gzip"'],
    [{ contentType: 'application/json' }, 'unsupported content type "application/json"'],
  ] as const)('%j', ([wrong, message]) => {
    const envelope = decodeProtobuf(encodeProtobuf(Status.schema, status))
    expect(() => decodeEnvelope(Status.schema, { ...envelope, ...wrong })).toThrow(message)
  })
})

test('a content type that says protobuf is welcome', () => {
  const envelope = decodeProtobuf(encodeProtobuf(Status.schema, status))
  const named = { ...envelope, contentType: PROTOBUF_MEDIA_TYPE }
  expect(decodeEnvelope(Status.schema, named)).toEqual(status)
})

test('tables have no protobuf form', () => {
  expect(hasProtobuf(Table.schema)).toBe(false)
  expect(hasProtobuf(Status.schema)).toBe(true)
})
