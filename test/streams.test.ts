/** Logs, commands and forwarded ports through a real server, to a kubelet that stands in. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { startTestServer, type TestServer } from './api-server.ts'
import { createNode, createRunningPod } from './pods-on-node.ts'
import { SpdyClient } from './spdy-client.ts'
import { type StandInKubelet, startStandInKubelet } from './stand-in-kubelet.ts'

let server: TestServer
let kubelet: StandInKubelet
let older: StandInKubelet
let echo: ReturnType<typeof createServer>
let echoPort: number
let greeting: ReturnType<typeof createServer>
let greetingPort: number
let pods: string

beforeAll(async () => {
  server = await startTestServer({ settings: { kubelets: { isPlaintext: true } } })
  kubelet = await startStandInKubelet()
  older = await startStandInKubelet({ newest: 'v4' })
  pods = `${server.url}/api/v1/namespaces/default/pods`
  // Answers only after the client has finished: nothing comes back without half-closing.
  echo = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    let said = ''
    socket.on('data', (data) => {
      said += data
    })
    socket.once('end', () => socket.end(`heard ${said}`))
    socket.on('error', () => undefined)
  })
  greeting = createServer((socket: Socket) => socket.end('welcome'))
  greeting.listen(0, '127.0.0.1')
  await once(greeting, 'listening')
  greetingPort = (greeting.address() as AddressInfo).port
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  echoPort = (echo.address() as AddressInfo).port
  await createNode(server.url, 'node', kubelet.port)
  await createNode(server.url, 'older', older.port)
  await createNode(server.url, 'down', 1)
  await createRunningPod(server.url, { name: 'p', node: 'node' })
  await createRunningPod(server.url, { name: 'old', node: 'older' })
  await createRunningPod(server.url, { name: 'two', node: 'node', containers: ['a', 'b'] })
  await createRunningPod(server.url, { name: 'missing', node: 'node', containers: ['missing'] })
  await createRunningPod(server.url, { name: 'stray', node: 'no-such-node' })
  await createRunningPod(server.url, { name: 'lost', node: 'down' })
  await createRunningPod(server.url, { name: 'pending' })
  kubelet.log('one\ntwo\nthree\n')
})

afterAll(async () => {
  echo.close()
  greeting.close()
  await kubelet[Symbol.asyncDispose]()
  await older[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

describe('log', () => {
  test('comes as text, as much of it as is wanted', async () => {
    const answer = await fetch(`${pods}/p/log?tailLines=2`)
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(await answer.text()).toBe('two\nthree\n')
  })

  test('options reach the kubelet in its own form', async () => {
    const query = 'follow=false&timestamps&sinceTime=2026-01-01T01:00:00%2B01:00&limitBytes=9'
    await (await fetch(`${pods}/two/log?container=b&${query}`)).text()
    expect(kubelet.requests).toContain(
      '/containerLogs/default/two/b?timestamps=true&sinceTime=2026-01-01T00%3A00%3A00Z&limitBytes=9',
    )
  })

  test('is followed while it grows, until the client leaves', async () => {
    const leaving = new AbortController()
    const answer = await fetch(`${pods}/p/log?follow=true&tailLines=0`, { signal: leaving.signal })
    await kubelet.followed()
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    kubelet.log('four\n')
    expect((await reader.read()).value).toBe('four\n')
    leaving.abort()
    await expect(reader.read()).rejects.toThrow()
    await kubelet.followersGone()
  })

  test('of a pod without a node is nothing', async () => {
    expect((await fetch(`${pods}/pending/log`)).status).toBe(204)
  })

  test.for([
    { of: 'nope', code: 404, message: 'pods "nope" not found' },
    {
      of: 'two',
      code: 400,
      message: 'a container name must be specified for pod two, choose one of: [a b]',
    },
    {
      of: 'two',
      query: 'container=zz',
      code: 400,
      message: 'container zz is not valid for pod two',
    },
    { of: 'stray', code: 404, message: 'nodes "no-such-node" not found' },
    {
      of: 'lost',
      code: 500,
      message:
        'Get "http://127.0.0.1:1/containerLogs/default/lost/main": dial tcp 127.0.0.1:1: connect: connection refused',
    },
    {
      of: 'missing',
      code: 404,
      message: 'the server could not find the requested resource ( pods/log missing)',
    },
    {
      of: 'p',
      query: 'previous=true',
      code: 400,
      message: 'previous terminated container "main" in pod "p" not found',
    },
    {
      of: 'p',
      query: 'tailLines=x',
      code: 400,
      message: 'strconv.ParseInt: parsing "x": invalid syntax',
    },
    { of: 'p', query: 'sinceTime=x', code: 400, message: /^parsing time "x" as/ },
    {
      of: 'p',
      query: 'limitBytes=0',
      code: 422,
      message: 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
    },
  ])('of $of?$query is refused', async ({ of, query = '', code, message }) => {
    const answer = await fetch(`${pods}/${of}/log?${query}`)
    const status = (await answer.json()) as { message: string }
    expect(answer.status).toBe(code)
    expect(status).toMatchObject({ kind: 'Status', status: 'Failure', code })
    if (typeof message === 'string') expect(status.message).toBe(message)
    else expect(status.message).toMatch(message)
  })

  test.for([
    { protocol: 'binary.k8s.io', decode: String },
    {
      protocol: 'base64.binary.k8s.io',
      decode: (data: Buffer) => String(Buffer.from(String(data), 'base64')),
    },
  ])('comes over a WebSocket as $protocol', async ({ protocol, decode }) => {
    const socket = new WebSocket(`${pods}/p/log?tailLines=1`.replace('http', 'ws'), protocol)
    const messages: string[] = []
    socket.on('message', (data) => messages.push(decode(data as Buffer)))
    await once(socket, 'close')
    expect(messages[0]).toBe('')
    expect(messages.join('')).toMatch(/^(three|four)\n$/)
  })
})

interface Command {
  readonly streams: Record<number, string>
  readonly code: number
}

const SCRIPT = 'cat; echo problem >&2; exit 7'
const script = new URLSearchParams([...['sh', '-c', SCRIPT].map((word) => ['command', word])])
const streamQuery = 'stdin=1&stdout=1&stderr=1'
const failure = { status: 'Failure', reason: 'NonZeroExitCode' }

/** Runs to its end; input is sent at once and, where the protocol can say so, ended. */
async function overSocket(path: string, protocol: string, input: string): Promise<Command> {
  const socket = new WebSocket(`${pods}${path}`.replace('http', 'ws'), protocol || [])
  const isBase64 = protocol.includes('base64')
  const streams: Record<number, string> = {}
  socket.on('message', (data) => {
    const message = data as Buffer
    const number = isBase64 ? message[0]! - 48 : message[0]!
    const rest = message.toString('utf8', 1)
    streams[number] = (streams[number] ?? '') + (isBase64 ? Buffer.from(rest, 'base64') : rest)
  })
  await once(socket, 'open')
  expect(socket.protocol).toBe(protocol)
  if (input) socket.send(isBase64 ? `0${btoa(input)}` : `\0${input}`)
  if (protocol.startsWith('v5')) socket.send(Buffer.from([255, 0]))
  const [code] = await once(socket, 'close')
  return { streams, code }
}

