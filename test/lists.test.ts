/** Lists and single objects in every form that a caller may ask for, against a real server. */
import { gunzipSync } from 'node:zlib'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { decodeProtobuf } from '#api/protobuf/envelope.ts'
import { startTestServer, type TestServer } from './api-server.ts'

const path = '/api/v1/namespaces/default/configmaps'
let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  for (const name of ['a', 'b', 'c']) await create(name)
})
afterAll(() => server[Symbol.asyncDispose]())

async function create(name: string, data: object = { of: name }, at = path) {
  const body = JSON.stringify({ metadata: { name, labels: { name } }, data })
  const headers = { 'content-type': 'application/json' }
  const answer = await request(server.url + at, { method: 'POST', body, headers })
  if (answer.statusCode !== 201) throw new Error(await answer.body.text())
  const { metadata } = (await answer.body.json()) as { metadata: { resourceVersion: string } }
  return metadata.resourceVersion
}

async function ask(query = '', headers: Record<string, string> = {}, at = path) {
  const answer = await request(server.url + at + query, { headers })
  const bytes = Buffer.from(await answer.body.arrayBuffer())
  return { status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString() }
}

async function list(query = '', headers?: Record<string, string>) {
  const { text } = await ask(query, headers)
  return JSON.parse(text)
}

const namesIn = (body: { items: { metadata: { name: string } }[] }): string[] =>
  body.items.map(({ metadata }) => metadata.name)

describe('forms', () => {
  test('JSON leaves kind and version out of items', async () => {
    const body = await list()
    expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(body.items[0]).not.toHaveProperty('kind')
    expect(namesIn(body)).toEqual(['a', 'b', 'c'])
  })

  test.for(['', '/a'])('YAML says the same as JSON: %s', async (rest) => {
    const json = JSON.parse((await ask(rest)).text)
    const answer = await ask(rest, { accept: 'application/yaml' })
    expect(answer.headers['content-type']).toBe('application/yaml')
    expect(parse(answer.text)).toEqual(json)
  })

  test.for([
    ['', 'ConfigMapList'],
    ['/a', 'ConfigMap'],
  ] as const)('protobuf%s is a %s', async ([rest, kind]) => {
    const answer = await ask(rest, { accept: 'application/vnd.kubernetes.protobuf' })
    expect(answer.headers['content-type']).toBe('application/vnd.kubernetes.protobuf')
    expect(decodeProtobuf(answer.bytes)).toMatchObject({ kind, apiVersion: 'v1' })
  })

  test.for([
    ['None', undefined],
    ['Metadata', 'PartialObjectMetadata'],
    ['Object', 'ConfigMap'],
  ] as const)('a table with %s', async ([includeObject, kind]) => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const table = await list(`?includeObject=${includeObject}`, { accept })
    expect(table.rows.map(({ cells }: { cells: unknown[] }) => cells.slice(0, 2))).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ])
    expect(table.rows[0].object?.kind).toBe(kind)
  })

  test('metadata alone, in JSON and protobuf', async () => {
    const parameters = 'as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    const json = await list('', { accept: `application/json;${parameters}` })
    expect(json).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
    expect(json.items[0]).not.toHaveProperty('data')
    const accept = `application/vnd.kubernetes.protobuf;${parameters}`
    const { bytes, headers } = await ask('', { accept })
    expect(headers['content-type']).toContain('as=PartialObjectMetadataList')
    expect(decodeProtobuf(bytes).kind).toBe('PartialObjectMetadataList')
  })

  test.for([
    ['application/json;as=Table;v=v1;g=meta.k8s.io, application/json', 'Table'],
    ['application/json;as=Teapot;v=v1;g=meta.k8s.io, application/json', 'ConfigMapList'],
    ['text/html;q=0.9, */*;q=0.8', 'ConfigMapList'],
  ] as const)('%s: %s', async ([accept, kind]) => {
    expect((await list('', { accept })).kind).toBe(kind)
  })

  test.for(['text/html', 'application/json;as=Teapot;v=v1;g=meta.k8s.io'])(
    '%s alone is refused',
    async (accept) => {
      expect((await ask('', { accept })).status).toBe(406)
    },
  )

  test('people get it indented, programs do not', async () => {
    expect((await ask('/a', { 'user-agent': 'curl/8' })).text).toContain('\n  "kind"')
    expect((await ask('/a?pretty=true')).text).toContain('\n  "kind"')
    expect((await ask('/a?pretty=false', { 'user-agent': 'curl/8' })).text).not.toContain('\n  ')
    expect((await ask('/a')).text).not.toContain('\n  ')
  })

  test('HEAD tells the length of what GET answers', async () => {
    const { bytes } = await ask()
    const answer = await request(server.url + path, { method: 'HEAD' })
    expect(Number(answer.headers['content-length'])).toBe(bytes.length)
    expect(await answer.body.text()).toBe('')
  })
})

