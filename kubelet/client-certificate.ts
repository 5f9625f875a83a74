/** The certificate by which a node is known: asked for at its first start, and before it ends. */
import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { newKey } from '#api/rules/certificate.ts'
import { signingRequest } from '#api/rules/signing-request.ts'
import type { ApiTarget } from '#client/load-kubeconfig.ts'
import type { Client } from '#client/rest.ts'
import { watch } from '#client/watch.ts'
import { httpWatches } from '#client/watch-transport.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'

export interface CertificateParts {
  readonly nodeName: string
  /** Where certificates are kept. */
  readonly directory: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'
const RETRY_MS = 60_000
/** Renewed when this share of its life, and up to a fifth more, is over; as upstream. */
const RENEW_SHARE = 0.7
const RENEW_JITTER = 2 / 7

const certificateFile = (directory: string): string => join(directory, 'kubelet-client-current.pem')

/** Certificate and key in one file, so that the two always belong together. */
export async function obtainCertificate(
  client: Client,
  parts: CertificateParts,
  signal: AbortSignal,
): Promise<void> {
  const { nodeName, directory, log } = parts
  const key = newKey()
  const subject = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }
  const asked = await client.create(
    CertificateSigningRequest,
    {
      metadata: { generateName: 'csr-' },
      spec: {
        request: Buffer.from(signingRequest(subject, key)).toString('base64'),
        signerName: SIGNER,
        usages: ['digital signature', 'client auth'],
      },
    },
    { signal },
  )
  log.info('waiting for a certificate of the node', { request: asked.metadata.name })
  const certificate = await signedFor(client, asked, parts, signal)
  const path = certificateFile(directory)
  const keyText = key.export({ type: 'pkcs8', format: 'pem' })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, `${certificate}${keyText}`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Somebody has to approve of it first, and that may take as long as it takes. */
async function signedFor(
  client: Client,
  asked: CertificateSigningRequest,
  { clock, random }: CertificateParts,
  signal: AbortSignal,
): Promise<string> {
  const { name, resourceVersion } = asked.metadata
  const parts = { transport: httpWatches(client.connection), clock, random }
  const options = { resourceVersion, fieldSelector: `metadata.name=${name}`, signal }
  for await (const events of watch(parts, CertificateSigningRequest, options)) {
    for (const event of events) {
      if (event.type === 'BOOKMARK') continue
      const certificate = certificateIn(event.object)
      if (certificate !== undefined) return certificate
    }
  }
  signal.throwIfAborted()
  throw new Error(`certificate of the node: the watch on request ${name} has ended`)
}

/** Undefined as long as nobody has decided. */
function certificateIn({ metadata, status }: CertificateSigningRequest): string | undefined {
  const refused = (status.conditions ?? []).find(({ type }) => type !== 'Approved')
  if (refused) {
    const { type, message = '' } = refused
    throw new Error(`certificate of the node: request ${metadata.name} is ${type}: ${message}`)
  }
  return status.certificate && Buffer.from(status.certificate, 'base64').toString()
}

/** So that the next start, and every tool, knows how to reach the API server as this node. */
export async function writeKubeconfig(
  path: string,
  { server, credentials }: ApiTarget,
  directory: string,
): Promise<void> {
  const { ca } = await credentials.tls()
  const file = certificateFile(directory)
  const authority = ca && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default-cluster', cluster: { server, ...authority } }],
    users: [{ name: 'default-auth', user: { 'client-certificate': file, 'client-key': file } }],
    contexts: [
      {
        name: 'default-context',
        context: { cluster: 'default-cluster', user: 'default-auth', namespace: 'default' },
      },
    ],
    'current-context': 'default-context',
  }
  await mkdir(dirname(path), { recursive: true })
  // Whole, since whoever waits for it reads it as soon as it is there.
  await writeFile(`${path}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Files that are replaced are seen by whoever opens the next connection. */
export class CertificateRenewal implements AsyncDisposable {
  readonly #client: Client
  readonly #parts: CertificateParts
  readonly #stopping = new AbortController()
  #timer: Timer | undefined
  #work: Promise<void> = Promise.resolve()

  constructor(client: Client, parts: CertificateParts) {
    this.#client = client
    this.#parts = parts
    if (existsSync(certificateFile(parts.directory))) this.#work = this.#schedule()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the kubelet is stopping', 'AbortError'))
    this.#timer?.cancel()
    await this.#work
  }

  async #schedule(): Promise<void> {
    const { directory, clock, random } = this.#parts
    const text = await readFile(certificateFile(directory), 'utf8')
    const { validFromDate: from, validToDate: to } = new X509Certificate(text)
    const lifeMs = to.getTime() - from.getTime()
    const dueAt = from.getTime() + random.jitter(lifeMs * RENEW_SHARE, RENEW_JITTER)
    this.#at(dueAt - clock.now())
  }

  #at(delayMs: number): void {
    if (this.#stopping.signal.aborted) return
    const renew = (): void => {
      this.#work = this.#renew()
    }
    this.#timer = this.#parts.clock.setTimeout(renew, delayMs, { background: true })
  }

  async #renew(): Promise<void> {
    const { log } = this.#parts
    const { signal } = this.#stopping
    try {
      await obtainCertificate(this.#client, this.#parts, signal)
      await this.#schedule()
    } catch (error) {
      if (signal.aborted) return
      log.warn('certificate of the node not renewed, trying again', { error })
      this.#at(RETRY_MS)
    }
  }
}
