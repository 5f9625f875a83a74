/** What a running server answers to paths that are no resources. */
import { gunzipSync } from 'node:zlib'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeProtobuf } from '#api/protobuf/envelope.ts'
import { kinds } from '#api/registry.ts'
import { Resource } from '#apiserver/resources.ts'
import { startTestServer, type TestServer } from './api-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await request(server.url + path, { method: method as 'GET', headers })
  const bytes = Buffer.from(await answer.body.arrayBuffer())
  return { status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString() }
}

async function json(path: string, headers?: Record<string, string>) {
  return JSON.parse((await ask(path, headers)).text)
}

const aggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'

describe('discovery', () => {
  test('the hashes of storage versions are those that upstream publishes', async () => {
    const { resources } = await json('/api/v1')
    const hashOf = (name: string) =>
      resources.find((each: { name: string }) => each.name === name).storageVersionHash
    expect(hashOf('configmaps')).toBe('qFsyl6wFWjQ=')
    expect(hashOf('pods')).toBe('xPOwRZ+Yhw8=')
    expect(hashOf('bindings')).toBeUndefined()
  })

  test('subresources name the kind that they take, and its version when it is another', async () => {
    const { resources } = await json('/api/v1')
    const named = (name: string) => resources.find((each: { name: string }) => each.name === name)
    expect(named('pods/eviction')).toEqual({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    })
    expect(named('pods/status')).not.toHaveProperty('version')
  })

  test('resources are sorted by name, and verbs too', async () => {
    const { resources } = await json('/apis/apps/v1')
    const names = resources.map(({ name }: { name: string }) => name)
    expect(names).toEqual(names.toSorted())
    for (const { verbs } of resources) expect(verbs).toEqual(verbs.toSorted())
  })

  test('aggregated, everything but the core group is one document', async () => {
    const answer = await ask('/apis', { accept: aggregated })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      vary: 'Accept',
      'cache-control': 'public',
    })
    const { items, apiVersion } = JSON.parse(answer.text)
    expect(apiVersion).toBe('apidiscovery.k8s.io/v2')
    expect(items.slice(0, 2).map((each: { metadata: object }) => each.metadata)).toEqual([
      { name: 'apiregistration.k8s.io' },
      { name: 'apps' },
    ])
    const deployments = items[1].versions[0].resources[2 - 1]
    expect(deployments).toMatchObject({ resource: 'daemonsets', scope: 'Namespaced' })
    const core = await json('/api', { accept: aggregated })
    expect(core.items).toHaveLength(1)
    expect(core.items[0].metadata).toEqual({})
  })

  test('aggregated and not, discovery tells the same', async () => {
    const { items } = await json('/apis', { accept: aggregated })
    for (const { metadata, versions } of items) {
      for (const { version, resources } of versions) {
        const plain = await json(`/apis/${metadata.name}/${version}`)
        const names = resources.flatMap(
          (each: { resource: string; subresources?: { subresource: string }[] }) => [
            each.resource,
            ...(each.subresources ?? []).map((sub) => `${each.resource}/${sub.subresource}`),
          ],
        )
        expect(names).toEqual(plain.resources.map((each: { name: string }) => each.name))
      }
    }
  })

  test('who has the document already is told so', async () => {
    const first = await ask('/apis', { accept: aggregated })
    const etag = String(first.headers.etag)
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/)
    const again = await ask('/apis', { accept: aggregated, 'if-none-match': etag })
    expect(again).toMatchObject({ status: 304, text: '' })
    const other = await ask('/apis', { accept: aggregated, 'if-none-match': '"old"' })
    expect(other.status).toBe(200)
  })

  test('a client of the older beta gets its version', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList'
    expect((await json('/apis', { accept })).apiVersion).toBe('apidiscovery.k8s.io/v2beta1')
  })

  test.for(['/api', '/apis', '/apis/apps', '/apis/apps/v1', '/api/v1'])(
    '%s in protobuf and YAML',
    async (path) => {
      const { kind } = await json(path)
      const { bytes } = await ask(path, { accept: 'application/vnd.kubernetes.protobuf' })
      expect(decodeProtobuf(bytes).kind).toBe(kind)
      expect((await ask(path, { accept: 'application/yaml' })).text).toContain(`kind: ${kind}\n`)
    },
  )

  test('a resource that is added is discovered, and gone when it is removed', async () => {
    const { resources } = server.parts
    const lease = kinds.find(({ kind }) => kind === 'Lease')!
    const resource = new Resource({ ...lease, group: 'new.example.com', plural: 'things' })
    const before = await ask('/apis', { accept: aggregated })
    resources.add(resource)
    const names = (await json('/apis')).groups.map(({ name }: { name: string }) => name)
    expect(names.at(-1)).toBe('new.example.com')
    const during = await ask('/apis', { accept: aggregated })
    expect(during.headers.etag).not.toBe(before.headers.etag)
    resources.remove(resource)
    const after = await ask('/apis', { accept: aggregated })
    expect(after.headers.etag).toBe(before.headers.etag)
  })
})

