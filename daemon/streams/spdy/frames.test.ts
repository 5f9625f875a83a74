/** Frames of SPDY/3.1: cut out of any pieces, limited in what they may hold. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { controlFrame } from '#test/spdy-client.ts'
import {
  dataHeader,
  type Frame,
  FrameParser,
  goAwayFrame,
  pingFrame,
  replyFrame,
  resetFrame,
  SpdyError,
  windowUpdateFrame,
} from './frames.ts'

const all = Buffer.concat([
  replyFrame(1, Buffer.from('block')),
  dataHeader(1, 5, true),
  Buffer.from('hello'),
  resetFrame(3, 5),
  pingFrame(7),
  windowUpdateFrame(1, 100),
  dataHeader(9, 0, true),
  goAwayFrame(9, 0),
])

/** Pieces of data put together again. */
function joined(frames: readonly Frame[]): object[] {
  const result: { type: string; stream?: number; data?: string; fin?: boolean }[] = []
  for (const frame of frames) {
    if (frame.type !== 'data') {
      result.push(frame)
      continue
    }
    const last = result.at(-1)
    const data = frame.data.toString()
    const isMore = last?.type === 'data' && last.stream === frame.stream && !last.fin
    if (isMore) Object.assign(last, { data: last.data + data, fin: frame.fin })
    else result.push({ ...frame, data })
  }
  return result
}

const wanted = [
  { type: 'reply', stream: 1, fin: false, block: Buffer.from('block') },
  { type: 'data', stream: 1, data: 'hello', fin: true },
  { type: 'reset', stream: 3, status: 5 },
  { type: 'ping', id: 7 },
  { type: 'other' },
  { type: 'data', stream: 9, data: '', fin: true },
  { type: 'goAway' },
]

test('frames come out the same, whatever the pieces in which they arrive', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 })
  const same = fc.property(pieces, (sizes) => {
    const parser = new FrameParser()
    const frames: Frame[] = []
    for (let at = 0, turn = 0; at < all.length; turn++) {
      const size = sizes[turn % sizes.length]!
      frames.push(...parser.push(all.subarray(at, at + size)))
      at += size
    }
    expect(joined(frames)).toEqual(wanted)
  })
  fc.assert(same, fuzz(300))
})

describe('FrameParser refuses', () => {
  test.for([
    { name: 'another version', bytes: Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0]) },
    { name: 'long control frames', bytes: Buffer.from([0x80, 3, 0, 1, 0, 1, 0, 1]) },
    { name: 'a ping without a number', bytes: controlFrame(6, 0) },
    { name: 'a stream without a number', bytes: controlFrame(1, 0, Buffer.alloc(3)) },
    { name: 'a stream without headers', bytes: controlFrame(1, 0, Buffer.alloc(9)) },
  ])('$name', ({ bytes }) => {
    expect(() => new FrameParser().push(bytes)).toThrow(SpdyError)
  })
})

test('any bytes are frames, wait for more, or are refused as what they are', () => {
  const safe = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      new FrameParser().push(Buffer.from(bytes))
    } catch (error) {
      expect(error).toBeInstanceOf(SpdyError)
    }
  })
  fc.assert(safe, fuzz(500))
})
