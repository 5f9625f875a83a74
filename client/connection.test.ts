/** How many sockets a client takes. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { until } from '#test/drive-clock.ts'
import { Connection } from './connection.ts'

const CALLS = 100
const SOCKETS_MAX = 32

test('many calls share a bounded number of sockets, and streams do not wait for them', async () => {
  const held: ServerResponse[] = []
  let sockets = 0
  let holds = true
  await using server = createServer((request, response) => {
    if (holds && request.url === '/call') held.push(response)
    else response.end('{}')
  })
  server.on('connection', () => sockets++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await using connection = new Connection({
    server: `http://127.0.0.1:${port}`,
    userAgent: 'test',
    clock: new ManualClock(),
  })
  const what = { method: 'GET', accept: 'application/json', signal: undefined } as const
  const calls = Array.from({ length: CALLS }, () => connection.call({ ...what, path: '/call' }))
  await until(() => held.length === SOCKETS_MAX)
  const stream = await connection.open({ ...what, path: '/stream' })
  await stream.body.resume().toArray()
  // Another one could have come in the time that this took.
  expect([held.length, sockets]).toEqual([SOCKETS_MAX, SOCKETS_MAX + 1])
  holds = false
  for (const response of held) response.end('{}')
  const codes = (await Promise.all(calls)).map(({ code }) => code)
  expect(codes).toEqual(Array.from({ length: CALLS }, () => 200))
})
