/** Tokens of service accounts from request to end: what they say, whom they let in, until when. */
import { createHmac, createPublicKey, sign, verify } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newKey } from '#api/rules/certificate.ts'
import { signingKey } from '#apiserver/auth/service-accounts/keys.ts'
import { TEST_ISSUER, testCredentials, tokenKeyText } from './credentials.ts'
import { type SecureServer, startSecureServer } from './secure-server.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const AUTHENTICATION = 'authentication.k8s.io/v1'
const WHOAMI = `/apis/${AUTHENTICATION}/selfsubjectreviews`

let server: SecureServer
let space: string
let count = 0

beforeAll(async () => {
  server = await startSecureServer()
})
afterAll(() => server[Symbol.asyncDispose]())

beforeEach(async () => {
  space = `space-${++count}`
  await make('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: space },
  })
  await make(`/api/v1/namespaces/${space}/serviceaccounts`, account('robot'))
})

const admin = () => ({ shows: server.pki.pair('admin') })
const account = (name: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })
const podOf = (name: string, serviceAccountName: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { serviceAccountName, containers: [{ name: 'c', image: 'example.com/c:1' }], ...more },
})

async function make(path: string, body: unknown, at = server) {
  const answer = await at.ask(path, { method: 'POST', body, shows: at.pki.pair('admin') })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}

async function remove(path: string) {
  const { status } = await server.ask(path, { method: 'DELETE', ...admin() })
  expect(status).toBe(200)
}

const requestToken = (spec: object = {}, more: object = {}, name = 'robot') =>
  server.ask(`/api/v1/namespaces/${space}/serviceaccounts/${name}/token`, {
    method: 'POST',
    body: { apiVersion: AUTHENTICATION, kind: 'TokenRequest', spec, ...more },
    ...admin(),
  })

async function tokenFor(spec: object = {}, name = 'robot'): Promise<string> {
  const { status, body } = await requestToken(spec, {}, name)
  expect(status, JSON.stringify(body)).toBe(201)
  return body.status.token
}

async function whoAmI(token: string) {
  const body = { apiVersion: AUTHENTICATION, kind: 'SelfSubjectReview' }
  const answer = await server.ask(WHOAMI, { method: 'POST', body, token })
  return answer.status === 201 ? answer.body.status.userInfo : answer.status
}

async function review(token: string, audiences?: string[]) {
  const spec = { token, ...(audiences && { audiences }) }
  const body = { apiVersion: AUTHENTICATION, kind: 'TokenReview', spec }
  const path = `/apis/${AUTHENTICATION}/tokenreviews`
  return (await server.ask(path, { method: 'POST', body, ...admin() })).body.status
}

