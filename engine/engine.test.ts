/** Versions are agreed on, errors become sentences, and what hangs is noticed. */
import { rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemRandom } from '#daemon/random.ts'
import { commonVersion, Engine } from './engine.ts'
import { EngineError, EngineUnreachableError } from './engine-error.ts'
import { Transport } from './transport.ts'

test.for([
  ['1.41', '1.41'],
  ['1.44', '1.44'],
  ['1.51', '1.51'],
  ['1.100', '1.51'],
  ['2.0', '1.51'],
])('an Engine that offers %s is spoken to in %s', ([offered, spoken]) => {
  expect(commonVersion(offered)).toBe(spoken)
})

test.for([undefined, '', '1.40', '1', 'x'])('an Engine that offers "%s" is refused', (offered) => {
  expect(() => commonVersion(offered)).toThrow('wanted 1.41 or newer')
})

/** A stand-in that answers as a test says, on a socket of its own. */
async function listen(answer: RequestListener) {
  const path = join(tmpdir(), `nanokube-engine-${systemRandom.hex(8)}.sock`)
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    path,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(path, { force: true })
    },
  }
}

/** Whether it was the question for the version, which is answered. */
const pinged = (...[request, response]: Parameters<RequestListener>): boolean => {
  if (request.url !== '/_ping') return false
  response.setHeader('api-version', '1.43').end('OK')
  return true
}

test('the version is part of every path, and asked for once', async () => {
  const paths: (string | undefined)[] = []
  await using server = await listen((request, response) => {
    paths.push(request.url)
    if (!pinged(request, response)) response.end('{}')
  })
  await using engine = new Engine(`unix://${server.path}`)
  await Promise.all([engine.info(), engine.info()])
  expect(paths).toEqual(['/_ping', '/v1.43/info', '/v1.43/info'])
})

test.for([
  [404, '{"message":"No such container: x"}', 'No such container: x'],
  [500, 'plain text\n', 'plain text'],
  [503, '', 'no reason given'],
] as const)('%i with %j is an error of its own', async ([statusCode, body, message]) => {
  await using server = await listen((request, response) => {
    if (pinged(request, response)) return
    response.statusCode = statusCode
    response.end(body)
  })
  await using engine = new Engine(server.path)
  const error = await engine.inspectContainer('x').catch((caught) => caught)
  expect(error).toBeInstanceOf(EngineError)
  expect(error).toMatchObject({ statusCode, message })
})

test('a connection that is not handed over says why', async () => {
  await using server = await listen((request, response) => {
    if (pinged(request, response)) return
    response.statusCode = 409
    response.end('{"message":"container x is not running"}')
  })
  await using engine = new Engine(server.path)
  await expect(engine.attach('x', false)).rejects.toMatchObject({
    ...{ statusCode: 409, message: 'container x is not running' },
  })
})

test('an Engine that hangs is noticed, whatever was asked', async () => {
  await using server = await listen(() => undefined)
  await using transport = new Transport(server.path)
  const call = { method: 'GET', path: '/_ping', timeoutMs: 30 } as const
  await expect(transport.call(call)).rejects.toBeInstanceOf(EngineUnreachableError)
  await expect(transport.takeOver(call)).rejects.toThrow('no answer in time')
})

test('an Engine that is not there is named', async () => {
  await using engine = new Engine('/nowhere/engine.sock')
  await expect(engine.ping()).rejects.toThrow(
    /^Engine at \/nowhere\/engine\.sock: GET \/_ping: .*ENOENT/,
  )
})

test('an address that is none is refused', () => {
  expect(() => new Engine('http://x')).toThrow('wanted a path, unix:///path or tcp://host:port')
})
