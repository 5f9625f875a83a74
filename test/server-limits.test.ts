/** What the listener does not put up with: slow, broken and oversized requests, on real sockets. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'

const path = '/api/v1/namespaces/default/configmaps'
const BODY_BYTES_MAX = 3 * 1024 * 1024
/** With the usual patience, so that a busy machine does not fail what is not about time. */
let server: TestServer
let impatient: TestServer

beforeAll(async () => {
  const timeouts = { headersMs: 50, requestMs: 100, idleMs: 60_000, checkMs: 10 }
  impatient = await startTestServer({ settings: { timeouts } })
  server = await startTestServer()
})
afterAll(() => Promise.all([impatient, server].map((each) => each[Symbol.asyncDispose]())))

function connected({ url } = server): Socket {
  return connect(Number(new URL(url).port), '127.0.0.1')
}

/** Sends the text, and reads until the server ends the connection. */
async function exchanged(text: string): Promise<string> {
  const socket = connected(impatient)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

function statusIn(answer: string): { code: number; reason?: string; message: string } {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))
}

test.for([
  ['a head that does not end', `GET ${path} HTTP/1.1\r\nhost: a\r\nx-slow: `, 408],
  [
    'a body that does not end',
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{`,
    408,
  ],
  [
    'chunks that do not end',
    `POST ${path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{`,
    408,
  ],
  ['what is no HTTP', 'GET / FTP/1.1\r\n\r\n', 400],
  ['an unknown method', `FROB ${path} HTTP/1.1\r\nhost: a\r\n\r\n`, 405],
  [
    'two lengths',
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}`,
    400,
  ],
  [
    'a length beside chunks',
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['a head that is too large', `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n\r\n`, 431],
] as const)('%s ends with a Status', async ([_, text, code]) => {
  const answer = await exchanged(text)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${code} `))
  expect(statusIn(answer).code).toBe(code)
})

describe('bodies', () => {
  async function post(body: string | ReadableStream, headers: Record<string, string> = {}) {
    const init = {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    }
    const answer = await fetch(server.url + path, { ...init, duplex: 'half' } as RequestInit)
    return { status: answer.status, body: (await answer.json()) as { message: string } }
  }

  const named = (data: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big' },
      data: { data },
    })

  test('of the largest size are read', async () => {
    const { status, body } = await post(named('a'.repeat(BODY_BYTES_MAX - named('').length)))
    // Read as a whole, and refused for what it says.
    expect(status).toBe(422)
    expect(body.message).toContain('Too long')
  })

  test('that are larger are refused by their length alone', async () => {
    const { status, body } = await post('a'.repeat(BODY_BYTES_MAX + 1))
    expect({ status, message: body.message }).toEqual({
      status: 413,
      message: 'Request entity too large: limit is 3145728',
    })
  })

  test('that grow beyond the limit are refused on the way', async () => {
    const chunk = Buffer.alloc(512 * 1024, 'a')
    const stream = ReadableStream.from(
      (function* () {
        for (let sent = 0; sent <= BODY_BYTES_MAX; sent += chunk.length) yield chunk
      })(),
    )
    expect((await post(stream)).status).toBe(413)
  })

  test('that are refused on the way leave the connection usable', async () => {
    const socket = connected()
    const chunk = `${(64 * 1024).toString(16)}\r\n${'a'.repeat(64 * 1024)}\r\n`
    socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n`)
    for (let sent = 0; sent <= BODY_BYTES_MAX; sent += 64 * 1024) socket.write(chunk)
    socket.write('0\r\n\r\n')
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 413 /)
    socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /)
    socket.destroy()
  })

  test('that are refused by their length are answered at once', async () => {
    const socket = connected()
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: ${BODY_BYTES_MAX + 1}\r\n\r\n`,
    )
    const [refusal] = await once(socket, 'data')
    expect(String(refusal)).toMatch(/^HTTP\/1.1 413 /)
    socket.end()
    await once(socket.resume(), 'close')
  })
})

test('a caller that leaves in the middle of its body is no failure of the server', async () => {
  const socket = connected()
  const half = 'content-length: 9\r\nexpect: 100-continue\r\n\r\n'
  socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\n${half}`)
  await once(socket, 'data')
  socket.write('{')
  socket.destroy()
  await once(socket, 'close')
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(server.logged).toEqual([])
})

test('a thousand half-open connections keep nobody out', async () => {
  const sockets = Array.from({ length: 1000 }, () => connected(impatient))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  for (const socket of sockets) socket.write('GET / HTT')
  expect((await fetch(`${impatient.url}/livez`)).status).toBe(200)
  // They are ended by the server, all of them.
  await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
})

test('a warning may have any letters in it', async () => {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name: 'coloured' }, 色: 'ü' }),
  })
  expect(response.status).toBe(201)
  const warning = Buffer.from(response.headers.get('warning') ?? '', 'latin1').toString()
  expect(warning).toBe('299 - "unknown field \\"色\\""')
})
