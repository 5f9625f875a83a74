/** Watch events in protobuf: framing, splitting and damage. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { ProtobufError } from './protobuf-error.ts'
import {
  decodeWatchFrame,
  encodeWatchFrame,
  MAX_FRAME_BYTES,
  splitWatchFrames,
} from './watch-frame.ts'

test('a frame is its length in four bytes and then a bare WatchEvent', () => {
  const frame = encodeWatchFrame('ADDED', Buffer.from('k8s\0'))
  expect(Buffer.from(frame).toString('hex')).toBe(
    '0000000f' + '0a054144444544' + '12060a046b387300',
  )
})

test('events come out as they went in, however the stream is cut', () => {
  const event = fc.record({ type: fc.string(), object: fc.uint8Array({ maxLength: 300 }) })
  const cut = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(fc.array(event), cut, (events, size) => {
      const stream = Buffer.concat(events.map(({ type, object }) => encodeWatchFrame(type, object)))
      const seen: unknown[] = []
      let pending: Uint8Array = Buffer.alloc(0)
      for (let at = 0; at < stream.length; at += size) {
        const { frames, rest } = splitWatchFrames(
          Buffer.concat([pending, stream.subarray(at, at + size)]),
        )
        pending = rest
        for (const frame of frames) {
          const { type, object } = decodeWatchFrame(frame)
          seen.push({ type, object: Uint8Array.from(object) })
        }
      }
      expect(seen).toEqual(events)
      expect(pending).toHaveLength(0)
    }),
    fuzz(200),
  )
})

test('a frame that claims to be huge is refused before it is waited for', () => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(MAX_FRAME_BYTES + 1)
  expect(() => splitWatchFrames(length)).toThrow(ProtobufError)
})

test('a damaged frame is refused', () => {
  expect(() => decodeWatchFrame(Buffer.from([0x0a, 0x7f]))).toThrow(ProtobufError)
})