describe('exec over WebSockets', () => {
  test('v5 ends input, keeps outputs apart and tells how it ended', async () => {
    const { streams, code } = await overSocket(
      `/p/exec?${streamQuery}&${script}`,
      'v5.channel.k8s.io',
      'in',
    )
    expect(streams).toMatchObject({ 1: 'in', 2: 'problem\n' })
    expect(JSON.parse(streams[3]!)).toMatchObject({
      ...failure,
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    })
    expect(code).toBe(1000)
  })

  test.for([
    { protocol: 'v4.channel.k8s.io', ends: '{"kind":"Status"' },
    { protocol: 'v4.base64.channel.k8s.io', ends: '{"kind":"Status"' },
    { protocol: 'channel.k8s.io', ends: 'command terminated' },
    { protocol: 'base64.channel.k8s.io', ends: 'command terminated' },
    { protocol: '', ends: 'command terminated' },
  ])('"$protocol" carries input and output', async ({ protocol, ends }) => {
    const line = 'read line; echo "got $line"; exit 3'
    const query = new URLSearchParams(['sh', '-c', line].map((word) => ['command', word]))
    const { streams } = await overSocket(`/p/exec?${streamQuery}&${query}`, protocol, 'line\n')
    expect(streams[1]).toBe('got line\n')
    expect(streams[3]).toMatch(new RegExp(`^${ends}`))
  })

  test('a success says nothing where the protocol has no Status', async () => {
    const { streams } = await overSocket('/p/exec?stdout=1&command=true', 'channel.k8s.io', '')
    expect(streams).toEqual({ 1: '' })
  })

  test('a terminal hears its size', async () => {
    const path = '/p/exec?stdin=1&stdout=1&tty=1&command=cat'
    const socket = new WebSocket(`${pods}${path}`.replace('http', 'ws'), 'v5.channel.k8s.io')
    await once(socket, 'open')
    socket.send('\u0004{"Width":120,"Height":40}')
    // Control-D: the end of input on a terminal.
    socket.send('\u0000hello\n\u0004')
    await once(socket, 'close')
    expect(kubelet.sizes).toContain('{"Width":120,"Height":40}')
  })

  test('output of megabytes arrives whole', async () => {
    const path = '/p/exec?stdout=1&command=head&command=-c&command=20000000&command=/dev/zero'
    const { streams } = await overSocket(path, 'v5.channel.k8s.io', '')
    expect(streams[1]?.length).toBe(20_000_000)
  })

  test('a client that leaves ends its command', async () => {
    const path = '/p/exec?stdin=1&stdout=1&command=cat'
    const socket = new WebSocket(`${pods}${path}`.replace('http', 'ws'), 'v5.channel.k8s.io')
    await once(socket, 'open')
    const ended = kubelet.commandEnded()
    socket.terminate()
    await ended
    expect(kubelet.running).toBe(0)
  })

  test('a kubelet that falls over is a failure, not an exit', async () => {
    const path = '/old/exec?stdin=1&stdout=1&command=cat'
    const socket = new WebSocket(`${pods}${path}`.replace('http', 'ws'), 'v5.channel.k8s.io')
    const messages: Buffer[] = []
    socket.on('message', (data) => messages.push(data as Buffer))
    await once(socket, 'open')
    older.fall()
    await once(socket, 'close')
    expect(JSON.parse(messages.at(-1)!.toString('utf8', 1))).toMatchObject({
      status: 'Failure',
      message: expect.stringContaining('the connection to the kubelet was lost'),
    })
  })
})

