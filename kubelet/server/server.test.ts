/** Logs, commands and forwarded ports, from clients through the API server to a kubelet. */
import { once } from 'node:events'
import { request as plainRequest } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { TokenRequest } from '#api/kinds/authentication/token-request.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { until } from '#test/drive-clock.ts'
import { type ServedKubelet, serveKubelet } from '#test/served-kubelet.ts'
import { SpdyClient } from '#test/spdy-client.ts'

let kubelet: ServedKubelet
let pods: string

beforeAll(async () => {
  kubelet = await serveKubelet()
  pods = `${kubelet.api.url}/api/v1/namespaces/default/pods`
  await kubelet.addPod('p')
  await kubelet.addPod('two', { containers: ['a', 'b'] })
  await kubelet.addPod('waiting', {
    statuses: [{ name: 'main', state: { waiting: { reason: 'ContainerCreating' } } }],
  })
  await kubelet.addPod('pulling', {
    statuses: [{ name: 'main', state: { waiting: { reason: 'ImagePullBackOff' } } }],
  })
  kubelet.runtime.logged.set('p-main', ['one\n', 'two\n', 'three\n'])
})

afterAll(() => kubelet[Symbol.asyncDispose]())

const logOf = async (path: string) => {
  const answer = await fetch(`${pods}/${path}`)
  const body = await answer.text()
  return answer.ok ? body : `${answer.status} ${JSON.parse(body).message}`
}

describe('logs', () => {
  test.for([
    { path: 'p/log', says: 'one\ntwo\nthree\n' },
    { path: 'p/log?tailLines=1', says: 'three\n' },
    { path: 'p/log?limitBytes=6', says: 'one\ntw' },
    { path: 'p/log?limitBytes=600', says: 'one\ntwo\nthree\n' },
    {
      path: 'p/log?previous=true',
      says: '400 previous terminated container "main" in pod "p" not found',
    },
    {
      path: 'waiting/log',
      says: '400 container "main" in pod "waiting" is waiting to start: ContainerCreating',
    },
    {
      path: 'pulling/log',
      says:
        '400 container "main" in pod "pulling" is waiting to start: ' +
        'trying and failing to pull image',
    },
  ])('$path', async ({ path, says }) => {
    expect(await logOf(path)).toBe(says)
  })

  test('are followed until the client leaves', async () => {
    const leaving = new AbortController()
    const answer = await fetch(`${pods}/p/log?follow=true&tailLines=1`, { signal: leaving.signal })
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe('three\n')
    await kubelet.runtime.followed
    kubelet.runtime.say('four\n')
    expect((await reader.read()).value).toBe('four\n')
    leaving.abort()
    await expect(reader.read()).rejects.toThrow()
  })
})

interface Ran {
  stdout: string
  stderr: string
  status: Record<string, unknown>
}

function open(path: string, protocol = 'v5.channel.k8s.io'): WebSocket {
  return new WebSocket(`${pods}/${path}`.replace('http', 'ws'), protocol)
}

async function run(path: string, input?: string): Promise<Ran> {
  const socket = open(path)
  const said = ['', '', '', '']
  socket.on('message', (message: Buffer) => {
    said[message[0]!] += message.toString('utf8', 1)
  })
  await once(socket, 'open')
  if (input !== undefined) {
    socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(input)]))
    socket.send(Buffer.from([255, 0]))
  }
  await once(socket, 'close')
  return { stdout: said[1]!, stderr: said[2]!, status: JSON.parse(said[3]!) }
}

const words = (...each: string[]): string =>
  each.map((word) => `command=${encodeURIComponent(word)}`).join('&')

