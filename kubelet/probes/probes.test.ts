/** Questions to real sockets, and how answers add up to a verdict. */
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Probe } from '#api/parts/core/probe.ts'
import { ManualClock } from '#daemon/clock.ts'
import { startsAnswering } from '#test/answering.ts'
import { askGrpc } from './grpc.ts'
import { askHttp } from './http.ts'
import { failure, type Outcome, success } from './outcome.ts'
import { ProbeLoop } from './probe-loop.ts'
import { portOf } from './prober.ts'
import { askTcp } from './tcp.ts'

const limits = () => ({
  clock: new ManualClock(),
  timeoutMs: 1000,
  signal: new AbortController().signal,
})

async function listening<S extends NetServer>(server: S) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        ;(server as unknown as Partial<Server>).closeAllConnections?.()
      }),
  }
}

describe('over HTTP', () => {
  const ask = (port: number, path: string, more: object = {}): Promise<Outcome> => {
    const question = { scheme: 'HTTP', host: '127.0.0.1', port, path, headers: [] } as const
    return askHttp({ ...question, ...more }, limits())
  }
  const server = () =>
    listening(
      createHttp((request, response) => {
        const { url = '', headers } = request
        if (url === '/moved') response.writeHead(302, { location: '/ok' }).end()
        else if (url === '/away')
          response.writeHead(302, { location: 'http://a.example/' }).end('bye')
        else if (url === '/bad') response.writeHead(503).end()
        else if (url === '/circle') response.writeHead(302, { location: '/circle' }).end()
        else
          response.end(
            `${headers['user-agent']} ${headers.accept} ${headers['x-a']} ${headers.host}`,
          )
      }),
    )

  test('a good answer is one from 200 to 399, and redirects are followed at home', async () => {
    await using at = await server()
    const host = `127.0.0.1:${at.port}`
    expect(await ask(at.port, '/ok')).toEqual(success(`kube-probe/1.36 */* undefined ${host}`))
    expect((await ask(at.port, 'ok')).result).toBe('success')
    expect((await ask(at.port, '/moved')).result).toBe('success')
    expect(await ask(at.port, '/away')).toEqual({
      result: 'warning',
      output: 'Probe terminated redirects, Response body: bye',
    })
    expect(await ask(at.port, '/bad')).toEqual(failure('HTTP probe failed with statuscode: 503'))
    expect((await ask(at.port, '/circle')).output).toContain('stopped after 10 redirects')
  })

  test('headers are those that were asked for', async () => {
    await using at = await server()
    const headers = [
      { name: 'X-A', value: '1' },
      { name: 'Host', value: 'web.example' },
      { name: 'User-Agent', value: '' },
    ]
    expect(await ask(at.port, '/ok', { headers })).toEqual(success('undefined */* 1 web.example'))
  })

  test('nobody there', async () => {
    const at = await server()
    await at[Symbol.asyncDispose]()
    const address = `127.0.0.1:${at.port}`
    expect(await ask(at.port, '/')).toEqual(
      failure(`Get "http://${address}/": dial tcp ${address}: connect: connection refused`),
    )
  })

  test('no answer in time', async () => {
    await using at = await listening(createHttp(() => undefined))
    const clock = new ManualClock()
    const question = {
      scheme: 'HTTP',
      host: '127.0.0.1',
      port: at.port,
      path: '/',
      headers: [],
    } as const
    const { signal } = new AbortController()
    const asked = askHttp(question, { clock, timeoutMs: 1000, signal })
    clock.jump(1000)
    expect((await asked).output).toContain('context deadline exceeded')
  })
})

test('over TCP', async () => {
  const at = await listening(createHttp())
  expect(await askTcp('127.0.0.1', at.port, limits())).toEqual(success())
  await at[Symbol.asyncDispose]()
  expect(await askTcp('127.0.0.1', at.port, limits())).toEqual(
    failure(`dial tcp 127.0.0.1:${at.port}: connect: connection refused`),
  )
})

describe('over gRPC', () => {
  test.for<[string, number | undefined, number, Outcome]>([
    ['', 1, 0, success('service healthy')],
    ['a', 2, 0, failure('service unhealthy (responded with "NOT_SERVING")')],
    [
      '',
      undefined,
      12,
      failure(
        'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): no',
      ),
    ],
  ])('service "%s" with status %s and code %i', async ([service, status, code, wanted]) => {
    const asked: Buffer[] = []
    const server = createHttp2()
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.on('data', (chunk: Buffer) => asked.push(chunk))
      stream.on('end', () => {
        const trailers = { 'grpc-status': String(code), 'grpc-message': 'no' }
        stream.respond({ ':status': 200 }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers(trailers))
        stream.end(status === undefined ? '' : Buffer.from([0, 0, 0, 0, 2, 8, status]))
      })
    })
    await using at = await listening(server as unknown as NetServer)
    const question = { host: '127.0.0.1', port: at.port, service }
    expect(await askGrpc(question, limits())).toEqual(wanted)
    expect(Buffer.concat(asked).subarray(5).toString('latin1')).toBe(service ? '\n\u0001a' : '')
  })
})

const anything = { tcpSocket: { port: 1 } } as Probe

describe('a loop', () => {
  test('says so when enough answers in a row agree, and only when that changes', async () => {
    const clock = new ManualClock()
    const answers = startsAnswering('bad bad good bad bad bad good good good')
    const verdicts: string[] = []
    using _loop = new ProbeLoop({
      probe: {
        ...anything,
        periodSeconds: 1,
        successThreshold: 2,
        failureThreshold: 3,
        initialDelaySeconds: 5,
      },
      clock,
      startedAtMs: clock.now(),
      ask: async () => (answers.next().value === 'good' ? success() : failure('no')),
      onProblem: () => undefined,
      onVerdict: (isGood) => verdicts.push(`${isGood} at ${clock.monotonic() / 1000}`),
    })
    await clock.advance(4000)
    expect(verdicts).toEqual([])
    await clock.advance(10_000)
    expect(verdicts).toEqual(['false at 10', 'true at 12'])
  })

  test('asks three times when it cannot ask at all', async () => {
    const clock = new ManualClock()
    const problems: Outcome[] = []
    let asked = 0
    using _loop = new ProbeLoop({
      probe: { ...anything, periodSeconds: 10 },
      clock,
      startedAtMs: clock.now() - 60_000,
      ask: async () => {
        asked++
        throw new Error('no engine')
      },
      onProblem: (outcome) => problems.push(outcome),
      onVerdict: () => undefined,
    })
    await clock.advance(0)
    expect(asked).toBe(3)
    expect(problems).toEqual([{ result: 'unknown', output: 'no engine' }])
  })
})

test.for([
  [80, 80],
  ['web', 8080],
  ['9090', 9090],
  ['other', undefined],
] as const)('port %s is %s', ([port, wanted]) => {
  const ports = [{ name: 'web', containerPort: 8080 }]
  const container = { name: 'main', image: 'web', resources: {}, ports }
  expect(portOf(port, container as never)).toBe(wanted)
})
