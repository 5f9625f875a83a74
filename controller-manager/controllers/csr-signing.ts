/** Signs requests that have been approved, in the name of the signers of the cluster. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { type Authority, issuePlain, type Validity } from '#api/rules/certificate.ts'
import { pemBlocks } from '#api/rules/pem.ts'
import {
  clientUsagesProblem,
  extendedUsagesOf,
  keyUsageOf,
  kubeletClientProblem,
  kubeletServingProblem,
  type RequestedCertificate,
  requestedCertificate,
} from '#api/rules/requested-certificate.ts'
import { epochToTime } from '#api/time.ts'
import { type Controller, defineController, type ReconcileContext } from '#client/controller.ts'
import { hasCondition } from './csr-facts.ts'

type Problem = (request: RequestedCertificate, usages: readonly string[]) => string | undefined

/** By signer: what is wrong with a request to it. */
const signers: Readonly<Record<string, Problem>> = {
  'kubernetes.io/kube-apiserver-client': (_, usages) => clientUsagesProblem(usages),
  'kubernetes.io/kube-apiserver-client-kubelet': kubeletClientProblem,
  'kubernetes.io/kubelet-serving': kubeletServingProblem,
  'kubernetes.io/legacy-unknown': () => undefined,
}

export const clusterSigners: readonly string[] = Object.keys(signers)

/** Whose clock is a little slow finds a new certificate valid already. */
const BACKDATE_MS = 300_000
/** Of a short life nothing is taken away for that. */
const SHORT_MS = 8 * 3_600_000
const DURATION_MIN_MS = 600_000
const SERIAL_BYTES = 16

export interface SigningSettings {
  /** What certificates are valid for at most. */
  readonly durationMs: number
  /** The files as they are now, in PEM form: they may be exchanged while we run. */
  readonly authority: (signer: string) => Promise<AuthorityFiles | undefined>
}

export interface AuthorityFiles {
  readonly certificate: string
  readonly key: string
}

export const csrSigningController = (settings: SigningSettings): Controller =>
  defineController<CertificateSigningRequest>({
    name: 'csrsigning',
    for: CertificateSigningRequest,
    async reconcile(csr, context) {
      const { spec, status } = csr
      const problemWith = signers[spec.signerName]
      if (!problemWith || status.certificate) return
      if (!hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied')) return
      if (hasCondition(csr, 'Failed')) return
      const request = requestedCertificate(spec.request ?? '')
      const problem = problemWith(request, spec.usages ?? [])
      if (problem) return fail(csr, problem, context)
      const files = await settings.authority(spec.signerName)
      if (!files) return context.log.warn('request left alone: its signer has no authority')
      const certificate = signed(csr, request, authorityFrom(files), settings, context)
      const issued = { ...status, certificate: Buffer.from(certificate).toString('base64') }
      await context.client.updateStatus(CertificateSigningRequest, csr, issued)
      context.log.info('certificate issued', { signer: spec.signerName })
    },
  })

function authorityFrom({ certificate, key }: AuthorityFiles): Authority {
  const [block] = pemBlocks(certificate)
  if (block?.type !== 'CERTIFICATE') {
    throw new Error(`read authority: found ${block?.type ?? 'no PEM block'}, wanted a CERTIFICATE`)
  }
  return { certificate: new X509Certificate(block.bytes), key: createPrivateKey(key) }
}

async function fail(
  csr: CertificateSigningRequest,
  message: string,
  { client, clock, log }: ReconcileContext,
): Promise<void> {
  const failed = {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: epochToTime(Math.floor(clock.now() / 1000)),
  }
  const conditions = [...(csr.status.conditions ?? []), failed]
  const status = { ...csr.status, conditions }
  await client.updateStatus(CertificateSigningRequest, csr, status as typeof csr.status)
  log.info('request not signed', { problem: message })
}

function signed(
  { spec }: CertificateSigningRequest,
  { subject, publicKey, altNames }: RequestedCertificate,
  authority: Authority,
  { durationMs }: SigningSettings,
  { clock, random }: ReconcileContext,
): string {
  const usages = spec.usages ?? []
  const notAfter = Date.parse(authority.certificate.validTo)
  return issuePlain(authority, {
    subject,
    publicKey,
    altNames,
    keyUsage: keyUsageOf(usages),
    extendedUsages: extendedUsagesOf(usages),
    validity: validityFor(spec.expirationSeconds, durationMs, clock.now(), notAfter),
    serial: random.bytes(SERIAL_BYTES),
  }).toString()
}

/** Pure: from a little before now on, and never longer than whoever signs it. */
export function validityFor(
  expirationSeconds: number | undefined,
  durationMs: number,
  nowMs: number,
  authorityNotAfterMs: number,
): Validity {
  const wantedMs = expirationSeconds === undefined ? durationMs : expirationSeconds * 1000
  const lifeMs = Math.min(Math.max(wantedMs, DURATION_MIN_MS), durationMs)
  const notBefore = nowMs - BACKDATE_MS
  const end = lifeMs < SHORT_MS ? nowMs + lifeMs : notBefore + lifeMs
  const notAfter = Math.min(end, authorityNotAfterMs)
  if (notAfter > notBefore) return { notBefore, notAfter }
  const expired = new Date(authorityNotAfterMs).toISOString()
  throw new Error(`sign certificate: the authority has expired at ${expired}`)
}