describe('commands', () => {
  test('say what they have to say, and how they ended', async () => {
    const path = `p/exec?stdout=1&stderr=1&${words('sh', '-c', 'echo out; echo err >&2; exit 3')}`
    const { stdout, stderr, status } = await run(path)
    expect([stdout, stderr]).toEqual(['out\n', 'err\n'])
    expect(status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
    expect((await run(`p/exec?stdout=1&${words('true')}`)).status).toMatchObject({
      status: 'Success',
    })
  })

  test('read their input to its end, however large', async () => {
    const input = 'x'.repeat(3_000_000)
    const { stdout } = await run(`p/exec?stdin=1&stdout=1&${words('wc', '-c')}`, input)
    expect(stdout.trim()).toBe('3000000')
  })

  test('a program that is not there is told', async () => {
    const { status } = await run(`p/exec?stdout=1&${words('/no/such/program')}`)
    expect(status).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      message: expect.stringContaining('error executing command in container: spawn'),
    })
  })

  test('a terminal has one output, and sizes', async () => {
    const socket = open(`p/exec?stdin=1&stdout=1&tty=1&${words('cat')}`)
    let said = ''
    socket.on('message', (message: Buffer) => {
      if (message[0] === 1) said += message.toString('utf8', 1)
    })
    await once(socket, 'open')
    socket.send(Buffer.concat([Buffer.from([4]), Buffer.from('{"Width":90,"Height":33}')]))
    socket.send(Buffer.concat([Buffer.from([0]), Buffer.from('hello\n')]))
    await until(() => said.includes('hello'))
    await until(() => kubelet.runtime.sizes.length > 0)
    expect(kubelet.runtime.sizes).toContainEqual({ columns: 90, rows: 33 })
    socket.close()
    await until(() => kubelet.runtime.running === 0)
  })

  test('one whose caller leaves does not go on', async () => {
    const socket = open(`p/exec?stdout=1&${words('sleep', '1000')}`)
    await once(socket, 'open')
    await until(() => kubelet.runtime.running === 1)
    socket.terminate()
    await until(() => kubelet.runtime.running === 0)
  })

  test('attach is to what runs', async () => {
    const { stdout } = await run('p/attach?stdin=1&stdout=1', 'hello')
    expect(stdout).toBe('hello')
  })

  test('a container that does not run is not found', async () => {
    const [, answer] = await once(
      open(`waiting/exec?stdout=1&${words('true')}`),
      'unexpected-response',
    )
    expect(answer.statusCode).toBe(404)
    expect(await text(answer)).toBe('container not found ("main")')
  })
})

const spdyHeaders = (protocol: string) => ({
  connection: 'Upgrade',
  upgrade: 'SPDY/3.1',
  'x-stream-protocol-version': protocol,
})

async function throughApi(path: string): Promise<SpdyClient> {
  const headers = spdyHeaders('portforward.k8s.io')
  const asking = plainRequest(`${pods}${path}`, { method: 'POST', headers }).end()
  const [, socket] = await once(asking, 'upgrade')
  return new SpdyClient(socket)
}

async function directly(path: string, protocol = 'portforward.k8s.io'): Promise<SpdyClient> {
  const { cert, key } = kubelet.pki.kubeletClient
  const options = { port: kubelet.server.port, path, headers: spdyHeaders(protocol), cert, key }
  const asking = request({ ...options, method: 'POST', rejectUnauthorized: false, agent: false })
  const [, socket] = await once(asking.end(), 'upgrade')
  return new SpdyClient(socket)
}

test('a command over SPDY, as API servers of others ask for it', async () => {
  const query = `output=1&error=1&${words('sh', '-c', 'echo out; exit 4')}`
  const client = await directly(`/exec/default/p/main?${query}`, 'v4.channel.k8s.io')
  const names = ['error', 'stdout', 'stderr']
  const [error, stdout] = await Promise.all(
    names.map((streamtype, at) => client.open({ streamtype }, 2 * at + 1)),
  )
  expect(await client.text(stdout!)).toBe('out\n')
  expect(JSON.parse(await client.text(error!))).toMatchObject({ reason: 'NonZeroExitCode' })
})

