/** Whom a new node trusts: every row but the first is somebody who is not the cluster. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { issueAuthority, newKey } from '#api/rules/certificate.ts'
import { parseHash, parseToken, publicKeyHash, verified } from './discovery.ts'

const token = { id: 'abcdef', secret: '0123456789abcdef' }
const server = 'https://192.0.2.1:6443'

function authority(): string {
  const key = newKey()
  const validity = { notBefore: Date.UTC(2026, 0), notAfter: Date.UTC(2036, 0) }
  const serial = Uint8Array.of(1, 2, 3)
  return issueAuthority({ commonName: 'kubernetes', key, validity, serial }).toString()
}

const ours = authority()
const foreign = authority()
const hashes = [publicKeyHash(ours)]

const infoOf = (bundle: string): string =>
  JSON.stringify({
    clusters: [
      {
        name: '',
        cluster: { server, 'certificate-authority-data': Buffer.from(bundle).toString('base64') },
      },
    ],
  })

function signed(content: string, secret = token.secret, header: object = { alg: 'HS256' }): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64url')
  const head = base64(JSON.stringify({ kid: token.id, ...header }))
  const text = `${head}.${base64(content)}`
  return `${head}..${createHmac('sha256', secret).update(text).digest('base64url')}`
}

const good = infoOf(ours)
const dataOf = (content: string, signature = signed(content)) => ({
  kubeconfig: content,
  'jws-kubeconfig-abcdef': signature,
})

test('verified() tells where the server of a good one is, and whom to trust', () => {
  expect(verified(dataOf(good), { token, hashes })).toEqual({ server, authority: ours })
})

test('verified() trusts no authority beside the one that was asked for', () => {
  const data = dataOf(infoOf(`${foreign}${ours}`))
  expect(verified(data, { token, hashes })).toEqual({ server, authority: ours })
})

test.for([
  { name: 'no content', data: {}, why: 'cluster-info: there is no kubeconfig in it' },
  { name: 'no signature', data: { kubeconfig: good }, why: 'does not know it any more' },
  {
    name: 'content that was changed',
    data: dataOf(good.replace('192.0.2.1', '192.0.2.66'), signed(good)),
    why: 'its secret is not the one',
  },
  { name: 'another secret', data: dataOf(good, signed(good, 'f'.repeat(16))), why: 'its secret' },
  {
    name: 'no algorithm',
    data: dataOf(good, signed(good, token.secret, { alg: 'none' })),
    why: 'its secret',
  },
  {
    name: 'the signature of another token',
    data: dataOf(good, signed(good, token.secret, { alg: 'HS256', kid: 'fedcba' })),
    why: 'its secret',
  },
  { name: 'a signature that is none', data: dataOf(good, 'x'), why: 'its secret' },
  { name: 'another authority', data: dataOf(infoOf(foreign)), why: 'authority of the cluster' },
  { name: 'no authority', data: dataOf(infoOf('')), why: 'found the key none' },
  { name: 'no cluster', data: dataOf('{"clusters":[]}'), why: 'wanted a server' },
])('verified() refuses $name', ({ data, why }) => {
  expect(() => verified(data, { token, hashes })).toThrow(why)
})

test('tokens and hashes are refused before anybody is asked', () => {
  expect(parseToken('abcdef.0123456789abcdef')).toEqual(token)
  expect(() => parseToken('abcdef')).toThrow('--token: wanted 6 and 16')
  expect(parseHash(`sha256:${'A'.repeat(64)}`)).toBe(`sha256:${'a'.repeat(64)}`)
  expect(() => parseHash('md5:00')).toThrow('found "md5:00", wanted sha256:')
})
