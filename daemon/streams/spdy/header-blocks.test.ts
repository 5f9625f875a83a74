/** Headers of SPDY streams, packed by zlib itself and by hand. */
import { createInflate } from 'node:zlib'
import { expect, test } from 'vitest'
import { HeaderPacker } from '#test/spdy-client.ts'
import { DICTIONARY_ID, dictionary } from './dictionary.ts'
import { SpdyError } from './frames.ts'
import { EmptyBlockWriter, HeaderReader } from './header-blocks.ts'

test('headers are read one block after the other', async () => {
  const packer = new HeaderPacker()
  using reader = new HeaderReader()
  const first = await packer.pack({ streamtype: 'error', port: '80' })
  const second = await packer.pack({ StreamType: 'data', port: '80' })
  expect(Object.fromEntries(await reader.read(first))).toEqual({ streamtype: 'error', port: '80' })
  expect(Object.fromEntries(await reader.read(second))).toEqual({ streamtype: 'data', port: '80' })
})

test('the dictionary is the one whose checksum the protocol names', () => {
  let [low, high] = [1, 0]
  for (const byte of dictionary) {
    low = (low + byte) % 65_521
    high = (high + low) % 65_521
  }
  expect((high * 65_536 + low) >>> 0).toBe(DICTIONARY_ID)
})

test('a few bytes that unpack to many end the connection', async () => {
  const packed = await new HeaderPacker().pack({ name: 'x'.repeat(1_000_000) })
  expect(packed.length).toBeLessThan(2_000)
  using reader = new HeaderReader()
  await expect(reader.read(packed)).rejects.toThrow(SpdyError)
})

test.for([
  { name: 'a repeated name', headers: { name: '1', NAME: '2' } },
  { name: 'an empty name', headers: { '': '1' } },
])('$name is refused', async ({ headers }) => {
  using reader = new HeaderReader()
  const block = await new HeaderPacker().pack(headers)
  await expect(reader.read(block)).rejects.toThrow('is empty or repeated')
})

test('bytes that are not packed headers are refused', async () => {
  using reader = new HeaderReader()
  await expect(reader.read(Buffer.from('nonsense'))).rejects.toThrow('cannot be unpacked')
})

test('answers without headers unpack at once, each by itself', async () => {
  const writer = new EmptyBlockWriter()
  const inflate = createInflate({ dictionary })
  for (let round = 0; round < 3; round++) {
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    inflate.once('data', resolve)
    inflate.write(writer.next())
    expect(await promise).toEqual(Buffer.alloc(4))
  }
  inflate.destroy()
})
