/** Frames come in any cut, both streams arrive whole, and a slow reader holds the source back. */
import { PassThrough, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textOf } from '#test/runtime/reading.ts'
import { FrameReader, joinFrames, splitFrames } from './frames.ts'

const frame = (stream: number, content: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(Buffer.byteLength(content), 4)
  return Buffer.concat([header, Buffer.from(content)])
}

test('frames are the same however they are cut', () => {
  const frames = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.string({ maxLength: 20 })))
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, cuts) => {
      const bytes = Buffer.concat(all.map(([stream, content]) => frame(stream, content)))
      const reader = new FrameReader()
      const seen: [number, Buffer][] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const end = at + (cuts[turn % cuts.length] ?? 1)
        reader.read(bytes.subarray(at, end), (stream, part) => seen.push([stream, part]))
        at = end
      }
      const whole = (wanted: number): string =>
        Buffer.concat(
          seen.filter(([stream]) => stream === wanted).map(([, part]) => part),
        ).toString()
      for (const wanted of [1, 2]) {
        expect(whole(wanted)).toBe(
          all.map(([stream, content]) => (stream === wanted ? content : '')).join(''),
        )
      }
    }),
    { seed: 1 },
  )
})

test('both streams are told apart, and joined in their order', async () => {
  const all = [frame(1, 'one\n'), frame(2, 'bad\n'), frame(1, 'two\n')]
  const { stdout, stderr } = splitFrames(Readable.from(all, { objectMode: false }))
  expect(await Promise.all([textOf(stdout), textOf(stderr)])).toEqual(['one\ntwo\n', 'bad\n'])
  expect(await textOf(joinFrames(Readable.from(all, { objectMode: false })))).toBe(
    'one\nbad\ntwo\n',
  )
})

test('a line that was kept in pieces has one time', async () => {
  const all = [
    ...[frame(1, 'T1 aaa'), frame(2, 'T2 x\n'), frame(1, 'T3 bbb'), frame(1, 'T4 c c\n')],
    ...[frame(1, 'T5 next\n'), frame(2, 'T6 y'), frame(2, 'T7 z\n')],
  ]
  const whole = 'T1 aaaT2 x\nbbbc c\nT5 next\nT6 yz\n'
  const bytes = Buffer.concat(all)
  for (const cut of [1, 3, 1000]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, index) =>
      bytes.subarray(index * cut, (index + 1) * cut),
    )
    const source = Readable.from(pieces, { objectMode: false })
    expect(await textOf(joinFrames(source, { timestamps: true }))).toBe(whole)
  }
})

test('a reader that rests holds the source back', async () => {
  const source = new PassThrough()
  const { stdout, stderr } = splitFrames(source)
  stderr.resume()
  const content = 'x'.repeat(stdout.readableHighWaterMark)
  let hasRoom = true
  for (let written = 0; hasRoom && written < 100; written++) {
    hasRoom = source.write(frame(1, content))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(hasRoom).toBe(false)
  source.end()
  expect(new Set(await textOf(stdout))).toEqual(new Set('x'))
})

test('a source that breaks breaks what is read, and crashes nothing that is not', async () => {
  const source = new PassThrough()
  const { stdout } = splitFrames(source)
  const reading = finished(stdout)
  source.destroy(new Error('cut'))
  await expect(reading).rejects.toThrow('cut')
})

test('when nobody reads any more, the source is let go', async () => {
  const source = new PassThrough()
  const { stdout, stderr } = splitFrames(source)
  stdout.destroy()
  expect(source.destroyed).toBe(false)
  stderr.destroy()
  await new Promise((resolve) => setImmediate(resolve))
  expect(source.destroyed).toBe(true)
})
