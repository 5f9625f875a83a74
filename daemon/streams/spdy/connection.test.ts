/** The server's side of SPDY against a small client, over a pair of connected streams. */
import { type Duplex, duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import { type ClientStream, controlFrame, SpdyClient } from '#test/spdy-client.ts'
import { SpdyConnection } from './connection.ts'
import { resetStatus } from './frames.ts'
import type { SpdyStream } from './stream.ts'

function connected(onStream: (stream: SpdyStream) => string | undefined) {
  const [near, far] = duplexPair() as [Duplex, Duplex]
  const connection = new SpdyConnection(near, { onStream })
  const done = connection.run().then(
    () => 'ended',
    (error: Error) => error.message,
  )
  return { client: new SpdyClient(far), connection, done, far }
}

const echo = (stream: SpdyStream): undefined => {
  stream.pipe(stream)
}

test('a stream is answered, carries data both ways and ends on both sides', async () => {
  const { client } = connected(echo)
  const stream = await client.open({ streamtype: 'data' })
  client.send(stream, 'one ')
  client.send(stream, 'two')
  client.end(stream)
  expect(await client.text(stream)).toBe('one two')
  await client.until(() => stream.isReplied)
})

test('streams do not mix', async () => {
  const { client } = connected(echo)
  const streams = await Promise.all([1, 3, 5].map((id) => client.open({ id: `${id}` }, id)))
  for (let round = 0; round < 10; round++) {
    for (const stream of streams) client.send(stream, `${stream.id}`)
  }
  for (const stream of streams) client.end(stream)
  const texts = await Promise.all(streams.map((stream) => client.text(stream)))
  expect(texts).toEqual(['1', '3', '5'].map((id) => id.repeat(10)))
})

test('a large transfer arrives whole, and room for more is announced', async () => {
  const { client } = connected(echo)
  const stream = await client.open({})
  const piece = Buffer.alloc(16 * 1024, 'abc')
  for (let round = 0; round < 64; round++) client.send(stream, piece)
  client.end(stream)
  expect((await client.text(stream)).length).toBe(64 * piece.length)
  expect(client.frames.filter(({ type }) => type === 'other').length).toBeGreaterThan(64)
})

test('a reader that does not read stops the transport', async () => {
  const opened = Promise.withResolvers<SpdyStream>()
  const { client, far } = connected((stream) => {
    opened.resolve(stream)
    return undefined
  })
  const stream = await client.open({})
  const server = await opened.promise
  const piece = Buffer.alloc(16 * 1024)
  while (far.writableLength < 20 * piece.length) {
    client.send(stream, piece)
    await new Promise(setImmediate)
  }
  expect(server.readableLength).toBeLessThan(128 * 1024)
  client.end(stream)
  server.resume()
  await client.until(() => far.writableLength === 0)
})

test('pings are answered, even ones are not ours to answer', async () => {
  const { client } = connected(echo)
  client.ping(2)
  client.ping(5)
  await client.until(() => client.frames.length > 0)
  expect(client.frames).toEqual([{ type: 'ping', id: 5 }])
})

test('a refused stream is reset, and others go on', async () => {
  const { client } = connected((stream) => (stream.id === 1 ? 'not this one' : echo(stream)))
  const refused = await client.open({})
  const accepted = await client.open({})
  await client.until(() => accepted.isReplied)
  expect(refused.resetStatus).toBe(resetStatus.refusedStream)
})

test('a stream that the client resets is gone, without an answer', async () => {
  const opened = Promise.withResolvers<SpdyStream>()
  const { client } = connected((stream) => {
    opened.resolve(stream)
    return undefined
  })
  const stream = await client.open({})
  const server = await opened.promise
  const gone = new Promise((resolve) => server.once('close', resolve))
  client.reset(stream)
  await gone
  client.ping(1)
  await client.until(() => client.frames.some(({ type }) => type === 'ping'))
  expect(stream.resetStatus).toBeUndefined()
})

test('data for a stream that was never opened is refused', async () => {
  const { client } = connected(echo)
  client.streams.set(9, {
    id: 9,
    data: [],
    isReplied: false,
    isEnded: false,
    resetStatus: undefined,
  })
  client.send({ id: 9 }, 'lost')
  await client.until(() => client.streams.get(9)!.resetStatus !== undefined)
  expect(client.streams.get(9)!.resetStatus).toBe(resetStatus.invalidStream)
})

test('more streams than one connection may have are refused', async () => {
  const { client } = connected(() => undefined)
  const streams: ClientStream[] = []
  for (let count = 0; count < 1025; count++) streams.push(await client.open({}))
  await client.until(() => streams.at(-1)!.resetStatus !== undefined)
  expect(streams.filter(({ resetStatus: status }) => status !== undefined)).toHaveLength(1)
})

test.for([
  { name: 'an even number', ids: [2] },
  { name: 'a number that was used', ids: [3, 3] },
  { name: 'a number lower than the last', ids: [3, 1] },
])('a stream with $name ends the connection', async ({ ids }) => {
  const { client, done } = connected(echo)
  for (const id of ids) await client.open({}, id)
  expect(await done).toMatch(/^stream \d+ opened after stream \d+$/)
  await client.until(() => client.frames.at(-1)?.type === 'goAway')
})

test('headers that cannot be read end the connection', async () => {
  const { client, done } = connected(echo)
  const block = Buffer.from('not packed at all')
  client.raw(controlFrame(1, 0, Buffer.from([0, 0, 0, 1]), Buffer.alloc(6), block))
  expect(await done).toBe('headers that cannot be unpacked')
})

test('closing lets everything written before arrive', async () => {
  const opened = Promise.withResolvers<SpdyStream>()
  const { client, connection, done, far } = connected((stream) => {
    opened.resolve(stream)
    return undefined
  })
  const stream = await client.open({})
  const server = await opened.promise
  server.end('last words')
  await new Promise((resolve) => server.once('finish', resolve))
  connection.close()
  expect(await client.text(stream)).toBe('last words')
  await client.until(() => client.frames.at(-1)?.type === 'goAway')
  far.end()
  expect(await done).toBe('ended')
})

test('when the transport ends, so do all streams', async () => {
  const opened = Promise.withResolvers<SpdyStream>()
  const { client, done, far } = connected((stream) => {
    opened.resolve(stream)
    return undefined
  })
  await client.open({})
  const server = await opened.promise
  const gone = new Promise((resolve) => server.once('close', resolve))
  far.end()
  await gone
  expect(await done).toBe('ended')
})
