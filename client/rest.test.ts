/** Typed calls against a real API server, and against servers that misbehave. */
import { describe, expect, test } from 'vitest'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { Scale } from '#api/kinds/autoscaling/scale.ts'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { Eviction } from '#api/kinds/policy/eviction.ts'
import { isReason } from '#api/status.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { driven, timers } from '#test/drive-clock.ts'
import { answer, startScriptedServer } from '#test/scripted-server.ts'
import { ConnectionError } from './connection.ts'
import { metadataOf } from './resource.ts'
import type { Write } from './rest.ts'
import { restMetrics } from './rest-metrics.ts'

const configMap = (name: string, data: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default' },
  data,
})

const deployment = {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    },
  },
}

describe('the verbs', () => {
  test('an object is created, read, changed and deleted', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const created = await client.create(ConfigMap, configMap('a', { x: '1' }))
    expect(created).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { x: '1' } })
    expect(await client.get(ConfigMap, created)).toEqual(created)
    const updated = await client.update(ConfigMap, { ...created, data: { x: '2' } })
    expect(updated.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion)
    const stale = client.update(ConfigMap, { ...created, data: { x: '3' } })
    await expect(stale).rejects.toSatisfy((error) => isReason(error, 'Conflict'))
    await client.delete(ConfigMap, updated)
    expect(await client.find(ConfigMap, updated)).toBeUndefined()
    await expect(client.get(ConfigMap, updated)).rejects.toMatchObject({
      name: 'StatusError',
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "a" not found',
    })
  })

  test('an object is deleted, not its namesake', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const first = await client.create(ConfigMap, configMap('a'))
    await client.delete(ConfigMap, first)
    const second = await client.create(ConfigMap, configMap('a'))
    const late = client.delete(ConfigMap, first)
    await expect(late).rejects.toSatisfy((error) => isReason(error, 'Conflict'))
    expect(await client.get(ConfigMap, second)).toEqual(second)
    await client.delete(ConfigMap, { name: 'a', namespace: 'default' })
    expect(await client.find(ConfigMap, second)).toBeUndefined()
  })

  test('four kinds of patches', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const target = await client.create(Deployment, deployment)
    await client.patch(Deployment, target, { spec: { replicas: 2 } })
    const add = [{ op: 'add', path: '/metadata/labels', value: { tier: 'a' } }]
    await client.patch(Deployment, target, add, { type: 'json' })
    const sidecar = { spec: { template: { spec: { containers: [{ name: 'side', image: 's' }] } } } }
    const strategic = await client.patch(Deployment, target, sidecar, { type: 'strategic' })
    expect(strategic.spec.template.spec.containers?.map(({ name }) => name)).toEqual([
      'side',
      'main',
    ])
    const applied = await client.apply(ConfigMap, configMap('applied', { a: '1' }))
    expect(applied.metadata.managedFields?.[0]).toMatchObject({
      manager: 'tester',
      operation: 'Apply',
    })
    expect(strategic).toMatchObject({ spec: { replicas: 2 }, metadata: { labels: { tier: 'a' } } })
  })

  test('a status is written on its own, and only when it differs', async () => {
    await using server = await startTestServer()
    const writes: Write[] = []
    await using connected = connect(server.url, { onWrite: (write) => writes.push(write) })
    const { client } = connected
    const created = await client.create(Deployment, deployment)
    const same = await client.updateStatus(Deployment, created, { ...created.status })
    expect(same).toBe(created)
    const status = { ...created.status, observedGeneration: 1 }
    const changed = await client.updateStatus(Deployment, created, status)
    expect(changed.status.observedGeneration).toBe(1)
    expect(writes.map(({ type }) => type)).toEqual(['stored', 'stored'])
  })

  test('what was read can be written back, and changes nothing', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const { template } = deployment.spec
    const metadata = { name: 'a', namespace: 'default' }
    const pod = await client.create(Pod, { metadata, spec: template.spec })
    expect(await client.update(Pod, pod)).toEqual(pod)
    const made = await client.create(Deployment, deployment)
    expect(await client.update(Deployment, made)).toEqual(made)
    const service = await client.create(Service, { metadata, spec: { ports: [{ port: 80 }] } })
    expect(await client.update(Service, service)).toEqual(service)
    const next = { ...made, spec: { ...made.spec, replicas: 3 } }
    expect((await client.update(Deployment, next)).metadata.generation).toBe(2)
  })

  test('subresources of another kind', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const made = await client.create(Deployment, deployment)
    const scale = await client.getSubresource(Deployment, made, 'scale', Scale)
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } })
    const more = { ...scale, spec: { replicas: 4 } }
    await client.updateSubresource(Deployment, made, 'scale', Scale, more)
    expect((await client.get(Deployment, made)).spec.replicas).toBe(4)
    const metadata = { name: 'p', namespace: 'default' }
    const pod = await client.create(Pod, { metadata, spec: deployment.spec.template.spec })
    await client.createSubresource(Pod, pod, 'eviction', Eviction, { metadata })
    expect(await client.find(Pod, pod)).toBeUndefined()
  })

  test('a dry run stores nothing, and is no write to wait for', async () => {
    await using server = await startTestServer()
    const writes: Write[] = []
    await using connected = connect(server.url, { onWrite: (write) => writes.push(write) })
    const { client } = connected
    const tried = await client.create(ConfigMap, configMap('a'), { dryRun: true })
    expect(tried.metadata.name).toBe('a')
    expect(await client.find(ConfigMap, tried)).toBeUndefined()
    expect(writes).toEqual([])
  })

  test('a list is read in pages, and its items say what they are', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { namespace: 'default' })
    const { client } = connected
    const names = Array.from({ length: 501 }, (_, index) => `c${String(index).padStart(3, '0')}`)
    await Promise.all(names.map((name) => client.create(ConfigMap, { metadata: { name } })))
    const list = await client.list(ConfigMap, { namespace: 'default' })
    expect(list.map(({ metadata }) => metadata.name)).toEqual(names)
    expect(list.at(-1)).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
    const selected = await client.list(ConfigMap, { fieldSelector: 'metadata.name=c007' })
    expect(selected).toHaveLength(1)
    await client.deleteCollection(ConfigMap, { fieldSelector: 'metadata.name=c007' })
    expect(await client.list(ConfigMap)).toHaveLength(500)
  })

  test('metadata alone', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    await client.create(ConfigMap, configMap('a', { big: 'x' }))
    const [bare] = await client.list(metadataOf(ConfigMap))
    expect(bare).toMatchObject({ metadata: { name: 'a' } })
    expect(bare).not.toHaveProperty('data')
    expect(await client.list(metadataOf(Namespace))).not.toHaveLength(0)
  })

  test('warnings of the server are passed on', async () => {
    await using server = await startScriptedServer((_, response) =>
      answer(response, 200, { kind: 'ConfigMap' }, { warning: '299 - "say \\"no\\"", 299 - "b"' }),
    )
    const warned: string[] = []
    await using connected = connect(server.url, { warn: (text) => warned.push(text) })
    await connected.client.get(ConfigMap, { name: 'a', namespace: 'b' })
    expect(warned).toEqual(['say "no"', 'b'])
  })

  test('a namespaced object without a namespace is refused before anything is sent', async () => {
    await using server = await startScriptedServer((_, response) => answer(response, 200, {}))
    await using connected = connect(server.url)
    const { client } = connected
    await expect(client.create(Pod, { metadata: {} })).rejects.toThrow('has no namespace')
    expect(() => client.get(Namespace, { name: '' })).toThrow('has no name')
    expect(server.requests).toEqual([])
  })
})

