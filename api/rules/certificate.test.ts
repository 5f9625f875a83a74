/** Certificates of ours, judged by OpenSSL in real handshakes. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { type Authority, issueAuthority, issueLeaf, newKey, type Usage } from './certificate.ts'

const HOUR_MS = 3_600_000
const now = Date.now()
const validity = { notBefore: now - HOUR_MS, notAfter: now + HOUR_MS }
const serial = Buffer.from([0x90, 1, 2, 3])
const pem = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }))

function authorityWith(key: KeyObject, commonName = 'authority'): Authority {
  return { key, certificate: issueAuthority({ commonName, key, validity, serial }) }
}

function leafOf(authority: Authority, usages: readonly Usage[], names: readonly string[] = []) {
  const key = newKey()
  const subject = { commonName: 'someone', organizations: ['one', 'two, with "marks"'] }
  const publicKey = createPublicKey(key)
  const certificate = issueLeaf(authority, { subject, publicKey, usages, names, validity, serial })
  return { cert: certificate.toString(), key: pem(key), certificate }
}

type Shown = Pick<ReturnType<typeof leafOf>, 'cert' | 'key'>

/** What each side thinks of the other. */
async function handshake(authority: Authority, server: Shown, client: Shown, host: string) {
  const ca = authority.certificate.toString()
  const options = { ...server, ca, requestCert: true, rejectUnauthorized: false }
  const listener = createServer(options).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const checked = { servername: host.includes('.0.') ? '' : host, host: '127.0.0.1', port }
  const socket = connect({ ...client, ...checked, ca, rejectUnauthorized: false })
  const [[ours]] = await Promise.all([
    once(listener, 'secureConnection') as Promise<[TLSSocket]>,
    once(socket, 'secureConnect'),
  ])
  const seen = {
    byServer: ours.authorized ? 'good' : String(ours.authorizationError),
    byClient: String(socket.authorizationError ?? 'good'),
    peer: ours.getPeerCertificate().subject,
  }
  socket.destroy()
  ours.destroy()
  listener.close()
  return seen
}

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

describe('a handshake', () => {
  test.for([
    ['elliptic curves', newKey()],
    ['RSA', rsaKey],
  ] as const)('succeeds below an authority with %s', async ([, key]) => {
    const authority = authorityWith(key)
    const server = leafOf(authority, ['server'], ['kubernetes.default.svc', '127.0.0.1', '::1'])
    const client = leafOf(authority, ['client'])
    const seen = await handshake(authority, server, client, 'kubernetes.default.svc')
    expect(seen).toMatchObject({ byServer: 'good', byClient: 'good' })
    expect(seen.peer.CN).toBe('someone')
    expect(seen.peer.O).toEqual(['one', 'two, with "marks"'])
  })

  test('fails for a name that the certificate does not carry', async () => {
    const authority = authorityWith(newKey())
    const [server, client] = [
      leafOf(authority, ['server'], ['a.test']),
      leafOf(authority, ['client']),
    ]
    const { byClient } = await handshake(authority, server, client, 'b.test')
    expect(byClient).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('fails for a server certificate in the hands of a client', async () => {
    const authority = authorityWith(newKey())
    const server = leafOf(authority, ['server'], ['a.test'])
    const { byServer } = await handshake(authority, server, server, 'a.test')
    expect(byServer).toContain('INVALID_PURPOSE')
  })

  test('fails below another authority of the same name', async () => {
    const authority = authorityWith(newKey())
    const client = leafOf(authorityWith(newKey()), ['client'])
    const server = leafOf(authority, ['server'], ['a.test'])
    const { byServer } = await handshake(authority, server, client, 'a.test')
    expect(byServer).not.toBe('good')
  })
})

test('names, addresses and numbers stand where others look for them', () => {
  const authority = authorityWith(newKey())
  const { certificate } = leafOf(authority, ['server'], ['a.test', '10.96.0.1', 'fd00::1'])
  expect(certificate.subjectAltName).toBe(
    'DNS:a.test, IP Address:10.96.0.1, IP Address:FD00:0:0:0:0:0:0:1',
  )
  expect(certificate.serialNumber).toBe('90010203')
  expect(certificate.ca).toBe(false)
  expect(certificate.checkIssued(authority.certificate)).toBe(true)
  expect(authority.certificate.ca).toBe(true)
})

test('an authority made elsewhere is repeated byte for byte, its key identifier too', async () => {
  // Made by openssl: a name of several parts, and an identifier that is not the SHA-1 of its key.
  const text = readFileSync('test/fixtures/pki/other-authority.pem', 'utf8')
  const end = text.indexOf('-----BEGIN CERTIFICATE')
  const key = createPrivateKey(text.slice(0, end))
  const authority = { key, certificate: new X509Certificate(text.slice(end)) }
  const [server, client] = [
    leafOf(authority, ['server'], ['a.test']),
    leafOf(authority, ['client']),
  ]
  const seen = await handshake(authority, server, client, 'a.test')
  expect(seen).toMatchObject({ byServer: 'good', byClient: 'good' })
  expect(client.certificate.issuer).toBe(authority.certificate.subject)
})
