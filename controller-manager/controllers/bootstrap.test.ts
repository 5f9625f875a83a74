/** Bootstrap tokens: what they sign, and when they go. */
import { expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { bootstrapSignerController } from './bootstrap-signer.ts'
import { bootstrapTokenCleanerController } from './bootstrap-token-cleaner.ts'
import { detachedSignature, signedData, signingToken, tokenExpiry } from './bootstrap-tokens.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const id = 'abcdef'
const secret = '0123456789abcdef'
const good: Record<string, string> = {
  'token-id': id,
  'token-secret': secret,
  'usage-bootstrap-signing': 'true',
}
const encoded = (data: Record<string, string>) =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, base64(value)]))

const tokenSecret = (data: Record<string, string>, name = `bootstrap-token-${id}`) => ({
  metadata: { name, namespace: 'kube-system' },
  type: 'bootstrap.kubernetes.io/token',
  data: encoded(data),
})
const now = Date.UTC(2030, 0, 1)

test.for([
  { name: 'a good one', data: good, isGood: true },
  { name: 'in time', data: { ...good, expiration: '2030-01-01T01:00:00Z' }, isGood: true },
  { name: 'too late', data: { ...good, expiration: '2030-01-01T00:00:00Z' } },
  { name: 'at no time', data: { ...good, expiration: 'tomorrow' } },
  { name: 'not to sign with', data: { ...good, 'usage-bootstrap-signing': 'false' } },
  { name: 'of another id', data: { ...good, 'token-id': 'fedcba' } },
  { name: 'without a secret', data: { ...good, 'token-secret': '' } },
  { name: 'by another name', data: good, secretName: 'token' },
])('signingToken(): $name', ({ data, secretName, isGood = false }) => {
  const token = signingToken(tokenSecret(data, secretName) as unknown as Secret, now)
  expect(token).toEqual(isGood ? { id, secret } : undefined)
})

test('a secret of another type is no token', () => {
  const other = { ...tokenSecret(good), type: 'Opaque' } as unknown as Secret
  expect(signingToken(other, now)).toBeUndefined()
  expect(tokenExpiry(other)).toBeUndefined()
})

/** As kubeadm computes and compares it, byte for byte. */
test('detachedSignature() is what others make of the same', () => {
  const content = 'Hello from the other side. I must have called a thousand times.'
  const token = { id: 'joshua', secret: 'my voice is my passcode' }
  expect(detachedSignature(content, token)).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8',
  )
})

test.for([
  { name: 'nothing to sign', data: { other: 'x' }, tokens: [{ id, secret }], want: undefined },
  {
    name: 'a new token',
    data: { kubeconfig: 'k', other: 'x' },
    tokens: [{ id, secret }],
    want: ['kubeconfig', 'other', 'jws-kubeconfig-abcdef'],
  },
  {
    name: 'a token that went',
    data: { kubeconfig: 'k', 'jws-kubeconfig-abcdef': 'x' },
    tokens: [],
    want: ['kubeconfig'],
  },
  {
    name: 'a signature that is not right',
    data: { kubeconfig: 'k', 'jws-kubeconfig-abcdef': 'x' },
    tokens: [{ id, secret }],
    want: ['kubeconfig', 'jws-kubeconfig-abcdef'],
  },
  { name: 'nothing to do', data: { kubeconfig: 'k' }, tokens: [], want: undefined },
])('signedData(): $name', ({ data, tokens, want }) => {
  const signed = signedData(data as unknown as Record<string, string>, tokens)
  expect(signed && Object.keys(signed)).toEqual(want)
  if (signed) expect(signedData(signed, tokens)).toBeUndefined()
})

const info = { name: 'cluster-info', namespace: 'kube-public' }
const signatures = async ({ client }: Cluster) =>
  Object.keys((await client.get(ConfigMap, info)).data ?? {}).filter((key) => key.startsWith('jws'))

test('cluster-info is signed with each token for as long as the token lives', async () => {
  const controllers = [bootstrapSignerController, bootstrapTokenCleanerController]
  await using cluster = await startCluster({ controllers })
  const { client, clock } = cluster
  await client.create(ConfigMap, { metadata: info, data: { kubeconfig: 'first' } })
  const elsewhere = { name: 'cluster-info', namespace: 'default' }
  await client.create(ConfigMap, { metadata: elsewhere, data: { kubeconfig: 'not ours' } })
  const later = { ...good, 'token-id': 'later0', expiration: '2030-01-01T00:01:00Z' }
  await client.create(Secret, tokenSecret(good) as never)
  await client.create(Secret, tokenSecret(later, 'bootstrap-token-later0') as never)
  await client.create(Secret, { metadata: { ...info, namespace: 'kube-system' } })
  await cluster.settle()
  expect(await signatures(cluster)).toEqual(['jws-kubeconfig-abcdef', 'jws-kubeconfig-later0'])
  await client.patch(ConfigMap, info, { data: { kubeconfig: 'second' } })
  await cluster.settle()
  const { data = {} } = await client.get(ConfigMap, info)
  expect(data['jws-kubeconfig-abcdef']).toBe(detachedSignature('second', { id, secret }))
  clock.jump(60_000)
  await cluster.settle()
  expect(await signatures(cluster)).toEqual(['jws-kubeconfig-abcdef'])
  const names = (await client.list(Secret)).map(({ metadata }) => metadata.name)
  expect(names.toSorted()).toEqual(['bootstrap-token-abcdef', 'cluster-info'])
  const untouched = await client.get(ConfigMap, elsewhere)
  expect(untouched.data).toEqual({ kubeconfig: 'not ours' })
  expect(cluster.logged).toEqual([])
})
