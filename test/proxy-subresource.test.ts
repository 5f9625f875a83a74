/** Requests through the proxy subresource of a real server, to real HTTP servers behind it. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { ResourceContext } from '#apiserver/request-context.ts'
import { proxyTarget } from '#apiserver/streams/proxy-target.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { create, createNode, createRunningPod } from './pods-on-node.ts'
import { type StandInKubelet, startStandInKubelet } from './stand-in-kubelet.ts'

let server: TestServer
let kubelet: StandInKubelet
let web: Server
let namespace: string
let pod: string

const page = '<a href="/rewriteme">test</a>'

beforeAll(async () => {
  const kubelets = { isPlaintext: true, isReachable: () => true }
  server = await startTestServer({ settings: { kubelets } })
  kubelet = await startStandInKubelet()
  web = await startWeb()
  const { port } = web.address() as AddressInfo
  namespace = `${server.url}/api/v1/namespaces/default`
  pod = `${namespace}/pods/web/proxy`
  await createNode(server.url, 'node', kubelet.port)
  await createRunningPod(server.url, { name: 'web', node: 'node', port })
  await createRunningPod(server.url, { name: 'closed', node: 'node', port: 1 })
  await createRunningPod(server.url, { name: 'far', node: 'node', ip: '10.1.2.3' })
  await createService('web', [{ name: 'http', port: 80 }])
  await createSlice('web', 'http', 'far')
  await createService('foreign', [{ port: 80 }])
  await createSlice('foreign', '', 'web')
  await createService('empty', [{ port: 80 }])
})

afterAll(async () => {
  web.close()
  await kubelet[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

async function startWeb(): Promise<Server> {
  const sockets = new WebSocketServer({ noServer: true })
  const started = createServer(async (asked, answer) => {
    const url = new URL(asked.url ?? '', 'http://web')
    if (url.pathname === '/redirect') answer.writeHead(302, { location: '/login?next=1' }).end()
    else if (url.pathname === '/page') answer.setHeader('content-type', 'text/html').end(page)
    else if (url.pathname === '/packed') {
      answer.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
      answer.end(gzipSync(page))
    } else if (url.pathname === '/trailers') {
      answer.writeHead(200, { trailer: 'x-sum' })
      answer.write('body')
      answer.addTrailers({ 'x-sum': '4' })
      answer.end()
    } else if (url.pathname === '/body') asked.pipe(answer)
    else {
      answer.writeHead(url.pathname === '/teapot' ? 418 : 200, { 'x-own': 'kept' })
      const { method, url: path, headers } = asked
      answer.end(JSON.stringify({ method, path, headers, body: await text(asked) }))
    }
  })
  started.on('upgrade', (asked: IncomingMessage, socket, head) => {
    if (asked.url === '/refused')
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    else {
      sockets.handleUpgrade(asked, socket, head, (opened) => {
        opened.on('message', (data) => opened.send(`echo ${data}`))
      })
    }
  })
  started.listen(0, '127.0.0.1')
  await once(started, 'listening')
  return started
}

const createService = (name: string, ports: readonly object[]) =>
  create(`${namespace}/services`, {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name },
    spec: { ports },
  })

const createSlice = (service: string, portName: string, podName: string) =>
  create(`${server.url}/apis/discovery.k8s.io/v1/namespaces/default/endpointslices`, {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name: service, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: portName, port: 8080, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.1.2.3'],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', namespace: 'default', name: podName },
      },
    ],
  })

interface Echo {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const echoOf = async (answer: Response): Promise<Echo> => (await answer.json()) as Echo

describe('a request', () => {
  test.for(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s arrives', async (method) => {
    const body = ['GET', 'OPTIONS'].includes(method) ? undefined : 'content'
    const answer = await fetch(`${pod}/some/path?a=1&a=%20`, { method, ...(body && { body }) })
    expect(answer.headers.get('x-own')).toBe('kept')
    const wanted = { method, path: '/some/path?a=1&a=%20', body: body ?? '' }
    expect(await echoOf(answer)).toMatchObject(wanted)
  })

  test('HEAD arrives', async () => {
    const answer = await fetch(`${pod}/x`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('x-own')]).toEqual([200, 'kept'])
  })

  test('carries no credentials, and says where it came from', async () => {
    const headers = { authorization: 'Bearer secret', 'x-own': '1' }
    const { headers: arrived } = await echoOf(await fetch(`${pod}/x`, { headers }))
    expect(arrived).not.toHaveProperty('authorization')
    expect(arrived).toMatchObject({
      'x-own': '1',
      'x-forwarded-for': expect.stringContaining('127.0.0.1'),
      'x-forwarded-uri': '/api/v1/namespaces/default/pods/web/proxy/x',
      'x-forwarded-proto': 'http',
    })
  })

  test('may be larger than any object', async () => {
    const body = randomBytes(8 * 1024 * 1024)
    const answer = await fetch(`${pod}/body`, { method: 'POST', body })
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true)
  })

  test.for([
    { to: 'pods/web/proxy', code: 301, location: '/api/v1/namespaces/default/pods/web/proxy/' },
    {
      to: 'services/web:http/proxy?a=1',
      code: 301,
      location: '/api/v1/namespaces/default/services/web:http/proxy/?a=1',
    },
    {
      to: 'pods/web/proxy/redirect',
      code: 302,
      location: '/api/v1/namespaces/default/pods/web/proxy/login?next=1',
    },
  ])('for $to is sent on', async ({ to, code, location }) => {
    const answer = await fetch(`${namespace}/${to}`, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([code, location])
  })
})

describe('an answer', () => {
  test('keeps its code', async () => {
    expect((await fetch(`${pod}/teapot`)).status).toBe(418)
  })

  test('has links that lead back', async () => {
    const wanted = `<a href="${new URL(pod).pathname}/rewriteme">test</a>`
    expect(await (await fetch(`${pod}/page`)).text()).toBe(wanted)
    const packed = await raw('/packed')
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(await buffer(packed)).toString()).toBe(wanted)
  })

  test('keeps its trailers', async () => {
    const answer = await raw('/trailers')
    expect(await text(answer)).toBe('body')
    expect(answer.trailers).toEqual({ 'x-sum': '4' })
  })
})

async function raw(path: string): Promise<IncomingMessage> {
  const asking = request(`${pod}${path}`)
  asking.end()
  const [answer] = await once(asking, 'response')
  return answer
}

describe('a proxy leads', () => {
  test('with a scheme to the first port of a pod', async () => {
    const answer = await fetch(`${namespace}/pods/http:web:/proxy/x`)
    expect(await echoOf(answer)).toMatchObject({ path: '/x' })
  })

  test.for([
    { name: 'web:http' },
    { name: 'web:80' },
    { name: 'http:web:http' },
    { name: 'https:web:80', tls: { rejectUnauthorized: false } },
  ])('with the Service $name to a pod behind it', ({ name, ...more }) => {
    const info = { resource: 'services', namespace: 'default', name }
    const target = proxyTarget({ info } as ResourceContext, server.parts)
    expect(target).toEqual({ host: '10.1.2.3', port: 8080, ...more })
  })

  test('from a node to its kubelet, or to a port beside it', async () => {
    const nodes = `${server.url}/api/v1/nodes`
    const { port } = web.address() as AddressInfo
    expect(await (await fetch(`${nodes}/node/proxy/pods`)).text()).toBe('GET /pods')
    const beside = await echoOf(await fetch(`${nodes}/node:${port}/proxy/x`))
    expect(beside).toMatchObject({ path: '/x' })
  })

  test.for([
    { to: 'pods/none', code: 404, message: 'pods "none" not found' },
    { to: 'pods/ftp:web:21', code: 400, message: 'invalid pod request "ftp:web:21"' },
    { to: 'pods/web:http', code: 400, message: 'invalid port "http"' },
    {
      to: 'pods/closed',
      code: 503,
      message: 'error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused',
    },
    { to: 'services/none', code: 404, message: 'services "none" not found' },
    { to: 'services/empty', code: 503, message: 'no endpoints available for service "empty"' },
    { to: 'services/web:other', code: 503, message: 'no endpoints available for service "web"' },
    { to: 'services/web:81', code: 503, message: 'no service port 81 found for service "web"' },
    // Its endpoint names no pod that has the address: anybody could have written it.
    { to: 'services/foreign', code: 503, message: 'no endpoints available for service "foreign"' },
  ])('nowhere with $to', async ({ to, code, message }) => {
    const answer = await fetch(`${namespace}/${to}/proxy/`)
    expect(answer.status).toBe(code)
    expect(await answer.json()).toMatchObject({ kind: 'Status', code, message })
  })

  test('to no address of this machine, unless allowed', async () => {
    await using strict = await startTestServer()
    await createNode(strict.url, 'node', kubelet.port)
    await createRunningPod(strict.url, { name: 'web', node: 'node', port: 80 })
    const answer = await fetch(`${strict.url}/api/v1/namespaces/default/pods/web/proxy/`)
    expect(await answer.json()).toMatchObject({ code: 400, message: 'address not allowed' })
  })
})

describe('another protocol', () => {
  test('is spoken through the proxy', async () => {
    const socket = new WebSocket(`${pod}/socket`.replace('http', 'ws'))
    await once(socket, 'open')
    socket.send('hello')
    const [message] = await once(socket, 'message')
    expect(String(message)).toBe('echo hello')
    socket.close()
    await once(socket, 'close')
  })

  test('is refused as the other side refuses it', async () => {
    const socket = new WebSocket(`${pod}/refused`.replace('http', 'ws'))
    const [, answer] = await once(socket, 'unexpected-response')
    expect([answer.statusCode, await text(answer)]).toEqual([403, 'no'])
  })
})