describe('ports', () => {
  test('are forwarded, and ended on each side by itself', async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket: Socket) => {
      let said = ''
      socket.on('data', (data) => {
        said += data
      })
      socket.once('end', () => socket.end(`heard ${said}`))
    })
    await once(echo.listen(0, '127.0.0.1'), 'listening')
    const { port } = echo.address() as AddressInfo
    for (const client of [
      await throughApi('/p/portforward'),
      await directly('/portForward/default/p'),
    ]) {
      const headers = { port: `${port}`, requestid: '0' }
      const error = await client.open({ ...headers, streamtype: 'error' }, 1)
      client.end(error)
      const data = await client.open({ ...headers, streamtype: 'data' }, 3)
      client.send(data, 'hello')
      client.end(data)
      expect(await client.text(data)).toBe('heard hello')
      expect(await client.text(error)).toBe('')
    }
    echo.close()
  })

  test('a port that nobody listens on is told', async () => {
    const socket = new WebSocket(
      `${pods}/p/portforward?ports=1`.replace('http', 'ws'),
      'v4.channel.k8s.io',
    )
    const said = ['', '']
    socket.on('message', (message: Buffer) => {
      said[message[0]!] += message.toString('utf8', 1)
    })
    await once(socket, 'close')
    expect(said[1]).toMatch(/error forwarding port 1 to pod p, uid .*: connect ECONNREFUSED/)
  })
})

interface Answer {
  readonly status: number
  readonly body: string
}

async function ask(path: string, headers = {}, certificate = false): Promise<Answer> {
  const { cert, key } = kubelet.pki.kubeletClient
  const { port } = kubelet.server
  const options = { port, path, headers, rejectUnauthorized: false, agent: false as const }
  const sent = request({ ...options, ...(certificate && { cert, key }) }).end()
  const [answer] = await once(sent, 'response')
  return { status: answer.statusCode, body: await text(answer) }
}

describe('directly', () => {
  test('nobody without a name gets anything', async () => {
    expect(await ask('/healthz')).toEqual({ status: 401, body: 'Unauthorized' })
    expect(await ask('/pods', { authorization: 'Basic eDp5' })).toMatchObject({ status: 401 })
  })

  test('a certificate or a token is a name', async () => {
    expect(await ask('/healthz', {}, true)).toEqual({ status: 200, body: 'ok' })
    const { client } = kubelet
    await client.create(ServiceAccount, { metadata: { name: 'robot', namespace: 'default' } })
    const issued = await client.createSubresource(
      ServiceAccount,
      { name: 'robot' },
      'token',
      TokenRequest,
      { spec: { audiences: [] } },
    )
    const authorization = `Bearer ${issued.status!.token}`
    expect(await ask('/healthz', { authorization })).toMatchObject({ status: 200 })
    expect(await ask('/healthz', { authorization: 'Bearer x' })).toMatchObject({ status: 401 })
  })

  test.for([
    { path: '/nothing', status: 404 },
    { path: '/run/default/p/main', status: 405 },
    { path: '/containerLogs/default/nope/main', status: 404, body: 'pod does not exist' },
    {
      path: '/containerLogs/default/p/nope',
      status: 404,
      body: 'container "nope" not found in pod "p"',
    },
    { path: '/containerLogs/default/p/main?tailLines=-1', status: 422 },
    { path: '/exec/default/p/main?output=1', status: 400, body: 'Upgrade request required' },
  ])('$path is refused', async ({ path, ...expected }) => {
    expect(await ask(path, {}, true)).toMatchObject(expected)
  })

  test('pods and figures are there to be read', async () => {
    const read = async (path: string) => (await ask(path, {}, true)).body
    const list = JSON.parse(await read('/pods'))
    expect(list.kind).toBe('PodList')
    expect(list.items.map((pod: { metadata: { name: string } }) => pod.metadata.name)).toContain(
      'p',
    )
    expect(JSON.parse(await read('/runningpods/')).items).toHaveLength(2)
    expect(JSON.parse(await read('/configz'))).toEqual({ kubeletconfig: { port: 10250 } })
    const summary = JSON.parse(await read('/stats/summary'))
    expect(summary.node).toMatchObject({ nodeName: 'node-1' })
    expect(summary.node.memory.workingSetBytes).toBeGreaterThan(0)
    expect(await read('/metrics/resource')).toMatch(/^node_cpu_usage_seconds_total \d/m)
    expect(await read('/metrics/cadvisor')).toMatch(/^machine_memory_bytes \d/m)
    expect((await ask('/metrics', {}, true)).status).toBe(200)
  })

  test('through the proxy of the API server too', async () => {
    const url = `${kubelet.api.url}/api/v1/nodes/node-1/proxy/stats/summary`
    const answer = await fetch(url)
    expect(await answer.json()).toMatchObject({ node: { nodeName: 'node-1' } })
  })
})