const partOf = (token: string, at: number) =>
  JSON.parse(Buffer.from(token.split('.')[at]!, 'base64url').toString())
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token', () => {
  test('says what upstream says', async () => {
    const token = await tokenFor({ expirationSeconds: 700 })
    const seconds = Math.floor(server.clock.now() / 1000)
    const key = signingKey(tokenKeyText)
    expect(partOf(token, 0)).toEqual({ alg: 'ES256', kid: key.id })
    const { uid } = (await server.ask(`/api/v1/namespaces/${space}/serviceaccounts/robot`, admin()))
      .body.metadata
    expect(partOf(token, 1)).toEqual({
      aud: [TEST_ISSUER],
      exp: seconds + 700,
      iat: seconds,
      iss: TEST_ISSUER,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'kubernetes.io': { namespace: space, serviceaccount: { name: 'robot', uid } },
      nbf: seconds,
      sub: `system:serviceaccount:${space}:robot`,
    })
    const [head, payload, signature] = token.split('.')
    const signed = Buffer.from(`${head}.${payload}`)
    const publicKey = { key: createPublicKey(key.key), dsaEncoding: 'ieee-p1363' as const }
    expect(verify('sha256', signed, publicKey, Buffer.from(signature!, 'base64url'))).toBe(true)
  })

  test('makes its bearer the account', async () => {
    const token = await tokenFor()
    const { jti, 'kubernetes.io': bound } = partOf(token, 1)
    expect(await whoAmI(token)).toEqual({
      username: `system:serviceaccount:${space}:robot`,
      uid: bound.serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${space}`, 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] },
    })
  })

  test('of a pod names the pod and its node, which need not exist', async () => {
    await make(`/api/v1/namespaces/${space}/pods`, podOf('p', 'robot', { nodeName: 'n-gone' }))
    const reference = { apiVersion: 'v1', kind: 'Pod', name: 'p' }
    const token = await tokenFor({ boundObjectRef: reference })
    const { pod, node } = partOf(token, 1)['kubernetes.io']
    expect(node).toEqual({ name: 'n-gone' })
    expect((await whoAmI(token)).extra).toEqual({
      'authentication.kubernetes.io/credential-id': [expect.any(String)],
      'authentication.kubernetes.io/node-name': ['n-gone'],
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': [pod.uid],
    })
  })
})

describe('a token ends', () => {
  test('with its time, and a minute more for clocks that differ', async () => {
    await using own = await startSecureServer()
    await make(`/api/v1/namespaces/default/serviceaccounts`, account('robot'), own)
    const answer = await own.ask('/api/v1/namespaces/default/serviceaccounts/robot/token', {
      method: 'POST',
      body: { apiVersion: AUTHENTICATION, kind: 'TokenRequest', spec: { expirationSeconds: 600 } },
      shows: own.pki.pair('admin'),
    })
    const { token } = answer.body.status
    const status = async () => (await own.ask('/api/v1/namespaces', { token })).status
    own.clock.jump(10.9 * MINUTE_MS)
    expect(await status()).toBe(200)
    own.clock.jump(0.2 * MINUTE_MS)
    expect(await status()).toBe(401)
  })

  test('with its account, and a new account of the same name does not bring it back', async () => {
    const token = await tokenFor()
    expect(await whoAmI(token)).toMatchObject({ username: expect.any(String) })
    await remove(`/api/v1/namespaces/${space}/serviceaccounts/robot`)
    expect(await whoAmI(token)).toBe(401)
    await make(`/api/v1/namespaces/${space}/serviceaccounts`, account('robot'))
    expect(await whoAmI(token)).toBe(401)
    expect((await review(token)).error).toMatch(/service account UID \(.*\) does not match claim/)
  })

  test.for([
    ['pods', 'Pod', () => podOf('bound', 'robot')],
    [
      'secrets',
      'Secret',
      () => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bound' } }),
    ],
  ] as const)('with what it is bound to: %s', async ([plural, kind, object]) => {
    const path = `/api/v1/namespaces/${space}/${plural}`
    await make(path, object())
    const token = await tokenFor({ boundObjectRef: { apiVersion: 'v1', kind, name: 'bound' } })
    expect(await whoAmI(token)).toMatchObject({ username: expect.any(String) })
    await server.ask(`${path}/bound?gracePeriodSeconds=0`, { method: 'DELETE', ...admin() })
    expect(await whoAmI(token)).toBe(401)
    expect((await review(token)).error).toContain('service account token has been invalidated')
    await make(path, object())
    expect((await review(token)).error).toContain('does not match service account')
  })

  test('with its node', async () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: `node-${space}` } }
    await make('/api/v1/nodes', node)
    const reference = { apiVersion: 'v1', kind: 'Node', name: node.metadata.name }
    const token = await tokenFor({ boundObjectRef: reference })
    expect((await whoAmI(token)).extra).toMatchObject({
      'authentication.kubernetes.io/node-name': [node.metadata.name],
    })
    await remove(`/api/v1/nodes/${node.metadata.name}`)
    expect(await whoAmI(token)).toBe(401)
  })

  test('a minute after its account began to go, whatever holds that up', async () => {
    await using own = await startSecureServer()
    const path = '/api/v1/namespaces/default/serviceaccounts'
    const held = { ...account('held'), metadata: { name: 'held', finalizers: ['example.com/x'] } }
    await make(path, held, own)
    const { body } = await own.ask(`${path}/held/token`, {
      method: 'POST',
      body: { apiVersion: AUTHENTICATION, kind: 'TokenRequest', spec: {} },
      shows: own.pki.pair('admin'),
    })
    const status = async () =>
      (await own.ask('/api/v1/namespaces', { token: body.status.token })).status
    await own.ask(`${path}/held`, { method: 'DELETE', shows: own.pki.pair('admin') })
    expect(await status()).toBe(200)
    own.clock.jump(1.1 * MINUTE_MS)
    expect(await status()).toBe(401)
  })

  test('not with changes of its account or pod', async () => {
    await make(`/api/v1/namespaces/${space}/pods`, podOf('p', 'robot'))
    const token = await tokenFor({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p' } })
    await whoAmI(token)
    for (const path of ['pods/p', 'serviceaccounts/robot']) {
      const { status } = await server.ask(`/api/v1/namespaces/${space}/${path}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { metadata: { labels: { changed: 'yes' } } },
        ...admin(),
      })
      expect(status).toBe(200)
      expect(await whoAmI(token)).toMatchObject({ username: expect.any(String) })
    }
  })
})

