/** Who gets in over TLS, as whom, and who does not: certificates, tokens, proxies and headers. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, issueAuthority, newKey } from '#api/rules/certificate.ts'
import type { KeyPair } from '#apiserver/pki/pki.ts'
import { keepRenewed } from '#apiserver/pki/rotation.ts'
import { collectingLog } from './collecting-log.ts'
import { clientPair, type Request, type SecureServer, startSecureServer } from './secure-server.ts'

const HOUR_MS = 3_600_000
const WHOAMI = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

let server: SecureServer
const tokens = 'static-token,jo,jo-uid,"one,two"\n'

beforeAll(async () => {
  server = await startSecureServer({ credentials: { staticTokens: tokens } })
})
afterAll(() => server[Symbol.asyncDispose]())

const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }

async function whoAmI(how: Request, at = server) {
  const { status, body } = await at.ask(WHOAMI, { method: 'POST', body: review, ...how })
  return status === 201 ? body.status.userInfo : status
}

/** The authority in the folder of a server, to sign what that would not. */
function authorityOf(at: SecureServer, name: 'ca' | 'front-proxy-ca'): Authority {
  const { directory } = at
  const file = (ending: string) => readFileSync(join(directory, `${name}.${ending}`), 'utf8')
  return { certificate: new X509Certificate(file('crt')), key: createPrivateKey(file('key')) }
}

function otherAuthority(commonName: string): Authority {
  const key = newKey()
  const now = server.clock.now()
  const validity = { notBefore: now - HOUR_MS, notAfter: now + HOUR_MS }
  return {
    key,
    certificate: issueAuthority({ commonName, key, validity, serial: Buffer.from([7]) }),
  }
}

const ann = { commonName: 'ann', organizations: ['staff', 'ops'] }
const later = () => server.clock.now() + HOUR_MS

describe('a client certificate', () => {
  test('makes the common name the user and each organisation a group', async () => {
    const shows = clientPair(authorityOf(server, 'ca'), ann, later())
    expect(await whoAmI({ shows })).toEqual({
      username: 'ann',
      groups: ['staff', 'ops', 'system:authenticated'],
    })
  })

  test('reaches everything as the first administrator', async () => {
    const { cert, key } = server.pki.pair('admin')
    const { status } = await server.ask('/api/v1/secrets', { shows: { cert, key } })
    expect(status).toBe(200)
  })

  test('may come with the chain that leads to the authority', async () => {
    const root = authorityOf(server, 'ca')
    const key = newKey()
    const validity = { notBefore: server.clock.now() - HOUR_MS, notAfter: later() }
    const serial = Buffer.from([9])
    const certificate = issueAuthority({
      commonName: 'between',
      key,
      validity,
      serial,
      signer: root,
    })
    const leaf = clientPair({ key, certificate }, ann, later())
    expect(await whoAmI({ shows: leaf })).toBe(401)
    const shows = { ...leaf, cert: leaf.cert + certificate.toString() }
    expect(await whoAmI({ shows })).toMatchObject({ username: 'ann' })
  })

  test.for<[string, () => KeyPair]>([
    ['of another authority', () => clientPair(otherAuthority('other'), ann, later())],
    [
      'of another authority of the same name',
      () => clientPair(otherAuthority('kubernetes'), ann, later()),
    ],
    ['that has expired', () => clientPair(authorityOf(server, 'ca'), ann, later() - 2 * HOUR_MS)],
    [
      'that is not valid yet',
      () => clientPair(authorityOf(server, 'ca'), ann, later() + 3 * HOUR_MS),
    ],
    [
      'of the authority of proxies',
      () => clientPair(authorityOf(server, 'front-proxy-ca'), ann, later()),
    ],
    ['that is for servers', () => server.pki.serving],
  ])('%s is refused, not taken for anonymous', async ([, pair]) => {
    const shows = pair()
    expect(await whoAmI({ shows })).toBe(401)
    expect((await server.ask('/healthz', { shows })).status).toBe(401)
    // Another credential may be good all the same.
    expect(await whoAmI({ shows, token: 'static-token' })).toMatchObject({ username: 'jo' })
  })

  test('without a name is no credential', async () => {
    const shows = clientPair(authorityOf(server, 'ca'), { commonName: '' }, later())
    expect(await whoAmI({ shows })).toBe(403)
  })
})

