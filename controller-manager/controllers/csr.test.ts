/** Requests for certificates from being made to being forgotten. */
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { type Authority, issueAuthority, newKey } from '#api/rules/certificate.ts'
import { requestedCertificate } from '#api/rules/requested-certificate.ts'
import { certificateRequest } from '#test/certificate-requests.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { csrApprovingController, permissionsFor } from './csr-approving.ts'
import { csrCleanerController, expiryOf } from './csr-cleaner.ts'
import { clusterSigners, csrSigningController, validityFor } from './csr-signing.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const YEAR_MS = 365 * 24 * HOUR_MS
const from = Date.UTC(2030, 0, 1)
const key = newKey()
const certificate = issueAuthority({
  commonName: 'cluster',
  key,
  validity: { notBefore: from - YEAR_MS, notAfter: from + 2 * YEAR_MS },
  serial: Buffer.from([1]),
})
const authority: Authority = { key, certificate }
const files = {
  certificate: certificate.toString(),
  key: String(key.export({ type: 'pkcs8', format: 'pem' })),
}
const signing = csrSigningController({ durationMs: YEAR_MS, authority: async () => files })

const kubeletClient = 'kubernetes.io/kube-apiserver-client-kubelet'
const clientUsages = ['client auth', 'digital signature']
const kubelet = { commonName: 'system:node:a', organizations: ['system:nodes'] }

const csr = (spec: object, status: object = {}, metadata: object = {}) =>
  ({ metadata: { name: 'a', ...metadata }, spec, status }) as unknown as CertificateSigningRequest

test.for([
  { name: 'a new node', spec: { username: 'system:bootstrap:abcdef' }, want: ['nodeclient'] },
  {
    name: 'a node for itself',
    spec: { username: 'system:node:a' },
    want: ['selfnodeclient', 'nodeclient'],
  },
  { name: 'another signer', spec: { signerName: 'kubernetes.io/kubelet-serving' }, want: [] },
  { name: 'other usages', spec: { usages: ['server auth'] }, want: [] },
])('permissionsFor(): $name', ({ spec, want }) => {
  const { request } = certificateRequest(kubelet)
  const object = csr({ request, signerName: kubeletClient, usages: clientUsages, ...spec })
  const permissions = permissionsFor(object, requestedCertificate(request))
  expect(permissions.map(({ subresource }) => subresource)).toEqual(want)
})

describe('validityFor()', () => {
  test.for([
    { name: 'as long as may be', seconds: undefined, from: -5, to: 365 * 24 * 60 - 5 },
    { name: 'as long as is asked for', seconds: 10 * 3600, from: -5, to: 595 },
    { name: 'nothing is taken from a short life', seconds: 3600, from: -5, to: 60 },
    { name: 'ten minutes at least', seconds: 1, from: -5, to: 10 },
    { name: 'not longer than may be', seconds: 2e9, from: -5, to: 365 * 24 * 60 - 5 },
  ])('$name', ({ seconds, from: start, to }) => {
    const { notBefore, notAfter } = validityFor(seconds, YEAR_MS, 0, 10 * YEAR_MS)
    expect([notBefore / MINUTE_MS, notAfter / MINUTE_MS]).toEqual([start, to])
  })

  test('never longer than the authority, which must be good', () => {
    expect(validityFor(undefined, YEAR_MS, 0, HOUR_MS).notAfter).toBe(HOUR_MS)
    expect(() => validityFor(undefined, YEAR_MS, HOUR_MS, 0)).toThrow(/has expired/)
  })
})

const at = (minute: number): string =>
  new Date(from + minute * MINUTE_MS).toISOString().replace('.000', '')
const creationTimestamp = at(0)
const issued = Buffer.from(certificate.toString()).toString('base64')

test.for([
  { name: 'pending', status: {}, want: 24 * 60 },
  {
    name: 'denied',
    status: { conditions: [{ type: 'Denied', lastUpdateTime: at(30) }] },
    want: 90,
  },
  {
    name: 'approved and not issued',
    status: { conditions: [{ type: 'Approved', lastUpdateTime: at(30) }] },
    want: undefined,
  },
  {
    name: 'issued',
    status: { certificate: issued, conditions: [{ type: 'Approved', lastUpdateTime: at(30) }] },
    want: 90,
  },
  { name: 'failed', status: { conditions: [{ type: 'Failed' }] }, want: undefined },
])('expiryOf(): $name', ({ status, want }) => {
  const expiry = expiryOf(csr({}, status, { creationTimestamp }))
  expect(expiry).toBe(want === undefined ? undefined : from + want * MINUTE_MS)
})

