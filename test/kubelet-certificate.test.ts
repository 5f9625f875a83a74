/** A kubelet and the controllers that give it the certificate by which its node is known. */
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { issueAuthority, newKey } from '#api/rules/certificate.ts'
import { csrApprovingController } from '#controller-manager/controllers/csr-approving.ts'
import { csrSigningController } from '#controller-manager/controllers/csr-signing.ts'
import { seededRandom } from '#daemon/random.ts'
import { CertificateRenewal, obtainCertificate } from '#kubelet/client-certificate.ts'
import { collectingLog } from './collecting-log.ts'
import { startWithRoles } from './role-scene.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubelet-'))
})
afterEach(() => rm(directory, { recursive: true }))

const current = async (): Promise<X509Certificate> =>
  new X509Certificate(await readFile(join(directory, 'kubelet-client-current.pem')))

function signing(nowMs: number) {
  const key = newKey()
  const validity = { notBefore: nowMs - DAY_MS, notAfter: nowMs + 10 * YEAR_MS }
  const authority = issueAuthority({ commonName: 'ca', key, validity, serial: Buffer.from([1]) })
  const keyText = String(key.export({ type: 'pkcs8', format: 'pem' }))
  const files = { certificate: authority.toString(), key: keyText }
  return csrSigningController({ durationMs: YEAR_MS, authority: async () => files })
}

async function scene(isApproving: boolean) {
  const clock = { nowMs: Date.UTC(2030, 0, 1) }
  const controllers = [signing(clock.nowMs), ...(isApproving ? [csrApprovingController] : [])]
  const cluster = await startWithRoles([{ account: 'certificate-controller', controllers }])
  const parts = {
    nodeName: 'node1',
    directory,
    clock: cluster.clock,
    random: seededRandom(1),
    log: collectingLog([]),
  }
  return { cluster, parts, client: cluster.client }
}

test('a node asks once, gets its certificate, and renews it before it ends', async () => {
  const { cluster, parts, client } = await scene(true)
  await using _cluster = cluster
  const { signal } = new AbortController()
  let isDone = false
  const asking = obtainCertificate(client, parts, signal).finally(() => {
    isDone = true
  })
  await cluster.until(async () => isDone)
  await asking
  const first = await current()
  expect(first.subject).toBe('O=system:nodes\nCN=system:node:node1')
  await using _renewal = new CertificateRenewal(client, parts)
  expect(await client.list(CertificateSigningRequest)).toHaveLength(1)
  cluster.clock.jump(YEAR_MS * 0.95)
  await cluster.until(async () => (await current()).serialNumber !== first.serialNumber)
  expect((await current()).validFromDate.getTime()).toBeGreaterThan(first.validFromDate.getTime())
})

test('a request that is denied is an error that says so', async () => {
  const { cluster, parts, client } = await scene(false)
  await using _cluster = cluster
  const asking = obtainCertificate(client, parts, new AbortController().signal)
  const failure = expect(asking).rejects.toThrow('is Denied: not in this cluster')
  await cluster.until(async () => (await client.list(CertificateSigningRequest)).length === 1)
  const [request] = await client.list(CertificateSigningRequest)
  const message = 'not in this cluster'
  const denied = { type: 'Denied', status: 'True', reason: 'No', message } as const
  const status = { ...request!.status, conditions: [denied] }
  const kind = CertificateSigningRequest
  await client.updateSubresource(kind, request!, 'approval', kind, { ...request!, status })
  await failure
})

test('who is told to stop waits no longer', async () => {
  const { cluster, parts, client } = await scene(false)
  await using _cluster = cluster
  const stopping = new AbortController()
  const asking = obtainCertificate(client, parts, stopping.signal)
  const failure = expect(asking).rejects.toThrow('abort')
  await cluster.until(async () => (await client.list(CertificateSigningRequest)).length === 1)
  stopping.abort()
  await failure
})
