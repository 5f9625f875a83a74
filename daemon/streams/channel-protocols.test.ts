/** Messages of channel protocols: the same data, packed in several ways. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  commandProtocols,
  decodeMessage,
  encodeMessage,
  offeredProtocols,
  v4,
  v5,
} from './channel-protocols.ts'

test('what is packed is unpacked, in every protocol', () => {
  const cases = fc.tuple(
    fc.constantFrom(...commandProtocols),
    fc.integer({ min: 0, max: 4 }),
    fc.uint8Array(),
  )
  const same = fc.property(cases, ([protocol, channel, bytes]) => {
    const message = Buffer.from(encodeMessage(protocol, channel, Buffer.from(bytes)) as string)
    expect(decodeMessage(protocol, message)).toEqual({
      type: 'data',
      channel,
      data: Buffer.from(bytes),
    })
  })
  fc.assert(same, fuzz(300))
})

test.for([
  {
    name: 'v5 knows the end of a channel',
    protocol: v5,
    bytes: [255, 0],
    wanted: { type: 'close', channel: 0 },
  },
  { name: 'v5 ignores the end of nothing', protocol: v5, bytes: [255], wanted: undefined },
  {
    name: 'v4 has only channels',
    protocol: v4,
    bytes: [255, 0],
    wanted: { type: 'data', channel: 255, data: Buffer.from([0]) },
  },
  { name: 'an empty message says nothing', protocol: v4, bytes: [], wanted: undefined },
])('$name', ({ protocol, bytes, wanted }) => {
  expect(decodeMessage(protocol, Buffer.from(bytes))).toEqual(wanted)
})

test.for([
  [undefined, ['']],
  ['v5.channel.k8s.io, v4.channel.k8s.io', ['v5.channel.k8s.io', 'v4.channel.k8s.io']],
  ['base64url.bearer.authorization.k8s.io.dG9rZW4, v4.channel.k8s.io', ['v4.channel.k8s.io']],
  ['base64url.bearer.authorization.k8s.io.dG9rZW4', ['']],
] as const)('offer %s', ([header, wanted]) => {
  expect(offeredProtocols(header)).toEqual(wanted)
})
