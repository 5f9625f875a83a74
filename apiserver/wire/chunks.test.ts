/** Whatever is put in comes out, in order, however it falls into pieces. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Chunks } from './chunks.ts'

test('text and bytes come out as they went in', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme-ascii' }),
    fc.record({ length: fc.nat(600_000), from: fc.nat(1_000), fill: fc.nat(255) }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const chunks = new Chunks()
      const wanted: Buffer[] = []
      for (const each of pieces) {
        if (typeof each === 'string') {
          chunks.text(each)
          wanted.push(Buffer.from(each))
        } else {
          const bytes = Buffer.alloc(each.length, each.fill)
          chunks.bytes(bytes, each.from)
          wanted.push(bytes.subarray(each.from))
        }
      }
      expect(Buffer.concat(chunks.done()).equals(Buffer.concat(wanted))).toBe(true)
    }),
    { seed: 42, numRuns: 50 },
  )
})