describe('refusals that are no Status', () => {
  test.for([
    { code: 404, body: '404 page not found\n', reason: 'NotFound', says: 'page not found' },
    { code: 502, body: '<html>Bad gateway</html>', reason: undefined, says: 'Bad gateway' },
    { code: 503, body: '', reason: 'ServiceUnavailable', says: 'answered 503' },
  ])('$code becomes $reason', async ({ code, body, reason, says }) => {
    await using server = await startScriptedServer((_, response) => {
      response.writeHead(code).end(body)
    })
    await using connected = connect(server.url)
    const asked = connected.client.get(Namespace, { name: 'a' })
    await expect(asked).rejects.toMatchObject({ name: 'StatusError', code, reason })
    await expect(asked).rejects.toThrow(says)
  })

  test('an answer that is not JSON', async () => {
    await using server = await startScriptedServer((_, response) => response.end('{"kind":'))
    await using connected = connect(server.url)
    const asked = connected.client.get(Namespace, { name: 'a' })
    await expect(asked).rejects.toThrow('GET /api/v1/namespaces/a: the answer is not JSON')
  })
})

const busy = (code: number) => ({ kind: 'Status', status: 'Failure', message: 'busy', code })

describe('asking again', () => {
  test.for([
    { verb: 'create', code: 429, retryAfter: '1', sent: 2 },
    { verb: 'create', code: 503, retryAfter: '1', sent: 2 },
    { verb: 'createSubresource', code: 429, retryAfter: '1', sent: 1 },
    { verb: 'jsonPatch', code: 500, retryAfter: '1', sent: 1 },
    { verb: 'get', code: 503, retryAfter: '1', sent: 2 },
    { verb: 'get', code: 503, retryAfter: undefined, sent: 1 },
    { verb: 'get', code: 429, retryAfter: '3600', sent: 1 },
    { verb: 'get', code: 409, retryAfter: '1', sent: 1 },
  ] as const)('$verb after $code, Retry-After $retryAfter: sent $sent times', async (row) => {
    await using server = await startScriptedServer((_, response, count) => {
      const headers = row.retryAfter === undefined ? {} : { 'retry-after': row.retryAfter }
      if (count === 1) answer(response, row.code, busy(row.code), headers)
      else answer(response, 200, { kind: 'Namespace', metadata: { name: 'a' } })
    })
    await using connected = connect(server.url)
    const { client, clock } = connected
    const calls = {
      create: () => client.create(Namespace, { metadata: { name: 'a' } }),
      createSubresource: () =>
        client.createSubresource(Namespace, { name: 'a' }, 'x', Namespace, { metadata: {} }),
      jsonPatch: () => client.patch(Namespace, { name: 'a' }, [], { type: 'json' }),
      get: () => client.get(Namespace, { name: 'a' }),
    }
    const outcome = calls[row.verb]().then(
      () => 'done',
      (error) => error.code,
    )
    if (row.sent === 2) await timers(clock)
    await clock.advance(1000)
    expect(await outcome).toBe(row.sent === 2 ? 'done' : row.code)
    expect(server.requests).toHaveLength(row.sent)
  })

  test('gives up after a few times', async () => {
    await using server = await startScriptedServer((_, response) =>
      answer(response, 503, busy(503), { 'retry-after': '0' }),
    )
    await using connected = connect(server.url)
    const { client, clock } = connected
    const asked = driven(clock, client.get(Namespace, { name: 'a' }))
    await expect(asked).rejects.toMatchObject({ code: 503, message: 'busy' })
    expect(server.requests).toHaveLength(6)
  })

  test('the caller can stop it while it waits', async () => {
    await using server = await startScriptedServer((_, response) =>
      answer(response, 503, busy(503), { 'retry-after': '5' }),
    )
    await using connected = connect(server.url)
    const stopping = new AbortController()
    const asked = connected.client.get(Namespace, { name: 'a' }, { signal: stopping.signal })
    await Promise.all([
      expect(asked).rejects.toThrow('enough'),
      timers(connected.clock).then(() => stopping.abort(new Error('enough'))),
    ])
    expect(connected.clock.pendingTimers).toBe(0)
  })
})