describe('a forged token', () => {
  const other = newKey()
  const own = signingKey(tokenKeyText)

  function forged(token: string, head: object, change: object, key = own.key): string {
    const text = `${encoded({ ...partOf(token, 0), ...head })}.${encoded({ ...partOf(token, 1), ...change })}`
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }

  test('of our own making is good, so that the others fail for their own reasons', async () => {
    expect(await whoAmI(forged(await tokenFor(), {}, {}))).toMatchObject({
      username: expect.any(String),
    })
  })

  test.for<[string, (token: string) => string]>([
    ['signed by another key', (token) => forged(token, {}, {}, other)],
    [
      'signed by another key, without its id',
      (token) => forged(token, { kid: undefined }, {}, other),
    ],
    ['with an unknown key', (token) => forged(token, { kid: 'nobody' }, {})],
    [
      'with its payload changed',
      (token) => {
        const [head, , signature] = token.split('.')
        return `${head}.${encoded({ ...partOf(token, 1), sub: 'system:admin' })}.${signature}`
      },
    ],
    ['of no algorithm', (token) => `${encoded({ alg: 'none' })}.${token.split('.')[1]}.`],
    ['of no algorithm, with our key', (token) => forged(token, { alg: 'none' }, {})],
    [
      'whose secret is our public key',
      (token) => {
        const secret = createPublicKey(own.key).export({ type: 'spki', format: 'pem' })
        const text = `${encoded({ alg: 'HS256', kid: own.id })}.${token.split('.')[1]}`
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
      },
    ],
    ['of another algorithm', (token) => forged(token, { alg: 'RS256' }, {})],
    ['that wants something understood', (token) => forged(token, { crit: ['x'], x: 1 }, {})],
    ['of another issuer', (token) => forged(token, {}, { iss: 'https://elsewhere.test' })],
    ['of no issuer', (token) => forged(token, {}, { iss: undefined })],
    ['for somebody else', (token) => forged(token, {}, { aud: ['https://elsewhere.test'] })],
    ['that has expired', (token) => forged(token, {}, { exp: 1 })],
    ['not valid yet', (token) => forged(token, {}, { nbf: 9e9 })],
    ['from the future', (token) => forged(token, {}, { iat: 9e9 })],
    ['whose end is a text', (token) => forged(token, {}, { exp: 'never' })],
    ['of no account', (token) => forged(token, {}, { 'kubernetes.io': {} })],
    ['with two dots too few', () => 'x'],
    ['that is huge', (token) => `${token}${'A'.repeat(40_000)}`],
  ])('%s is refused', async ([, forge]) => {
    const token = forge(await tokenFor())
    expect(await whoAmI(token)).toBe(401)
    expect((await review(token)).authenticated).toBeUndefined()
  })

  test('for nobody in particular is for this server', async () => {
    const token = forged(await tokenFor(), {}, { aud: undefined })
    expect(await whoAmI(token)).toMatchObject({ username: expect.any(String) })
  })
})