describe('paths that lead nowhere', () => {
  const text = '404 page not found\n'
  const status = 'the server could not find the requested resource'
  test.for([
    ['/nope', text],
    ['/apis/nope.example.com', text],
    ['/apis/nope.example.com/v1/things', text],
    ['/versions', text],
    ['/healthz/nope', text],
    ['/apis/apps/v9', status],
    ['/apis/apps/v9/deployments', status],
    ['/api/v1/nopes', status],
    ['/api/v2', status],
    ['/api//v1', status],
    ['/api/v1/%zz', 'is not a valid url component'],
  ] as const)('%s', async ([path, expected]) => {
    const answer = await ask(path)
    if (expected === text) {
      expect(answer).toMatchObject({ status: 404, text })
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    } else {
      const { message, kind, code } = JSON.parse(answer.text)
      expect({ kind, code }).toEqual({ kind: 'Status', code: answer.status })
      expect(message).toContain(expected)
    }
  })

  test.for([
    ['POST', '/version'],
    ['POST', '/apis/apps/v1'],
    ['DELETE', '/openapi/v3'],
    ['OPTIONS', '/api/v1/pods'],
    ['PUT', '/api/v1/namespaces/default/configmaps'],
    ['POST', '/api/v1/namespaces/default/configmaps/a'],
    ['POST', '/api/v1/pods'],
    ['DELETE', '/api/v1/pods'],
  ] as const)('%s %s is not allowed', async ([method, path]) => {
    expect((await ask(path, {}, method)).status).toBe(405)
  })
})

describe('OpenAPI', () => {
  test('the index leads to documents that may be kept for ever', async () => {
    const { paths } = await json('/openapi/v3')
    expect(Object.keys(paths)).toContain('apis/apps/v1')
    const url = paths['apis/apps/v1'].serverRelativeURL
    const answer = await ask(url)
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('public, immutable')
    expect(JSON.parse(answer.text).components.schemas).toHaveProperty([
      'io.k8s.api.apps.v1.Deployment',
    ])
  })

  test('a hash that is out of date leads to the present one', async () => {
    const { paths } = await json('/openapi/v3')
    const answer = await ask('/openapi/v3/apis/apps/v1?hash=OLD')
    expect(answer.status).toBe(301)
    expect(answer.headers.location).toBe(paths['apis/apps/v1'].serverRelativeURL)
  })

  test('who has a document already is told so', async () => {
    const { headers } = await ask('/openapi/v2')
    const again = await ask('/openapi/v2', { 'if-none-match': String(headers.etag) })
    expect(again.status).toBe(304)
  })

  test('long documents are zipped for those who ask', async () => {
    const plain = await ask('/openapi/v2')
    expect(plain.headers['content-encoding']).toBeUndefined()
    const zipped = await ask('/openapi/v2', { 'accept-encoding': 'gzip' })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 4)
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true)
  })

  test.for([
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf, application/json;q=0.5',
  ])('v2 in protobuf for %s', async (accept) => {
    const { headers, bytes } = await ask('/openapi/v2', { accept })
    expect(headers['content-type']).toBe(
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    )
    // The first field is the version of Swagger.
    expect(bytes.subarray(0, 5).toString()).toBe('\n\u00032.0')
  })

  test('a form that there is not is refused', async () => {
    expect((await ask('/openapi/v3', { accept: 'text/html' })).status).toBe(406)
    expect((await ask('/openapi/v3/apis/nope/v1')).status).toBe(404)
  })
})

describe('version, health and metrics', () => {
  test('the version is of the level that is served', async () => {
    expect(await json('/version')).toMatchObject({
      major: '1',
      minor: '36',
      gitVersion: 'v1.36.0+nanokube',
    })
    expect((await ask('/version/')).status).toBe(200)
  })

  test('health, with its checks one by one', async () => {
    expect(await ask('/livez')).toMatchObject({ status: 200, text: 'ok' })
    expect((await ask('/readyz/etcd')).text).toBe('ok')
    expect((await ask('/readyz?verbose&exclude=etcd')).text).toBe(
      '[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n[+]poststarthook/bootstrap ok\n' +
        '[+]shutdown ok\nreadyz check passed\n',
    )
    expect((await ask('/livez/shutdown')).status).toBe(404)
  })

  test('metrics count requests under upstream names', async () => {
    await ask('/api/v1/namespaces/default/configmaps')
    await ask('/api/v1/namespaces/default')
    const { text, headers } = await ask('/metrics')
    expect(headers['content-type']).toContain('text/plain; version=0.0.4')
    const counted = (verb: string, resource: string, scope: string) =>
      `apiserver_request_total{verb="${verb}",dry_run="",group="",version="v1",` +
      `resource="${resource}",subresource="",scope="${scope}",component="apiserver",code="200"}`
    expect(text).toContain(counted('LIST', 'configmaps', 'namespace'))
    expect(text).toContain(counted('GET', 'namespaces', 'resource'))
    expect(text).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 0')
    expect(text).toContain('apiserver_storage_objects{resource="namespaces"} 4')
    expect(text).toContain('kubernetes_build_info{major="1",minor="36"')
  })

  test('the root lists what there is', async () => {
    const { paths } = await json('/')
    for (const path of ['/api/v1', '/apis/apps/v1', '/healthz/etcd', '/metrics', '/openapi/v3']) {
      expect(paths).toContain(path)
    }
    expect(paths).toEqual(paths.toSorted())
  })

  test('HEAD is answered without a body', async () => {
    const answer = await ask('/version', {}, 'HEAD')
    expect(answer).toMatchObject({ status: 200, text: '' })
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(100)
  })
})