test('what is long is zipped for those who ask, what is short is not', async () => {
  const at = '/api/v1/namespaces/kube-public/configmaps'
  for (let count = 0; count < 4; count++)
    await create(`big-${count}`, { a: 'a'.repeat(40_000) }, at)
  const gzip = { 'accept-encoding': 'gzip' }
  const [plain, zipped] = [await ask('', {}, at), await ask('', gzip, at)]
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
  expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true)
  expect((await ask('/big-0', gzip, at)).headers['content-encoding']).toBeUndefined()
})

describe('pages', () => {
  test('all show one version, though things change between them', async () => {
    const first = await list('?limit=2')
    expect(namesIn(first)).toEqual(['a', 'b'])
    expect(first.metadata.remainingItemCount).toBe(1)
    await create('aa')
    await create('d')
    const second = await list(`?limit=2&continue=${first.metadata.continue}`)
    expect(namesIn(second)).toEqual(['c'])
    expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion })
    await request(`${server.url}${path}/aa`, { method: 'DELETE' })
    await request(`${server.url}${path}/d`, { method: 'DELETE' })
  })

  test('a page of a version that is gone says how to go on', async () => {
    const first = await list('?limit=1')
    await create('z')
    const { store } = server.parts
    store.compact(store.revision)
    const gone = await ask(`?limit=1&continue=${first.metadata.continue}`)
    expect(gone.status).toBe(410)
    const { metadata, reason } = JSON.parse(gone.text)
    expect(reason).toBe('Expired')
    expect(namesIn(await list(`?continue=${metadata.continue}`))).toEqual(['b', 'c', 'z'])
    await request(`${server.url}${path}/z`, { method: 'DELETE' })
  })

  test.for([
    ['?limit=-1', 200],
    ['?limit=x', 400],
    ['?continue=x', 400],
    ['?limit=2&resourceVersion=0', 200],
    ['?resourceVersionMatch=Exact', 422],
    ['?resourceVersion=0&resourceVersionMatch=Exact', 422],
    ['?resourceVersion=5&resourceVersionMatch=Teapot', 422],
    ['?sendInitialEvents=true', 422],
    ['?labelSelector=a%20in%20(', 400],
    ['?fieldSelector=a', 400],
  ] as const)('%s: %s', async ([query, status]) => {
    expect((await ask(query)).status).toBe(status)
  })
})

test('an exact version shows what was then', async () => {
  const before = await create('exact')
  await request(`${server.url}${path}/exact`, { method: 'DELETE' })
  const query = `?resourceVersion=${before}&resourceVersionMatch=Exact`
  expect(namesIn(await list(query))).toContain('exact')
  expect(namesIn(await list())).not.toContain('exact')
})

test('a version that is not there yet is waited for, then refused', async () => {
  const future = Number((await list()).metadata.resourceVersion) + 1
  const waiting = list(`?resourceVersion=${future}`)
  await create('awaited')
  expect(namesIn(await waiting)).toContain('awaited')
})
