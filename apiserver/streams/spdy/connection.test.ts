/** The server's side of SPDY against a small client, over a pair of connected streams. */
import { duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import { SpdyClient } from '#test/spdy-client.ts'
import { SpdyConnection } from './connection.ts'
import type { SpdyStream } from './stream.ts'

function connected(onStream: (stream: SpdyStream) => string | undefined) {
  const [near, far] = duplexPair()
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
