/** Watches over HTTP and over WebSockets of their own, against a real server. */
import { once } from 'node:events'
import { request } from 'undici'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { decodeProtobuf } from '#api/protobuf/envelope.ts'
import { decodeWatchFrame } from '#api/protobuf/watch-frame.ts'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { httpEvents, openSocket, taken, told } from './events-of.ts'

let server: TestServer
let count = 0
/** The namespace of the test. */
let path: string

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(async () => {
  const name = `watch-${++count}`
  await write('POST', '/api/v1/namespaces', { metadata: { name } })
  path = `/api/v1/namespaces/${name}/configmaps`
})

async function write(method: 'POST' | 'PUT' | 'DELETE', at: string, body?: object) {
  const answer = await request(server.url + at, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const object = (await answer.body.json()) as { metadata: { resourceVersion: string } }
  if (answer.statusCode >= 300) throw new Error(JSON.stringify(object))
  return object.metadata.resourceVersion
}

const create = (name: string, labels: object = {}) =>
  write('POST', path, { metadata: { name, labels } })
const replace = (name: string, labels: object) =>
  write('PUT', `${path}/${name}`, { metadata: { name, labels } })
const watch = (query = '', headers?: Record<string, string>) =>
  httpEvents(`${server.url}${path}?watch=1${query}`, headers)

describe('what is told', () => {
  test('what is there, then what changes', async () => {
    await create('a')
    const events = watch()
    expect((await taken(events, 1)).map(told)).toEqual(['ADDED a'])
    await replace('a', { x: '1' })
    await write('DELETE', `${path}/a`)
    expect((await taken(events, 2)).map(told)).toEqual(['MODIFIED a', 'DELETED a'])
    await events.return()
  })

  test('a deleted object carries the version of its end', async () => {
    const version = await create('a')
    const events = watch(`&resourceVersion=${version}`)
    await write('DELETE', `${path}/a`)
    const [deleted] = await taken(events, 1)
    expect(Number(deleted!.object.metadata.resourceVersion)).toBeGreaterThan(Number(version))
    await events.return()
  })

  test('only what comes after the version that is named', async () => {
    await create('a')
    const version = await create('b')
    const events = watch(`&resourceVersion=${version}`)
    await create('c')
    expect((await taken(events, 1)).map(told)).toEqual(['ADDED c'])
    await events.return()
  })

  test('who enters and who leaves a selection', async () => {
    const version = await create('a', { shown: 'no' })
    const events = watch(`&resourceVersion=${version}&labelSelector=shown%3Dyes`)
    await replace('a', { shown: 'yes' })
    await replace('a', { shown: 'yes', also: 'b' })
    await replace('a', { shown: 'no' })
    await replace('a', { shown: 'yes' })
    await write('DELETE', `${path}/a`)
    expect((await taken(events, 5)).map(told)).toEqual([
      'ADDED a',
      'MODIFIED a',
      'DELETED a',
      'ADDED a',
      'DELETED a',
    ])
    await events.return()
  })

  test.for(['&fieldSelector=metadata.name%3Da', ''])('one object by its name %s', async (query) => {
    const version = await create('b')
    const at = query ? path : path.replace('/v1/', '/v1/watch/').concat('/a')
    const events = httpEvents(`${server.url}${at}?watch=1&resourceVersion=${version}${query}`)
    await replace('b', { x: '1' })
    await create('a')
    expect((await taken(events, 1)).map(told)).toEqual(['ADDED a'])
    await events.return()
  })

  test('an object that is got by its name is not watched', async () => {
    await create('a')
    const answer = await request(`${server.url}${path}/a?watch=1`)
    expect(await answer.body.json()).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a' } })
  })
})

describe('streaming lists and bookmarks', () => {
  const streaming =
    '&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan'

  test('the end of what is there is marked', async () => {
    await create('a')
    const version = await create('b')
    const events = watch(streaming)
    const [a, b, mark] = await taken(events, 3)
    expect([a, b].map((each) => told(each!))).toEqual(['ADDED a', 'ADDED b'])
    expect(mark).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: expect.any(String),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    })
    expect(Number(mark!.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(version))
    await events.return()
  })

  test('it needs bookmarks and a match', async () => {
    const answer = await request(`${server.url}${path}?watch=1&sendInitialEvents=true`)
    expect(answer.statusCode).toBe(422)
    expect(await answer.body.text()).toContain('resourceVersionMatch: Forbidden')
  })

  test('a quiet watch is told how far it is every minute, and just before its end', async () => {
    const clock = new ManualClock()
    await using quiet = await startTestServer({ clock })
    const url = `${quiet.url}/api/v1/namespaces?watch=1&allowWatchBookmarks=true&timeoutSeconds=100`
    const events = httpEvents(url)
    await taken(events, 4)
    await clock.advance(60_000)
    expect((await taken(events, 1)).map(told)).toEqual(['BOOKMARK'])
    await clock.advance(38_000)
    expect((await taken(events, 1)).map(told)).toEqual(['BOOKMARK'])
    await clock.advance(2_000)
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })
})