/** The head of the answer to a request that asks for another protocol. */
async function upgrade(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const asking = request(`${pods}${path}`, { headers: { connection: 'Upgrade', ...headers } })
  asking.end()
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  asking.once('response', resolve)
  asking.once('upgrade', (answer, socket) => {
    socket.destroy()
    resolve(answer)
  })
  asking.once('error', reject)
  return promise
}

describe('streams are refused', () => {
  const spdy = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' }
  test.for([
    { path: '/p/exec?stdout=1', headers: {}, code: 400, body: 'Upgrade request required' },
    {
      path: '/p/exec?command=x',
      headers: spdy,
      code: 400,
      body: 'you must specify at least 1 of stdin, stdout, stderr',
    },
    { path: '/two/attach?stdin=1', headers: spdy, code: 400, body: 'choose one of: [a b]' },
    {
      path: '/pending/exec?stdout=1',
      headers: spdy,
      code: 400,
      body: 'pod pending does not have a host assigned',
    },
    {
      path: '/lost/exec?stdout=1',
      headers: spdy,
      code: 500,
      body: 'error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused',
    },
    {
      path: '/lost/portforward',
      headers: { upgrade: 'SPDY/3.1' },
      code: 500,
      body: 'error dialing backend',
    },
    {
      path: '/missing/exec?stdout=1',
      headers: spdy,
      code: 404,
      body: 'container not found ("gone")',
    },
    {
      path: '/p/exec?stdout=1',
      headers: { ...spdy, 'x-stream-protocol-version': 'v9' },
      code: 403,
      body: 'client supports [v9]',
    },
    {
      path: '/p/portforward',
      headers: spdy,
      code: 403,
      body: 'server accepts [portforward.k8s.io]',
    },
  ])('$path with $code', async ({ path, headers, code, body }) => {
    const answer = await upgrade(path, headers as Record<string, string>)
    expect(answer.statusCode).toBe(code)
    expect(await text(answer)).toContain(body)
  })

  test.for(['exec', 'attach', 'portforward'])('%s to who may only read', async (action) => {
    const authorizer = {
      authorize: (_: unknown, { verb }: { verb: string }) => ({ allowed: verb === 'get' }),
    }
    await using strict = await startTestServer({ settings: { authorizer } })
    const socket = new WebSocket(
      `${strict.url}/api/v1/namespaces/default/pods/p/${action}?stdout=1`.replace('http', 'ws'),
      'v4.channel.k8s.io',
    )
    const [, answer] = await once(socket, 'unexpected-response')
    expect(JSON.parse(await text(answer))).toMatchObject({
      code: 403,
      message: expect.stringContaining(`cannot create resource "pods/${action}"`),
    })
  })

  test('an offer of HTTP/2 is declined by answering', async () => {
    const answer = await upgrade('/p', { upgrade: 'h2c' })
    expect(answer.statusCode).toBe(200)
    expect(JSON.parse(await text(answer))).toMatchObject({ kind: 'Pod' })
  })
})

async function spdyTo(path: string, protocol: string): Promise<SpdyClient> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': protocol,
  }
  const asking = request(`${pods}${path}`, { method: 'POST', headers })
  asking.end()
  const [answer, socket] = await once(asking, 'upgrade')
  expect(answer.headers['x-stream-protocol-version']).toBe(protocol)
  return new SpdyClient(socket)
}

