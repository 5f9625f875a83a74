/** What requests that OpenSSL has made ask for, and whether the cluster's signers would do it. */
import { describe, expect, test } from 'vitest'
import {
  clientUsagesProblem,
  extendedUsagesOf,
  keyUsageOf,
  kubeletClientProblem,
  kubeletServingProblem,
  type RequestedCertificate,
  requestedCertificate,
} from './requested-certificate.ts'

/** Made with openssl. */
const client =
  'MIHqMIGRAgEAMC8xFTATBgNVBAoMDHN5c3RlbTpub2RlczEWMBQGA1UEAwwNc3lzdGVtOm5vZGU6YTBZMBMG' +
  'ByqGSM49AgEGCCqGSM49AwEHA0IABAq8xShZEC64ft9o+6L6cyba6wlequzkRI2Qtcdl7a5hMkHq95T3GFYB' +
  'HYJ47s4p7UUpony/W8EDEfnx0g6c+GmgADAKBggqhkjOPQQDAgNIADBFAiEAuuvnpzdsg4rdRvm6gzX3Ve99' +
  'dsk6XHyE9VuYFDjjuCsCIDHY09j5Ze5H4DTsgpDv0I9hKr/ERoUq6UhBTPIoASVO'
const named =
  'MIIBXjCCAQUCAQAwQDEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMQ8wDQYDVQQKDAZvdGhlcnMxFjAUBgNVBAMM' +
  'DXN5c3RlbTpub2RlOmEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQKvMUoWRAuuH7faPui+nMm2usJXqrs' +
  '5ESNkLXHZe2uYTJB6veU9xhWAR2CeO7OKe1FKaJ8v1vBAxH58dIOnPhpoGMwYQYJKoZIhvcNAQkOMVQwUjBQ' +
  'BgNVHREESTBHggFhgg1iLmV4YW1wbGUuY29thwQKAAABhxD9AAAAAAAAAAAAAAAAAAABgQ1hQGV4YW1wbGUu' +
  'Y29thgxzcGlmZmU6Ly9hL2IwCgYIKoZIzj0EAwIDRwAwRAIgQpqU7G4tEiS6p9VFDNV2LtxhQxdBl9zy2aKr' +
  'rYy1RuUCIBzzo8HACm0vFuSkUDckZq2oXHvTM247mZ7Zj2I85TOI'

const encoded = (body: string): string => {
  const text = `-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----\n`
  return Buffer.from(text).toString('base64')
}

describe('requestedCertificate()', () => {
  test('a kubelet as a client has a subject and nothing else', () => {
    const request = requestedCertificate(encoded(client))
    expect(request).toMatchObject({
      commonName: 'system:node:a',
      organizations: ['system:nodes'],
      count: { dns: 0, email: 0, ip: 0, uri: 0 },
    })
    expect(request.publicKey.asymmetricKeyType).toBe('ec')
    expect(request.altNames).toBeUndefined()
  })

  test('names of all kinds are counted', () => {
    const request = requestedCertificate(encoded(named))
    expect(request.count).toEqual({ dns: 2, email: 1, ip: 2, uri: 1 })
    expect(request.organizations).toEqual(['system:nodes', 'others'])
  })

  test('what is no request is refused', () => {
    expect(() => requestedCertificate('')).toThrow('PEM block type must be CERTIFICATE REQUEST')
    expect(() => requestedCertificate(encoded('AAAA'))).toThrow(/asn1/)
  })
})

const none = { dns: 0, email: 0, ip: 0, uri: 0 }
const asking = (more: Partial<RequestedCertificate> = {}): RequestedCertificate =>
  ({ commonName: 'system:node:a', organizations: ['system:nodes'], count: none, ...more }) as never
const clientUsages = ['client auth', 'key encipherment', 'digital signature']
const serverUsages = ['server auth', 'key encipherment', 'digital signature']

test.for([
  { want: undefined, request: asking(), usages: clientUsages },
  { want: undefined, request: asking(), usages: ['client auth', 'digital signature'] },
  {
    want: 'usages did not match [client auth digital signature key encipherment]',
    request: asking(),
    usages: [...clientUsages, 'server auth'],
  },
  {
    want: 'subject organization is not system:nodes',
    request: asking({ organizations: ['system:nodes', 'system:masters'] }),
    usages: clientUsages,
  },
  {
    want: 'subject common name does not begin with system:node:',
    request: asking({ commonName: 'admin' }),
    usages: clientUsages,
  },
  {
    want: 'DNS subjectAltNames are not allowed',
    request: asking({ count: { ...none, dns: 1 } }),
    usages: clientUsages,
  },
  {
    want: 'IP subjectAltNames are not allowed',
    request: asking({ count: { ...none, ip: 1 } }),
    usages: clientUsages,
  },
  {
    want: 'URI subjectAltNames are not allowed',
    request: asking({ count: { ...none, uri: 1 } }),
    usages: clientUsages,
  },
  {
    want: 'Email subjectAltNames are not allowed',
    request: asking({ count: { ...none, email: 1 } }),
    usages: clientUsages,
  },
])('kubeletClientProblem(): $want', ({ want, request, usages }) => {
  expect(kubeletClientProblem(request, usages)).toBe(want)
})

test.for([
  { want: undefined, count: { ...none, ip: 1 }, usages: serverUsages },
  { want: undefined, count: { ...none, dns: 1 }, usages: ['server auth', 'digital signature'] },
  { want: 'DNS or IP subjectAltName is required', count: none, usages: serverUsages },
  {
    want: 'Email subjectAltNames are not allowed',
    count: { ...none, ip: 1, email: 1 },
    usages: serverUsages,
  },
  {
    want: 'usages did not match [digital signature key encipherment server auth]',
    count: { ...none, ip: 1 },
    usages: clientUsages,
  },
])('kubeletServingProblem(): $want', ({ want, count, usages }) => {
  expect(kubeletServingProblem(asking({ count }), usages)).toBe(want)
})

test.for([
  { usages: clientUsages, want: undefined },
  { usages: ['client auth'], want: undefined },
  {
    usages: ['key encipherment'],
    want: 'missing required usage for client certificate: client auth',
  },
  {
    usages: ['client auth', 'server auth'],
    want: 'invalid usage for client certificate: server auth',
  },
])('clientUsagesProblem(): $want', ({ usages, want }) => {
  expect(clientUsagesProblem(usages)).toBe(want)
})

test.for([
  { usages: ['client auth'], want: undefined },
  { usages: ['digital signature'], want: '03020780' },
  { usages: ['signing', 'key encipherment'], want: '030205a0' },
  { usages: ['decipher only', 'cert sign'], want: '0303070480' },
])('keyUsageOf(): $usages', ({ usages, want }) => {
  expect(keyUsageOf(usages)?.toString('hex')).toBe(want)
})

test('extendedUsagesOf() names each once', () => {
  expect(extendedUsagesOf(['s/mime', 'email protection', 'signing', 'client auth'])).toEqual([
    '1.3.6.1.5.5.7.3.2',
    '1.3.6.1.5.5.7.3.4',
  ])
})
