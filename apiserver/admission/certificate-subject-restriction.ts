/** CertificateSubjectRestriction: nobody becomes a master of the system by a certificate. */
import type { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { requestedOrganizations } from '#api/rules/certificate-subject.ts'
import { DerError } from '#api/rules/der.ts'
import { type AdmissionPlugin, type Attributes, isAbout, isCreate } from './admission.ts'
import { refused } from './refusals.ts'

const clientSigner = 'kubernetes.io/kube-apiserver-client'

export const certificateSubjectRestriction = (): AdmissionPlugin => ({
  name: 'CertificateSubjectRestriction',
  handles: (attributes) =>
    isAbout(attributes, 'certificatesigningrequests', 'certificates.k8s.io') &&
    isCreate(attributes),
  validate(attributes) {
    const { spec } = attributes.object as unknown as CertificateSigningRequest
    if (spec.signerName !== clientSigner) return
    if (organizationsOf(attributes, spec.request ?? '').includes('system:masters')) {
      const why = `use of ${clientSigner} signer with system:masters group is not allowed`
      throw refused(attributes, why)
    }
  },
})

function organizationsOf(attributes: Attributes, request: string): string[] {
  try {
    return requestedOrganizations(request)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw refused(attributes, `failed to parse CSR: ${error.message}`)
  }
}
