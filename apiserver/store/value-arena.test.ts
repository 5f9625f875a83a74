/** Values stay what they are while blocks fill, empty and are cleared out. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { noBlock, type Placed, ValueArena } from './value-arena.ts'

const MEGABYTE = 1024 * 1024

function place(arena: ValueArena, bytes: Buffer): Placed {
  const placed = { block: noBlock, offset: 0, length: 0 }
  arena.place(placed, bytes)
  return placed
}

function read({ block, offset, length }: Placed): Buffer {
  return block.bytes.subarray(offset, offset + length)
}

test('places, releases and moves values without changing any', () => {
  const length = fc.oneof(
    fc.integer({ min: 0, max: 10 }),
    fc.integer({ min: 1_000, max: 60_000 }),
    fc.integer({ min: 100_000, max: 200_000 }),
  )
  const step = fc.record({ length, releases: fc.integer({ min: 0, max: 20 }) })
  const property = fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
    const arena = new ValueArena()
    const kept: { placed: Placed; fill: number }[] = []
    for (const [index, { length, releases }] of steps.entries()) {
      const fill = index % 251
      kept.push({ placed: place(arena, Buffer.alloc(length, fill)), fill })
      const [gone] = releases < kept.length ? kept.splice(releases, 1) : []
      if (gone) arena.release(gone.placed)
      for (const { placed } of kept) arena.evacuate(placed)
    }
    const bytes = kept.reduce((sum, { placed }) => sum + placed.length, 0)
    expect(arena.liveBytes).toBe(bytes)
    // Blocks at least half full, and the one being filled.
    expect(arena.reservedBytes).toBeLessThanOrEqual(2 * bytes + 2 * MEGABYTE)
    for (const { placed, fill } of kept) {
      expect(read(placed).equals(Buffer.alloc(placed.length, fill))).toBe(true)
    }
    for (const { placed } of kept) arena.release(placed)
    expect(arena.liveBytes).toBe(0)
    expect(arena.reservedBytes).toBeLessThanOrEqual(MEGABYTE)
  })
  fc.assert(property, fuzz(20))
})

test('a window that was handed out outlives the move of its value', () => {
  const arena = new ValueArena()
  const filler = Array.from({ length: 10 }, () => place(arena, Buffer.alloc(100_000, 1)))
  const placed = place(arena, Buffer.from('kept'))
  const window = read(placed)
  for (const each of filler) arena.release(each)
  place(arena, Buffer.alloc(120_000))
  const { block } = placed
  arena.evacuate(placed)
  expect(placed.block).not.toBe(block)
  expect(window.toString()).toBe('kept')
  expect(read(placed).toString()).toBe('kept')
})

test('tells when most of its memory is waste', () => {
  const arena = new ValueArena()
  const placed = Array.from({ length: 800 }, () => place(arena, Buffer.alloc(100_000)))
  for (const [index, each] of placed.entries()) {
    expect(arena.isWasteful).toBe(false)
    if (index % 10 !== 0 && index < 300) arena.release(each)
  }
  for (const [index, each] of placed.entries()) if (index >= 300 && index % 10) arena.release(each)
  expect(arena.isWasteful).toBe(true)
})
