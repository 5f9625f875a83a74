/** Tokens that live in Secrets: those of new nodes, and endless ones of service accounts. */

import { SignJWT } from 'jose/jwt/sign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signingKey } from '#apiserver/auth/service-accounts/keys.ts'
import { tokenKeyText } from './credentials.ts'
import { type SecureServer, startSecureServer } from './secure-server.ts'

const HOUR_MS = 3_600_000
let server: SecureServer

beforeAll(async () => {
  server = await startSecureServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const admin = () => ({ shows: server.pki.pair('admin') })

async function make(path: string, body: unknown) {
  const answer = await server.ask(path, { method: 'POST', body, ...admin() })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}

async function whoAmI(token: string) {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const answer = await server.ask(path, { method: 'POST', body, token })
  return answer.status === 201 ? answer.body.status.userInfo : answer.status
}

describe('a bootstrap token', () => {
  let count = 0

  async function tokenOf(data: object, more: object = {}, namespace = 'kube-system') {
    const id = `abc${String(++count).padStart(3, '0')}`
    const secret = '0123456789abcdef'
    await make(`/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `bootstrap-token-${id}` },
      type: 'bootstrap.kubernetes.io/token',
      stringData: {
        'token-id': id,
        'token-secret': secret,
        'usage-bootstrap-authentication': 'true',
        ...data,
      },
      ...more,
    })
    return { id, token: `${id}.${secret}` }
  }

  test('makes its bearer a new node', async () => {
    const groups = 'system:bootstrappers:kubeadm:default-node-token,system:bootstrappers:a'
    const { id, token } = await tokenOf({ 'auth-extra-groups': groups })
    expect(await whoAmI(token)).toEqual({
      username: `system:bootstrap:${id}`,
      groups: [
        'system:bootstrappers',
        'system:bootstrappers:a',
        'system:bootstrappers:kubeadm:default-node-token',
        'system:authenticated',
      ],
    })
    await server.ask(`/api/v1/namespaces/kube-system/secrets/bootstrap-token-${id}`, {
      method: 'DELETE',
      ...admin(),
    })
    expect(await whoAmI(token)).toBe(401)
  })

  test('is good until it expires', async () => {
    const at = (ms: number) => new Date(server.clock.now() + ms).toISOString().slice(0, 19)
    expect(await whoAmI((await tokenOf({ expiration: `${at(HOUR_MS)}Z` })).token)).toMatchObject({
      groups: ['system:bootstrappers', 'system:authenticated'],
    })
    expect(await whoAmI((await tokenOf({ expiration: `${at(-HOUR_MS)}Z` })).token)).toBe(401)
  })

  test.for<[string, object, object, string]>([
    ['not meant for it', { 'usage-bootstrap-authentication': 'false' }, {}, 'kube-system'],
    ['with another id', { 'token-id': 'zzzzzz' }, {}, 'kube-system'],
    ['with another secret', { 'token-secret': 'fedcba9876543210' }, {}, 'kube-system'],
    ['with a shorter secret', { 'token-secret': 'fed' }, {}, 'kube-system'],
    ['with an end that cannot be read', { expiration: 'tomorrow' }, {}, 'kube-system'],
    ['in the group of masters', { 'auth-extra-groups': 'system:masters' }, {}, 'kube-system'],
    ['of another type', {}, { type: 'Opaque' }, 'kube-system'],
    ['in another namespace', {}, {}, 'default'],
  ])('%s lets nobody in', async ([, data, more, namespace]) => {
    const { token } = await tokenOf(data, more, namespace)
    expect(await whoAmI(token)).toBe(401)
  })

  test('counts for nothing unless it is switched on', async () => {
    await using own = await startSecureServer({ credentials: { bootstrapTokens: false } })
    const answer = await own.ask('/api/v1/namespaces/kube-system/secrets', {
      method: 'POST',
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'bootstrap-token-abcdef' },
        type: 'bootstrap.kubernetes.io/token',
        stringData: {
          'token-id': 'abcdef',
          'token-secret': '0123456789abcdef',
          'usage-bootstrap-authentication': 'true',
        },
      },
      shows: own.pki.pair('admin'),
    })
    expect(answer.status).toBe(201)
    expect((await own.ask('/version', { token: 'abcdef.0123456789abcdef' })).status).toBe(401)
  })
})

describe('a token without an end', () => {
  const secrets = '/api/v1/namespaces/default/secrets'
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  const key = signingKey(tokenKeyText)

  const signed = (claims: object) =>
    new SignJWT({ iss: 'kubernetes/serviceaccount', ...claims })
      .setProtectedHeader({ alg: key.algorithm, kid: key.id })
      .sign(key.key)

  /** As the token controller makes them. */
  async function tokenOf(name: string, change: object = {}) {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }
    const { uid } = (await make(accounts, account)).metadata
    const token = await signed({
      sub: `system:serviceaccount:default:${name}`,
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': `${name}-token`,
      'kubernetes.io/serviceaccount/service-account.name': name,
      'kubernetes.io/serviceaccount/service-account.uid': uid,
      ...change,
    })
    await make(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: `${name}-token`,
        annotations: { 'kubernetes.io/service-account.name': name },
      },
      type: 'kubernetes.io/service-account-token',
      stringData: { token },
    })
    return token
  }

  const change = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const { status } = await server.ask(path, { method: 'PATCH', headers, body, ...admin() })
    expect(status).toBe(200)
  }
  const review = async (token: string) => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token },
    }
    const path = '/apis/authentication.k8s.io/v1/tokenreviews'
    return (await server.ask(path, { method: 'POST', body, ...admin() })).body.status
  }

  test('is good as long as its secret holds it, and its use is noted', async () => {
    const token = await tokenOf('old')
    expect(await whoAmI(token)).toMatchObject({ username: 'system:serviceaccount:default:old' })
    // Writes happen in the order in which they were asked for: behind this one, the note is made.
    await change(`${secrets}/old-token`, { stringData: { token: `${token.slice(0, -4)}AAAA` } })
    const { labels } = (await server.ask(`${secrets}/old-token`, admin())).body.metadata
    const today = new Date(server.clock.now()).toISOString().slice(0, 10)
    expect(labels).toEqual({ 'kubernetes.io/legacy-token-last-used': today })
    expect((await review(token)).error).toContain("Token does not match server's copy")
    await server.ask(`${secrets}/old-token`, { method: 'DELETE', ...admin() })
    expect((await review(token)).error).toContain('Token has been invalidated')
    expect(await whoAmI(token)).toBe(401)
  })

  test('ends when it is marked as invalid', async () => {
    const token = await tokenOf('marked')
    const labels = { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }
    await change(`${secrets}/marked-token`, { metadata: { labels } })
    expect((await review(token)).error).toContain(
      'the token in secret default/marked-token for service account default/marked has been marked invalid',
    )
    await change(`${secrets}/marked-token`, {
      metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': null } },
    })
    expect(await whoAmI(token)).toMatchObject({ username: expect.any(String) })
  })

  test('that was made by itself comes with a warning', async () => {
    const token = await tokenOf('made')
    await change(`${accounts}/made`, { secrets: [{ name: 'made-token' }] })
    const { headers } = await server.ask('/api/v1/namespaces', { token })
    expect(headers.get('warning')).toContain('instead of auto-generated secret-based tokens.')
  })

  test('ends with its account', async () => {
    const token = await tokenOf('gone')
    await server.ask(`${accounts}/gone`, { method: 'DELETE', ...admin() })
    expect(await whoAmI(token)).toBe(401)
    expect((await review(token)).error).toContain('serviceaccounts "gone" not found')
  })

  test.for<[string, object, string]>([
    [
      'no namespace',
      { 'kubernetes.io/serviceaccount/namespace': '' },
      'namespace claim is missing',
    ],
    ['no secret', { 'kubernetes.io/serviceaccount/secret.name': 7 }, 'secretName claim is missing'],
    ['another subject', { sub: 'system:serviceaccount:kube-system:x' }, 'sub claim is invalid'],
    ['no subject', { sub: '' }, 'sub claim is missing'],
    [
      'another uid',
      { 'kubernetes.io/serviceaccount/service-account.uid': 'x' },
      'does not match claim (x)',
    ],
  ])('with %s is refused', async ([name, claims, message]) => {
    const token = await tokenOf(name.replaceAll(' ', '-'), claims)
    expect((await review(token)).error).toContain(message)
    expect(await whoAmI(token)).toBe(401)
  })
})