describe('a token of the file', () => {
  test('makes its user known', async () => {
    expect(await whoAmI({ token: 'static-token' })).toEqual({
      username: 'jo',
      uid: 'jo-uid',
      groups: ['one', 'two', 'system:authenticated'],
    })
  })

  test.for<[string, Request, number]>([
    ['unknown', { token: 'static-tokem' }, 401],
    ['longer', { token: 'static-token-and-more' }, 401],
    ['in the form of a JWT', { token: 'a.b.c' }, 401],
    ['empty', { headers: { authorization: 'Bearer ' } }, 403],
    ['behind two spaces', { headers: { authorization: 'Bearer  static-token' } }, 403],
    ['of another scheme', { headers: { authorization: 'Basic c3RhdGljOnRva2Vu' } }, 403],
  ])('that is %s', async ([, how, status]) => {
    expect(await whoAmI(how)).toBe(status)
  })

  test('may come as a WebSocket subprotocol, beside another', async () => {
    const carrier = `base64url.bearer.authorization.k8s.io.${Buffer.from('static-token').toString('base64url')}`
    const upgrade = (protocols: string) => ({
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16).toString('base64'),
        'sec-websocket-protocol': protocols,
      },
    })
    const statusOf = async (protocols: string) =>
      (await server.ask('/api/v1/namespaces', upgrade(protocols))).status
    expect(await statusOf(`v4.channel.k8s.io, ${carrier}`)).toBe(200)
    expect(await statusOf(carrier)).toBe(401)
    expect(await statusOf(`v4.channel.k8s.io, ${carrier}x`)).toBe(401)
    expect(await statusOf('v4.channel.k8s.io')).toBe(403)
  })
})

describe('without credentials', () => {
  test.for([
    ['/healthz', 200],
    ['/livez', 200],
    ['/readyz', 200],
    ['/version', 200],
    ['/api', 403],
    ['/api/v1/namespaces', 403],
    ['/metrics', 403],
  ] as const)('%s is answered %i', async ([path, status]) => {
    expect((await server.ask(path)).status).toBe(status)
  })

  test('nothing is answered when anonymous callers are turned away', async () => {
    await using closed = await startSecureServer({ anonymous: false })
    for (const path of ['/healthz', '/version', '/api/v1/namespaces']) {
      expect((await closed.ask(path)).status).toBe(401)
    }
  })

  test('who is refused learns no more than that', async () => {
    const { status, headers, body } = await server.ask('/api', { token: 'nonsense' })
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer realm="kubernetes-master"')
    expect(body).toMatchObject({ message: 'Unauthorized', reason: 'Unauthorized', code: 401 })
  })
})

describe('a proxy in front', () => {
  const says = {
    'X-Remote-User': 'zoë',
    'X-Remote-Uid': 'zoe-uid',
    'X-Remote-Group': ['staff', 'a, b'],
    'X-Remote-Extra-Example.com%2fScope': ['one', 'two'],
  }
  const headers = Object.fromEntries(
    // Node writes headers as Latin-1; on the wire they are UTF-8.
    Object.entries(says).map(([name, value]) => [
      name,
      [value].flat().map((each) => Buffer.from(each).toString('latin1')),
    ]),
  )

  test('is believed about the caller', async () => {
    expect(await whoAmI({ shows: server.pki.frontProxyClient, headers })).toEqual({
      username: 'zoë',
      uid: 'zoe-uid',
      groups: ['staff', 'a, b', 'system:authenticated'],
      extra: { 'example.com/scope': ['one', 'two'] },
    })
  })

  test('that says nothing about the caller is nobody', async () => {
    expect(await whoAmI({ shows: server.pki.frontProxyClient })).toBe(401)
  })

  test.for<[string, () => Request, number | object]>([
    ['without a certificate', () => ({}), 403],
    [
      'with a certificate of a client',
      () => ({ shows: clientPair(authorityOf(server, 'ca'), ann, later()) }),
      { username: 'ann' },
    ],
    [
      'with another name',
      () => ({ shows: clientPair(authorityOf(server, 'front-proxy-ca'), ann, later()) }),
      401,
    ],
    [
      'with a certificate of another authority',
      () => ({ shows: clientPair(otherAuthority('front-proxy-ca'), ann, later()) }),
      401,
    ],
    ['with a token', () => ({ token: 'static-token' }), { username: 'jo' }],
  ])('%s is not believed', async ([, how, who]) => {
    const found = await whoAmI({ ...how(), headers })
    if (typeof who === 'number') expect(found).toBe(who)
    else expect(found).toMatchObject(who)
  })
})