describe('exec over SPDY', () => {
  test('carries three streams, ends input and tells how it ended', async () => {
    const client = await spdyTo(`/p/exec?${streamQuery}&${script}`, 'v4.channel.k8s.io')
    const names = ['error', 'stdin', 'stdout', 'stderr']
    const opened = await Promise.all(
      names.map((streamtype, at) => client.open({ streamtype }, 2 * at + 1)),
    )
    const [error, stdin, stdout, stderr] = opened as [(typeof opened)[0], ...typeof opened]
    client.send(stdin!, 'in')
    client.end(stdin!)
    expect(await client.text(stdout!)).toBe('in')
    expect(await client.text(stderr!)).toBe('problem\n')
    expect(JSON.parse(await client.text(error))).toMatchObject(failure)
  })

  test('older protocols end with a message', async () => {
    const client = await spdyTo('/p/exec?stdout=1&command=false', 'v2.channel.k8s.io')
    const error = await client.open({ streamtype: 'error' })
    await client.open({ streamtype: 'stdout' })
    expect(await client.text(error)).toMatch(/^command terminated with non-zero exit code/)
  })
})

/** One forwarded connection on a SPDY connection. */
async function forwarded(client: SpdyClient, port: number, requestid: string) {
  const headers = { port: String(port), requestid }
  const error = await client.open({ ...headers, streamtype: 'error' })
  client.end(error)
  return { error, data: await client.open({ ...headers, streamtype: 'data' }) }
}

describe('port-forward', () => {
  const carriers = [
    { name: 'SPDY', connect: (pod: string) => spdyTo(`/${pod}/portforward`, 'portforward.k8s.io') },
    {
      name: 'SPDY in a WebSocket',
      async connect(pod: string) {
        const url = `${pods}/${pod}/portforward`.replace('http', 'ws')
        const name = 'sec-websocket-protocol'
        const protocol = 'SPDY/3.1+portforward.k8s.io'
        // The name of the protocol is none that ws would send, or accept, by itself.
        const socket = new WebSocket(url, { headers: { [name]: protocol } })
        socket.once('upgrade', ({ headers }) => {
          expect(headers[name]).toBe(protocol)
          delete headers[name]
        })
        await once(socket, 'open')
        return new SpdyClient(createWebSocketStream(socket))
      },
    },
  ]

  test.for(carriers)('over $name passes on who has finished', async ({ connect }) => {
    const client = await connect('p')
    const { data, error } = await forwarded(client, echoPort, '0')
    client.send(data, 'all of it')
    client.end(data)
    expect(await client.text(data)).toBe('heard all of it')
    expect(await client.text(error)).toBe('')
  })

  test.for(carriers)('over $name several connections share one', async ({ connect }) => {
    const client = await connect('p')
    const pairs = [
      await forwarded(client, echoPort, '0'),
      await forwarded(client, echoPort, '1'),
      await forwarded(client, echoPort, '2'),
    ]
    for (const { data } of pairs.toReversed()) {
      client.send(data, `${data.id}`)
      client.end(data)
    }
    const texts = await Promise.all(pairs.map(({ data }) => client.text(data)))
    expect(texts).toEqual(pairs.map(({ data }) => `heard ${data.id}`))
  })

  test('a port that nobody listens on is an error of that connection', async () => {
    const client = await carriers[0]!.connect('p')
    const { data, error } = await forwarded(client, 1, '0')
    expect(await client.text(error)).toContain('connect to port 1')
    expect(await client.text(data)).toBe('')
    const next = await forwarded(client, echoPort, '1')
    client.end(next.data)
    expect(await client.text(next.data)).toBe('heard ')
  })

  test('a kubelet of an older protocol carries it too', async () => {
    const client = await carriers[0]!.connect('old')
    const { data, error } = await forwarded(client, greetingPort, '0')
    expect(await client.text(data)).toBe('welcome')
    expect(await client.text(error)).toBe('')
  })

  test('a client that resets a connection still hears its errors end', async () => {
    const client = await carriers[0]!.connect('p')
    const { data, error } = await forwarded(client, echoPort, '0')
    await client.until(() => data.isReplied)
    client.reset(data)
    expect(await client.text(error)).toBe('')
  })

  test('channels of a WebSocket open with their ports', async () => {
    const url = `${pods}/p/portforward?ports=${echoPort},1`.replace('http', 'ws')
    const socket = new WebSocket(url, 'v4.channel.k8s.io')
    const channels: Buffer[][] = [[], [], [], []]
    const failed = Promise.withResolvers<string>()
    socket.on('message', (data) => {
      const message = data as Buffer
      const said = channels[message[0]!]!
      said.push(message.subarray(1))
      if (message[0] === 3 && said.length === 2) failed.resolve(String(said[1]))
    })
    expect(await failed.promise).toContain('connect to port 1')
    socket.close()
    await once(socket, 'close')
    expect(channels.map(([first]) => first?.readUInt16LE())).toEqual([echoPort, echoPort, 1, 1])
  })
})
