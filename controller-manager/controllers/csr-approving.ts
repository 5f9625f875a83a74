/** Approves what kubelets ask for as clients, where those who ask may do so. */
import { SubjectAccessReview } from '#api/kinds/authorization/subject-access-review.ts'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import {
  kubeletClientProblem,
  type RequestedCertificate,
  requestedCertificate,
} from '#api/rules/requested-certificate.ts'
import { defineController, type ReconcileContext } from '#client/controller.ts'
import { timeToMs } from '../pods.ts'
import { hasCondition } from './csr-facts.ts'

const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'
/** Whoever has no leave yet may be given it: they are asked about again, ever more rarely. */
const RETRY_MIN_MS = 1000
const RETRY_MAX_MS = 1_000_000

interface Permission {
  readonly subresource: 'selfnodeclient' | 'nodeclient'
  readonly message: string
}

const forItself: Permission = {
  subresource: 'selfnodeclient',
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
}
const forSomeNode: Permission = {
  subresource: 'nodeclient',
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
}

/** Pure: what the requester must be allowed to create, any one of them. */
export function permissionsFor(
  { spec }: CertificateSigningRequest,
  request: RequestedCertificate,
): readonly Permission[] {
  if (spec.signerName !== SIGNER) return []
  if (kubeletClientProblem(request, spec.usages ?? []) !== undefined) return []
  return spec.username === request.commonName ? [forItself, forSomeNode] : [forSomeNode]
}

export const csrApprovingController = defineController<CertificateSigningRequest>({
  name: 'csrapproving',
  for: CertificateSigningRequest,
  async reconcile(csr, context) {
    const { spec, status, metadata } = csr
    if (status.certificate || spec.signerName !== SIGNER) return undefined
    if (hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied')) return undefined
    const permissions = permissionsFor(csr, requestedCertificate(spec.request ?? ''))
    for (const permission of permissions) {
      if (await mayCreate(csr, permission.subresource, context)) {
        return approve(csr, permission.message, context)
      }
    }
    if (permissions.length === 0) return undefined
    const tried = permissions.map(({ subresource }) => subresource)
    context.log.info('request recognised, and its user may not make it', { tried })
    const ageMs = context.clock.now() - (timeToMs(metadata.creationTimestamp) ?? 0)
    return { requeueAfterMs: Math.min(Math.max(ageMs, RETRY_MIN_MS), RETRY_MAX_MS) }
  },
})

async function mayCreate(
  { spec }: CertificateSigningRequest,
  subresource: string,
  { client }: ReconcileContext,
): Promise<boolean> {
  const { username, uid, groups, extra } = spec
  const resourceAttributes = {
    group: CertificateSigningRequest.group,
    resource: CertificateSigningRequest.plural,
    verb: 'create',
    subresource,
  }
  const { status } = await client.create(SubjectAccessReview, {
    metadata: {},
    spec: {
      ...(username && { user: username }),
      ...(uid && { uid }),
      ...(groups && { groups }),
      ...(extra && { extra }),
      resourceAttributes,
    },
  } as never)
  return status.allowed ?? false
}

async function approve(
  csr: CertificateSigningRequest,
  message: string,
  { client, log }: ReconcileContext,
): Promise<undefined> {
  const approval = { type: 'Approved', status: 'True', reason: 'AutoApproved', message } as const
  const conditions = [...(csr.status.conditions ?? []), approval]
  const approved = { ...csr, status: { ...csr.status, conditions } }
  await client.updateSubresource(
    CertificateSigningRequest,
    csr,
    'approval',
    CertificateSigningRequest,
    approved as never,
  )
  log.info('request approved', { username: csr.spec.username })
}