describe('a head that means two things', () => {
  /** As bytes, since no client of Node's would send it. */
  async function raw(lines: readonly string[], rest = ''): Promise<string> {
    const { port } = new URL(server.url)
    const socket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false })
    const head = [...lines, 'host: localhost', 'connection: close', '', ''].join('\r\n')
    socket.write(head + rest)
    return await text(socket)
  }
  const statusOf = (answer: string) => Number(answer.split(' ')[1])

  test.for<[string, readonly string[], string, number]>([
    [
      'two lengths of the body',
      ['POST /api HTTP/1.1', 'content-length: 4', 'transfer-encoding: chunked'],
      '0\r\n\r\nGET /api/v1/secrets HTTP/1.1\r\nhost: localhost\r\n\r\n',
      400,
    ],
    [
      'two different lengths',
      ['POST /api HTTP/1.1', 'content-length: 0', 'content-length: 9'],
      '',
      400,
    ],
    ['a folded line', ['GET /api HTTP/1.1', 'authorization: Bearer', ' static-token'], '', 400],
    [
      'a space before the colon',
      ['GET /api HTTP/1.1', 'authorization : Bearer static-token'],
      '',
      400,
    ],
    ['a bare line feed', ['GET /api HTTP/1.1\nauthorization: Bearer static-token'], '', 400],
    ['an underscore for a dash', ['GET /api HTTP/1.1', 'x_remote_user: admin'], '', 403],
    [
      'a second authorization behind a bad one',
      ['GET /api HTTP/1.1', 'authorization: Bearer x', 'authorization: Bearer static-token'],
      '',
      401,
    ],
    [
      'more than fits',
      ['GET /api HTTP/1.1', `authorization: Bearer ${'x'.repeat(80_000)}`],
      '',
      431,
    ],
  ])('%s', async ([, lines, rest, status]) => {
    const answer = await raw(lines, rest)
    expect(statusOf(answer)).toBe(status)
    expect(answer).not.toContain('SecretList')
  })
})

describe('the last of thousands of headers', () => {
  test('counts like the first', async () => {
    const filling = Object.fromEntries(Array.from({ length: 2500 }, (_, at) => [`x-${at}`, 'y']))
    const headers = { ...filling, 'impersonate-group': 'someone' }
    expect(await whoAmI({ token: 'static-token', headers })).toBe(400)
  })
})

describe('certificates of the server', () => {
  test('are swapped while a connection stays open', async () => {
    await using own = await startSecureServer({ credentials: { staticTokens: tokens } })
    const { port } = new URL(own.url)
    const open = () => connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false })
    const get = 'GET /version HTTP/1.1\r\nhost: localhost\r\n\r\n'
    const answered = async (socket: ReturnType<typeof open>) => {
      const { promise, resolve } = Promise.withResolvers<string>()
      socket.once('data', (data: Buffer) => resolve(data.toString().split('\r\n')[0]!))
      socket.write(get)
      return await promise
    }
    const old = open()
    expect(await answered(old)).toBe('HTTP/1.1 200 OK')
    const before = old.getPeerCertificate().serialNumber
    const renewed = Promise.withResolvers<void>()
    using _rotation = keepRenewed(own.pki, { clock: own.clock, log: collectingLog([]) }, (pair) => {
      own.test.server.useCertificate({ ...pair, clientCa: [own.pki.authority('ca')] })
      renewed.resolve()
    })
    // What was shown until now has expired.
    own.clock.jump(400 * 24 * HOUR_MS)
    await renewed.promise
    const fresh = open()
    expect(await answered(fresh)).toBe('HTTP/1.1 200 OK')
    const after = fresh.getPeerCertificate()
    expect(after.serialNumber).not.toBe(before)
    expect(Date.parse(after.valid_to)).toBeGreaterThan(own.clock.now() + 300 * 24 * HOUR_MS)
    expect(await answered(old)).toBe('HTTP/1.1 200 OK')
    old.destroy()
    fresh.destroy()
  })

  test('are not remembered in sessions: each connection shows its certificate anew', async () => {
    const { port } = new URL(server.url)
    const shown = server.pki.pair('admin')
    const options = { ...shown, port: Number(port), host: '127.0.0.1', rejectUnauthorized: false }
    const visit = async (session?: Buffer) => {
      const socket = connect({ ...options, ...(session && { session }) })
      const sessions: Buffer[] = []
      socket.on('session', (each) => sessions.push(each))
      let isReused: boolean | undefined
      socket.once('secureConnect', () => {
        isReused = socket.isSessionReused()
      })
      socket.end('GET /version HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
      await text(socket)
      return { sessions, isReused }
    }
    const { sessions } = await visit()
    for (const session of sessions) expect((await visit(session)).isReused).toBe(false)
    expect((await visit()).isReused).toBe(false)
  })

  test('of clients count no longer when they expire on an open connection', async () => {
    await using own = await startSecureServer()
    const { port } = new URL(own.url)
    const shows = clientPair(authorityOf(own, 'ca'), ann, own.clock.now() + HOUR_MS)
    const socket = connect({
      ...shows,
      port: Number(port),
      host: '127.0.0.1',
      rejectUnauthorized: false,
    })
    const status = async () => {
      const { promise, resolve } = Promise.withResolvers<number>()
      socket.once('data', (data: Buffer) => resolve(statusLine(data)))
      socket.write('GET /api/v1/namespaces/none HTTP/1.1\r\nhost: localhost\r\n\r\n')
      return await promise
    }
    expect(await status()).toBe(404)
    own.clock.jump(2 * HOUR_MS)
    expect(await status()).toBe(401)
    socket.destroy()
  })
})

const statusLine = (data: Buffer): number => Number(data.toString().split(' ')[1])