describe('connections', () => {
  test('nobody there', async () => {
    const server = await startScriptedServer(() => undefined)
    await server[Symbol.asyncDispose]()
    await using connected = connect(server.url)
    const asked = connected.client.get(Namespace, { name: 'a' })
    await expect(asked).rejects.toBeInstanceOf(ConnectionError)
    await expect(asked).rejects.toThrow(/^GET http.*\/api\/v1\/namespaces\/a: .*ECONNREFUSED/)
  })

  test('a read survives a connection that the server has closed', async () => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using connected = connect(proxy.url)
    const { client } = connected
    await client.get(Namespace, { name: 'default' })
    proxy.cut()
    expect((await client.get(Namespace, { name: 'default' })).metadata.name).toBe('default')
  })

  test('an answer that breaks off is a failed connection', async () => {
    await using server = await startScriptedServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"kind"', () => response.destroy())
    })
    await using connected = connect(server.url)
    const asked = connected.client.get(Namespace, { name: 'a' })
    await expect(asked).rejects.toBeInstanceOf(ConnectionError)
    expect(server.requests).toHaveLength(2)
  })

  test('requests are counted by their outcome', async () => {
    await using server = await startTestServer()
    const metrics = createMetrics()
    await using connected = connect(server.url, { metrics: restMetrics(metrics, 'h') })
    await connected.client.get(Namespace, { name: 'default' })
    await connected.client.find(Namespace, { name: 'none' })
    const text = await metrics.text()
    expect(text).toContain('rest_client_requests_total{code="200",method="GET",host="h"} 1')
    expect(text).toContain('rest_client_requests_total{code="404",method="GET",host="h"} 1')
  })
})
