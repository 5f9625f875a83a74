/** Many watches over one WebSocket: docs/watch-protocol.md, line by line, against a real server. */
import { once } from 'node:events'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import type { Authorizer } from '#apiserver/auth/authorizer.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { type Messages, openSocket, told } from './events-of.ts'

/** Secrets are nobody's business, and streams are decided one by one. */
const authorizer: Authorizer = {
  authorize: (_, info) => ({ allowed: !info.isResource || info.resource !== 'secrets' }),
}

let server: TestServer
let socket: WebSocket
let messages: Messages

beforeAll(async () => {
  server = await startTestServer({ settings: { authorizer } })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(async () => {
  ;({ socket, messages } = await openSocket(`${server.url}/nanokube/v1/watch`))
})
afterEach(() => socket.terminate())

const maps = '/api/v1/namespaces/default/configmaps'
const order = (what: object): void => socket.send(JSON.stringify(what))

async function create(name: string, bytes = 0): Promise<string> {
  const body = JSON.stringify({
    metadata: { name },
    ...(bytes && { data: { a: 'a'.repeat(bytes) } }),
  })
  const headers = { 'content-type': 'application/json' }
  const answer = await request(server.url + maps, { method: 'POST', body, headers })
  const object = (await answer.body.json()) as { metadata: { resourceVersion: string } }
  expect(answer.statusCode).toBe(201)
  return object.metadata.resourceVersion
}

/** `7 ADDED a`, or what is said about a stream. */
async function next(): Promise<unknown> {
  const message = await messages.next()
  if (message.startsWith('{')) return JSON.parse(message)
  const space = message.indexOf(' ')
  return `${message.slice(0, space)} ${told(JSON.parse(message.slice(space)))}`
}

async function nexts(count: number): Promise<unknown[]> {
  const found: unknown[] = []
  while (found.length < count) found.push(await next())
  return found
}

describe('streams', () => {
  test('each has its events under its number', async () => {
    const version = await create('streams-a')
    order({ open: 1, path: `${maps}?watch=1&resourceVersion=${version}` })
    order({
      open: 2,
      path: `/api/v1/nodes?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    })
    expect(await next()).toBe('2 BOOKMARK')
    await create('streams-b')
    expect(await next()).toBe('1 ADDED streams-b')
  })

  test('an event is the bytes of an HTTP watch', async () => {
    const version = await create('bytes-a')
    await create('bytes-b')
    const path = `${maps}?watch=1&resourceVersion=${version}`
    order({ open: 1, path })
    const message = await messages.next()
    const { body } = await request(server.url + path)
    const [chunk] = await once(body, 'data')
    body.destroy()
    expect(message).toBe(`1 ${chunk}`)
  })

  test('one is closed by order, the others go on, and its number can be used again', async () => {
    const version = await create('close-a')
    const path = `${maps}?watch=1&resourceVersion=${version}`
    order({ open: 1, path })
    order({ open: 2, path })
    order({ close: 1 })
    expect(await next()).toEqual({ closed: 1 })
    await create('close-b')
    expect(await next()).toBe('2 ADDED close-b')
    order({ open: 1, path })
    expect(await next()).toBe('1 ADDED close-b')
    order({ close: 9 })
    order({ close: 1 })
    expect(await next()).toEqual({ closed: 1 })
  })

  test('metadata alone, when asked for', async () => {
    const version = await create('bare-a')
    await create('bare-b', 10)
    const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
    order({ open: 1, path: `${maps}?watch=1&resourceVersion=${version}`, accept })
    const message = await messages.next()
    expect(message).toContain('"kind":"PartialObjectMetadata"')
    expect(message).not.toContain('"data"')
  })

  test('history that is gone ends a stream with an event that says so', async () => {
    const version = await create('gone-a')
    await create('gone-b')
    const { store } = server.parts
    store.compact(store.revision)
    order({ open: 1, path: `${maps}?watch=1&resourceVersion=${version}` })
    expect(await messages.next()).toMatch(/^1 \{"type":"ERROR".*"code":410\}\}\n$/)
    expect(await next()).toEqual({ closed: 1 })
  })
})

describe('what is refused', () => {
  test.for([
    ['/api/v1/secrets?watch=1', 403, 'Forbidden'],
    ['/api/v1/nopes?watch=1', 404, 'NotFound'],
    ['/api/v1/pods', 400, 'BadRequest'],
    ['/healthz', 400, 'BadRequest'],
    ['/api/v1/pods?watch=1&labelSelector=%3D%3D', 400, 'BadRequest'],
    ['/apis/authorization.k8s.io/v1/subjectaccessreviews?watch=1', 405, 'MethodNotAllowed'],
  ] as const)('%s: %s', async ([path, code, reason]) => {
    order({ open: 5, path })
    expect(await next()).toMatchObject({ closed: 5, status: { kind: 'Status', code, reason } })
  })

  test('a form that is not JSON', async () => {
    order({ open: 5, path: `${maps}?watch=1`, accept: 'application/vnd.kubernetes.protobuf' })
    expect(await next()).toMatchObject({ closed: 5, status: { code: 406 } })
  })

  test('more streams than a socket may have', async () => {
    for (let id = 1; id <= 1001; id++) order({ open: id, path: '/api/v1/nodes?watch=1' })
    expect(await next()).toMatchObject({ closed: 1001, status: { code: 400 } })
  })

  test.for([
    ['no JSON', 1008],
    ['{"open":1}', 1008],
    [Buffer.from('{"close":1}'), 1003],
    ['x'.repeat(70_000), 1009],
  ] as const)('an order such as %s ends the socket', async ([message, code]) => {
    socket.send(message)
    const [closedWith] = await once(socket, 'close')
    expect(closedWith).toBe(code)
  })

  test('a number that is in use', async () => {
    for (const _ of [1, 2]) order({ open: 1, path: '/api/v1/nodes?watch=1' })
    expect(String((await once(socket, 'close'))[1])).toBe('stream 1 is open already')
  })

  test('who does not ask for a WebSocket', async () => {
    const answer = await fetch(`${server.url}/nanokube/v1/watch`)
    expect(answer.status).toBe(400)
  })
})

describe('flow control', () => {
  test('a stream stops at its window, others do not, and more is sent when asked for', async () => {
    const version = await create('window-a')
    const path = `${maps}?watch=1&resourceVersion=${version}`
    order({ open: 1, path, window: 1 })
    order({ open: 2, path })
    await create('window-b', 1000)
    await create('window-c')
    const found = await nexts(3)
    expect(found.toSorted()).toEqual(['1 ADDED window-b', '2 ADDED window-b', '2 ADDED window-c'])
    // What it was overdrawn has to be granted too.
    order({ more: 1, bytes: 100 })
    await create('window-d')
    expect(await next()).toBe('2 ADDED window-d')
    order({ more: 1, bytes: 100_000 })
    expect(await nexts(2)).toEqual(['1 ADDED window-c', '1 ADDED window-d'])
  })

  test('what is there at the beginning is held back too', async () => {
    await create('present-a')
    await create('present-b')
    order({ open: 1, path: `${maps}?watch=1`, window: 1 })
    const first = await next()
    order({
      open: 2,
      path: '/api/v1/nodes?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    })
    expect(await next()).toBe('2 BOOKMARK')
    order({ more: 1, bytes: 1_000_000 })
    expect(await next()).not.toBe(first)
  })

  test('a stream that waited too long ends with 410, and keeps nothing meanwhile', async () => {
    const version = await create('late-a')
    order({ open: 1, path: `${maps}?watch=1&resourceVersion=${version}`, window: 1 })
    await create('late-b')
    expect(await next()).toBe('1 ADDED late-b')
    await create('late-c')
    await create('late-d')
    const { store } = server.parts
    expect(store.statistics().watchesBehind).toBeGreaterThan(0)
    store.compact(store.revision)
    order({ more: 1, bytes: 1_000_000 })
    expect(await messages.next()).toContain('"code":410')
    expect(await next()).toEqual({ closed: 1 })
  })

  test('a socket that is not read keeps a bounded part, and loses nothing', async () => {
    const version = await create('unread-0')
    const path = `${maps}?watch=1&resourceVersion=${version}`
    const streams = 4
    for (let id = 1; id <= streams; id++) order({ open: id, path, window: 64 * 1024 * 1024 })
    const other = await openSocket(`${server.url}/nanokube/v1/watch`)
    other.socket.send(JSON.stringify({ open: 1, path, window: 64 * 1024 * 1024 }))
    socket.pause()
    const [count, bytes] = [40, 500_000]
    for (let at = 1; at <= count; at++) {
      await create(`unread-${at}`, bytes)
      // Nobody else waits for the one that does not read.
      expect(await other.messages.next()).toContain(`"unread-${at}"`)
    }
    // Nothing is kept for them: they wait, and will be told from history.
    expect(server.parts.store.statistics().watchesBehind).toBe(streams)
    socket.resume()
    const found = new Map<string, string[]>()
    for (let left = count * streams; left > 0; left--) {
      const [stream, , name] = String(await next()).split(' ')
      found.set(stream!, [...(found.get(stream!) ?? []), name!])
    }
    const all = Array.from({ length: count }, (_, at) => `unread-${at + 1}`)
    expect([...found.values()]).toEqual(Array.from({ length: streams }, () => all))
    other.socket.terminate()
  })
})

test('a thousand watches of one socket hear of a change, and are gone with it', async () => {
  const version = await create('many-a')
  const streams = 1000
  const path = `${maps}?watch=1&resourceVersion=${version}`
  const before = server.parts.store.statistics().watches
  for (let id = 1; id <= streams; id++) order({ open: id, path })
  await create('many-b')
  const heard = new Set(await nexts(streams))
  expect(heard.size).toBe(streams)
  expect(server.parts.store.statistics().watches).toBe(before + streams)
  socket.close()
  await once(socket, 'close')
  // The server notices at the same time as we do, give or take a turn.
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toMatch(/^nanokube_store_watches \d+$/m)
  expect(server.parts.store.statistics().watches).toBe(before)
})