describe('versions that are gone, or not there yet', () => {
  test('history that is gone is told in an event', async () => {
    const version = await create('a')
    await create('b')
    const { store } = server.parts
    store.compact(store.revision)
    const events = watch(`&resourceVersion=${version}`)
    const [error] = await taken(events, 1)
    expect(error).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired' },
    })
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  test.for([
    ['resourceVersion=x', 500, 'Invalid value'],
    ['labelSelector=a%3D%3D%3Db', 400, 'unable to parse requirement'],
    ['fieldSelector=spec.x%3Da', 400, 'is not a known field selector'],
    ['timeoutSeconds=x', 400, 'strconv.ParseInt'],
  ] as const)('%s is refused before anything is sent', async ([query, code, why]) => {
    const answer = await request(`${server.url}${path}?watch=1&${query}`)
    const status = (await answer.body.json()) as { message: string }
    expect({ code: answer.statusCode, message: status.message }).toEqual({
      code,
      message: expect.stringContaining(why),
    })
  })
})

describe('representations', () => {
  const tables = 'application/json;as=Table;v=v1;g=meta.k8s.io'

  test('tables tell their columns once', async () => {
    await create('a')
    const events = watch('&includeObject=None', { accept: tables })
    const [first] = await taken(events, 1)
    await create('b')
    const [second] = await taken(events, 1)
    expect(first!.object).toMatchObject({
      kind: 'Table',
      rows: [{ cells: ['a', 0, expect.any(String)] }],
    })
    expect(first!.object.columnDefinitions).toHaveLength(3)
    expect(second!.object.columnDefinitions ?? []).toEqual([])
    await events.return()
  })

  test('metadata alone', async () => {
    await create('a')
    const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
    const events = watch('', { accept })
    const [event] = await taken(events, 1)
    expect(event!.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } })
    expect(event!.object).not.toHaveProperty('data')
    await events.return()
  })

  test('protobuf, each event with its length ahead', async () => {
    await create('a')
    const accept = 'application/vnd.kubernetes.protobuf'
    const { body, headers } = await request(`${server.url}${path}?watch=1`, { headers: { accept } })
    expect(headers['content-type']).toBe('application/vnd.kubernetes.protobuf;stream=watch')
    const [chunk] = (await once(body, 'data')) as [Buffer]
    expect(chunk.readUInt32BE(0)).toBe(chunk.length - 4)
    const event = decodeWatchFrame(chunk.subarray(4))
    expect(event.type).toBe('ADDED')
    expect(decodeProtobuf(event.object).kind).toBe('ConfigMap')
    body.destroy()
  })

  test('YAML is no form of a watch', async () => {
    const answer = await request(`${server.url}${path}?watch=1`, {
      headers: { accept: 'application/yaml' },
    })
    expect(answer.statusCode).toBe(406)
    await answer.body.dump()
  })
})

describe('over a WebSocket', () => {
  test('each event is one text message', async () => {
    await create('a')
    const { socket, messages } = await openSocket(`${server.url}${path}?watch=1`)
    expect(told(JSON.parse(await messages.next()))).toBe('ADDED a')
    await create('b')
    expect(told(JSON.parse(await messages.next()))).toBe('ADDED b')
    socket.close()
    await once(socket, 'close')
  })

  test('in protobuf, one binary message without a length', async () => {
    await create('a')
    const headers = { accept: 'application/vnd.kubernetes.protobuf' }
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}?watch=1`, { headers })
    const [message, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
    expect(isBinary).toBe(true)
    expect(decodeWatchFrame(message).type).toBe('ADDED')
    socket.terminate()
  })

  test('one of the protocols that a browser names is taken, never the one with its token', async () => {
    const token = 'base64url.bearer.authorization.k8s.io.YWJj'
    const { socket } = await openSocket(`${server.url}${path}?watch=1`, [
      token,
      'base64.binary.k8s.io',
    ])
    expect(socket.protocol).toBe('base64.binary.k8s.io')
    socket.terminate()
  })

  test('what is refused is answered with a Status', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/nopes?watch=1`)
    // The client tells it as an error too.
    socket.on('error', () => {})
    const [, answer] = await once(socket, 'unexpected-response')
    expect(answer.statusCode).toBe(404)
    expect(JSON.parse(String((await once(answer, 'data'))[0]))).toMatchObject({ kind: 'Status' })
  })

  test('the end of its time closes it', async () => {
    const clock = new ManualClock()
    await using timed = await startTestServer({ clock })
    const { socket } = await openSocket(`${timed.url}/api/v1/nodes?watch=1&timeoutSeconds=5`)
    const closed = once(socket, 'close')
    await clock.advance(5_000)
    expect((await closed)[0]).toBe(1000)
  })
})
