/** How a server stops: not ready first, watches end in order, what is under way is finished. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer } from './api-server.ts'

test('it says that it is not ready, and serves, until its delay is over', async () => {
  const clock = new ManualClock()
  const server = await startTestServer({ clock, settings: { shutdownDelayMs: 5000 } })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  const stopped = server[Symbol.asyncDispose]()
  const readyz = await fetch(`${server.url}/readyz`)
  expect(readyz.status).toBe(500)
  expect(await readyz.text()).toContain('[-]shutdown failed: reason withheld')
  expect((await fetch(`${server.url}/livez`)).status).toBe(200)
  expect((await fetch(`${server.url}/api/v1/namespaces`)).status).toBe(200)
  await clock.advance(5000)
  await stopped
  await expect(fetch(`${server.url}/livez`)).rejects.toThrow()
})

test('watches end as if their time were up, whichever way they are served', async () => {
  const server = await startTestServer()
  const path = '/api/v1/namespaces?watch=1&sendInitialEvents=true&allowWatchBookmarks=true'
  const watch = await fetch(`${server.url}${path}&resourceVersionMatch=NotOlderThan`)
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/namespaces?watch=1`)
  const multiplexed = new WebSocket(`${server.url.replace('http', 'ws')}/nanokube/v1/watch`)
  const closed = Promise.all([once(socket, 'close'), once(multiplexed, 'close')])
  await Promise.all([once(socket, 'message'), once(multiplexed, 'open')])
  const [stopped, text, codes] = await Promise.all([
    server[Symbol.asyncDispose](),
    watch.text(),
    closed,
  ])
  expect(stopped).toBeUndefined()
  expect(text.endsWith('}\n')).toBe(true)
  expect(codes.map(([code]) => code)).toEqual([1001, 1001])
})

test('a request under way is finished, a new one is sent elsewhere', async () => {
  const server = await startTestServer()
  const port = Number(new URL(server.url).port)
  const body = '{"metadata":{"name":"late"}}'
  const [slow, idle] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  const path = '/api/v1/namespaces/default/configmaps'
  const [whole, rest] = [`POST ${path} HTTP/1.1\r\nhost: a\r\n`, `content-length: ${body.length}`]
  // Answered, so that the server is known to have both connections.
  slow.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
  await once(slow, 'data')
  slow.write(`${whole}${rest}\r\nexpect: 100-continue\r\n\r\n`)
  expect(String((await once(slow, 'data'))[0])).toContain('100 Continue')
  idle.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
  await once(idle, 'data')
  const stopped = server[Symbol.asyncDispose]()
  idle.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`)
  const refused = String((await once(idle, 'data'))[0])
  expect(refused).toMatch(/^HTTP\/1.1 429 /)
  expect(refused).toContain('shutting down')
  expect(refused).toMatch(/retry-after: 1/i)
  slow.write(body)
  expect(String((await once(slow, 'data'))[0])).toMatch(/^HTTP\/1.1 201 /)
  await stopped
})

test('a reader that has stopped reading does not hold up the end', async () => {
  const server = await startTestServer()
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const data = { a: 'a'.repeat(500_000) }
  const path = '/api/v1/namespaces/default/configmaps'
  for (let count = 0; count < 30; count++) {
    const body = JSON.stringify({ metadata: { name: `c${count}` }, data })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(server.url + path, { method: 'POST', headers, body })
    expect(answer.status).toBe(201)
    await answer.arrayBuffer()
  }
  socket.write(`GET ${path}?watch=1 HTTP/1.1\r\nhost: a\r\n\r\n`)
  await once(socket, 'readable')
  await server[Symbol.asyncDispose]()
  socket.destroy()
})
