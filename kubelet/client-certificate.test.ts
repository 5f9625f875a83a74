/** A node that nobody knows yet asks for its certificate, and for the next one in time. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { issueAuthority, issueLeaf, newKey } from '#api/rules/certificate.ts'
import { requestInfo } from '#api/rules/certificate-subject.ts'
import { loadTarget } from '#client/load-kubeconfig.ts'
import type { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { driven } from '#test/drive-clock.ts'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { CertificateRenewal, obtainCertificate, writeKubeconfig } from './client-certificate.ts'

const DAY_MS = 86_400_000
const serial = Buffer.from([1])

/** What approver and signer do; resolves with how many requests were still open. */
async function sign(client: Client, clock: ManualClock): Promise<number> {
  const all = await client.list(CertificateSigningRequest)
  const open = all.filter(({ status }) => !status.certificate)
  const validity = { notBefore: clock.now(), notAfter: clock.now() + 10 * DAY_MS }
  const key = newKey()
  const certificate = issueAuthority({ commonName: 'ca', key, validity, serial })
  for (const request of open) {
    const info = requestInfo(request.spec.request ?? '')
    const leaf = issueLeaf(
      { certificate, key },
      {
        ...{ validity, serial, usages: ['client'] },
        subject: { commonName: 'system:node:n', organizations: ['system:nodes'] },
        publicKey: createPublicKey({ key: info.publicKey.raw, format: 'der', type: 'spki' }),
      },
    )
    const condition = { type: 'Approved', status: 'True', reason: 'Test', message: 'fine' }
    const approval = { status: { conditions: [condition] } }
    await client.patch(CertificateSigningRequest, request, approval, { subresource: 'approval' })
    const text = Buffer.from(leaf.toString()).toString('base64')
    const answer = { status: { certificate: text } }
    await client.patch(CertificateSigningRequest, request, answer, { subresource: 'status' })
  }
  return open.length
}

async function setUp() {
  const clock = new ManualClock()
  const server = await startTestServer({ clock })
  const connected = connect(server.url, { clock })
  const folder = await temporaryDirectory()
  const { log } = connected
  const directory = folder.path
  const parts = { nodeName: 'n', directory, clock, random: seededRandom(1), log }
  return {
    ...{ clock, server, parts, directory, client: connected.client, logged: connected.logged },
    async [Symbol.asyncDispose]() {
      await connected[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const neverAborted = new AbortController().signal

test('a certificate is asked for, waited for, and kept with its key for nobody else', async () => {
  await using scene = await setUp()
  const { client, clock, parts, directory, server } = scene
  const obtaining = obtainCertificate(client, parts, neverAborted)
  while ((await sign(client, clock)) === 0);
  await driven(clock, obtaining)
  const [request] = await client.list(CertificateSigningRequest)
  expect(request?.spec).toMatchObject({
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['digital signature', 'client auth'],
  })
  const file = join(directory, 'kubelet-client-current.pem')
  const text = await readFile(file, 'utf8')
  expect(new X509Certificate(text).subject).toBe('O=system:nodes\nCN=system:node:n')
  expect(text).toContain('PRIVATE KEY')
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  const path = join(directory, 'kubelet.conf')
  const { credentials } = client.connection
  await writeKubeconfig(path, { server: server.url, credentials, namespace: undefined }, directory)
  const target = await loadTarget({ path, environment: {}, clock })
  expect(target.server).toBe(server.url)
  expect(String((await target.credentials.tls()).cert)).toBe(text)
})

test('a request that is refused is an error that says why', async () => {
  await using scene = await setUp()
  const { client, clock, parts } = scene
  const obtaining = obtainCertificate(client, parts, neverAborted)
  let open: readonly CertificateSigningRequest[] = []
  while (open.length === 0) open = await client.list(CertificateSigningRequest)
  const denied = { type: 'Denied', status: 'True', reason: 'Test', message: 'not you' }
  const patch = { status: { conditions: [denied] } }
  await client.patch(CertificateSigningRequest, open[0]!, patch, { subresource: 'approval' })
  await expect(driven(clock, obtaining)).rejects.toThrow('is Denied: not you')
})

test('it is renewed before it ends', async () => {
  await using scene = await setUp()
  const { client, clock, parts, directory } = scene
  const obtaining = obtainCertificate(client, parts, neverAborted)
  while ((await sign(client, clock)) === 0);
  await driven(clock, obtaining)
  const read = () => readFile(join(directory, 'kubelet-client-current.pem'), 'utf8')
  const first = await read()
  await using _renewal = new CertificateRenewal(client, parts)
  while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(clock.nextTimerMs).toBeGreaterThanOrEqual(6.9 * DAY_MS)
  expect(clock.nextTimerMs).toBeLessThanOrEqual(9 * DAY_MS)
  clock.jump(9 * DAY_MS)
  while ((await sign(client, clock)) === 0);
  while ((await read()) === first) {
    if ((clock.nextTimerMs ?? Infinity) < 10_000) clock.jump(clock.nextTimerMs!)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(new X509Certificate(await read()).validToDate.getTime()).toBeGreaterThan(clock.now())
  expect(scene.logged).toEqual([])
})