describe('a request for a token', () => {
  test.for<[string, object, object, number, string]>([
    [
      'names another account',
      {},
      { metadata: { name: 'other' } },
      422,
      'must match the service account name if specified',
    ],
    [
      'names another namespace',
      {},
      { metadata: { namespace: 'other' } },
      422,
      'must match the service account namespace if specified',
    ],
    [
      'asks for too little',
      { expirationSeconds: 599 },
      {},
      422,
      'may not specify a duration less than 10 minutes',
    ],
    [
      'binds to a kind that does not fit',
      { boundObjectRef: { apiVersion: 'apps/v1', kind: 'Pod', name: 'x' } },
      {},
      400,
      'cannot bind token to object of type apps/v1, Kind=Pod',
    ],
    [
      'binds to a node that is not there',
      { boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'x' } },
      {},
      404,
      'nodes "x" not found',
    ],
  ])('%s', async ([, spec, more, status, message]) => {
    const answer = await requestToken(spec, more)
    expect(answer.status).toBe(status)
    expect(answer.body.message).toContain(message)
  })

  test('is not for a pod of another account', async () => {
    await make(`/api/v1/namespaces/${space}/serviceaccounts`, account('other'))
    await make(`/api/v1/namespaces/${space}/pods`, podOf('p', 'other'))
    const { status, body } = await requestToken({ boundObjectRef: { kind: 'Pod', name: 'p' } })
    expect(status).toBe(400)
    expect(body.message).toBe(
      'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
    )
  })

  test('is not for an object that was replaced', async () => {
    await make(`/api/v1/namespaces/${space}/pods`, podOf('p', 'robot'))
    const reference = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'old' }
    const { status, body } = await requestToken({ boundObjectRef: reference })
    expect(status).toBe(409)
    expect(body.message).toBe(
      'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (old) does ' +
        'not match the UID in record. The object might have been deleted and then recreated',
    )
  })

  test('of a kubelet is good for a year, and says after which time it is stale', async () => {
    await make(`/api/v1/namespaces/${space}/pods`, podOf('p', 'robot'))
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'p' }
    const { body } = await requestToken({ boundObjectRef, expirationSeconds: 3607 })
    const { iat, exp, 'kubernetes.io': bound } = partOf(body.status.token, 1)
    expect(exp - iat).toBe((365 * DAY_MS) / 1000)
    expect(bound.warnafter - iat).toBe(3607)
    expect(Date.parse(body.status.expirationTimestamp) / 1000 - iat).toBe(3607)
    const elsewhere = { boundObjectRef, expirationSeconds: 3607, audiences: ['elsewhere'] }
    const claims = partOf(await tokenFor(elsewhere), 1)
    expect(claims.exp - claims.iat).toBe(3607)
  })

  test('for longer than is allowed gets less, and a warning', async () => {
    const serviceAccounts = { ...testCredentials.serviceAccounts, maxExpirationSeconds: 3600 }
    await using own = await startSecureServer({ credentials: { serviceAccounts } })
    await make('/api/v1/namespaces/default/serviceaccounts', account('robot'), own)
    const { headers, body } = await own.ask(
      '/api/v1/namespaces/default/serviceaccounts/robot/token',
      {
        method: 'POST',
        body: {
          apiVersion: AUTHENTICATION,
          kind: 'TokenRequest',
          spec: { expirationSeconds: 7200 },
        },
        shows: own.pki.pair('admin'),
      },
    )
    expect(headers.get('warning')).toContain(
      'requested expiration of 7200 seconds shortened to 3600 seconds',
    )
    expect(body.spec.expirationSeconds).toBe(3600)
  })
})

describe('a review', () => {
  test('says for whom of those asked about the token is', async () => {
    const token = await tokenFor({ audiences: ['a', 'b'] })
    expect(await review(token, ['b', 'c'])).toMatchObject({ authenticated: true, audiences: ['b'] })
    const answer = await review(token)
    expect(answer).toEqual({
      user: {},
      error: `[invalid bearer token, token audiences ["a" "b"] is invalid for the target audiences ["${TEST_ISSUER}"]]`,
    })
    expect(await whoAmI(token)).toBe(401)
  })

  test('answers for this server when nobody is named', async () => {
    expect(await review(await tokenFor())).toMatchObject({
      authenticated: true,
      audiences: [TEST_ISSUER],
    })
  })
})

describe('what others need to check tokens', () => {
  const ask = (path: string) => server.ask(path, admin())

  test('is published', async () => {
    const { headers, body } = await ask('/.well-known/openid-configuration')
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('public, max-age=3600')
    expect(body).toEqual({
      issuer: TEST_ISSUER,
      jwks_uri: testCredentials.keysUrl,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
  })

  test('is enough, and holds no secret', async () => {
    const { headers, body } = await ask('/openid/v1/jwks')
    expect(headers.get('content-type')).toBe('application/jwk-set+json')
    const [key] = body.keys
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    const token = await tokenFor()
    expect(partOf(token, 0).kid).toBe(key.kid)
    const [head, payload, signature] = token.split('.')
    const publicKey = createPublicKey({ key, format: 'jwk' })
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
    const signed = Buffer.from(`${head}.${payload}`)
    expect(verify('sha256', signed, how, Buffer.from(signature!, 'base64url'))).toBe(true)
  })

  test('is not for everybody', async () => {
    expect((await server.ask('/openid/v1/jwks')).status).toBe(403)
  })
})