const create = ({ client }: Cluster, name: string, spec: object) =>
  client.create(CertificateSigningRequest, { metadata: { name }, spec } as never)

const conditions = ({ status }: CertificateSigningRequest) =>
  (status.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`)

const controllers = [csrApprovingController, signing, csrCleanerController]

test('what a kubelet asks for as a client is approved, signed, and forgotten', async () => {
  await using cluster = await startCluster({ controllers })
  const { client, clock } = cluster
  const { request } = certificateRequest(kubelet)
  const spec = { request, signerName: kubeletClient, usages: clientUsages }
  await create(cluster, 'kubelet', { ...spec, expirationSeconds: 7200 })
  await cluster.settle()
  const signed = await client.get(CertificateSigningRequest, { name: 'kubelet' })
  expect(conditions(signed)).toEqual(['Approved AutoApproved'])
  expect(signed.status.conditions?.[0]?.message).toBe(
    'Auto approving kubelet client certificate after SubjectAccessReview.',
  )
  const leaf = new X509Certificate(Buffer.from(signed.status.certificate ?? '', 'base64'))
  expect(leaf.verify(authority.certificate.publicKey)).toBe(true)
  expect(leaf.subject).toBe('O=system:nodes\nCN=system:node:a')
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  expect(leaf.ca).toBe(false)
  expect(Date.parse(leaf.validTo)).toBe(from + 2 * HOUR_MS)
  for (let minute = 0; minute < 60; minute++) {
    clock.jump(MINUTE_MS)
    await cluster.settle()
  }
  clock.jump(10)
  await cluster.settle()
  expect(await client.list(CertificateSigningRequest)).toEqual([])
  expect(cluster.logged).toEqual([])
})

test('what is not for a kubelet waits for a person, and is signed with its names', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const { request } = certificateRequest({ ...kubelet, dnsNames: ['a.example.com', 'a'] })
  const usages = ['server auth', 'digital signature', 'key encipherment']
  const spec = { request, signerName: 'kubernetes.io/kubelet-serving', usages }
  const pending = await create(cluster, 'serving', spec)
  await cluster.settle()
  const found = await client.get(CertificateSigningRequest, pending)
  expect(conditions(found)).toEqual([])
  await approve(cluster, found)
  await cluster.settle()
  const { status } = await client.get(CertificateSigningRequest, pending)
  const leaf = new X509Certificate(Buffer.from(status.certificate ?? '', 'base64'))
  expect(leaf.subjectAltName).toBe('DNS:a.example.com, DNS:a')
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
})

const approve = ({ client }: Cluster, found: CertificateSigningRequest) => {
  const status = { conditions: [{ type: 'Approved', status: 'True', reason: 'Fine' }] }
  const approved = { ...found, status } as never
  const kind = CertificateSigningRequest
  return client.updateSubresource(kind, found, 'approval', kind, approved)
}

test.for([
  {
    name: 'other usages than a client may have',
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['server auth'],
    message: 'invalid usage for client certificate: server auth',
  },
  {
    name: 'a kubelet without a name',
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['server auth', 'digital signature'],
    message: 'DNS or IP subjectAltName is required',
  },
])('approved, and yet refused: $name', async ({ signerName, usages, message }) => {
  await using cluster = await startCluster({ controllers })
  const { request } = certificateRequest(kubelet)
  const found = await create(cluster, 'bad', { request, signerName, usages })
  await approve(cluster, found)
  await cluster.settle()
  const { status } = await cluster.client.get(CertificateSigningRequest, found)
  expect(status.certificate).toBeUndefined()
  expect(status.conditions?.at(-1)).toMatchObject({
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
  })
})

test('signers of others are left alone', async () => {
  await using cluster = await startCluster({ controllers })
  const { request } = certificateRequest(kubelet)
  const spec = { request, signerName: 'example.com/mine', usages: clientUsages }
  await approve(cluster, await create(cluster, 'theirs', spec))
  await cluster.settle()
  const { status } = await cluster.client.get(CertificateSigningRequest, { name: 'theirs' })
  expect(status.certificate).toBeUndefined()
  expect(clusterSigners).not.toContain('example.com/mine')
})
