/** CertificateApproval: whoever approves or denies a request may do so for its signer. */
import type { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { type AdmissionContext, type AdmissionPlugin, isAbout } from './admission.ts'
import { refused } from './refusals.ts'
import { mayActForSigner } from './signer-access.ts'

export const certificateApproval = ({ authorizer }: AdmissionContext): AdmissionPlugin => ({
  name: 'CertificateApproval',
  handles: (attributes) =>
    isAbout(attributes, 'certificatesigningrequests', 'certificates.k8s.io') &&
    attributes.operation === 'UPDATE' &&
    attributes.subresource === 'approval',
  async validate(attributes) {
    // What is stored counts: the signer may not change on the way.
    const { signerName } = (attributes.old as unknown as CertificateSigningRequest).spec
    if (await mayActForSigner(authorizer, attributes.user, 'approve', signerName)) return
    const name = JSON.stringify(signerName)
    throw refused(attributes, `user not permitted to approve requests with signerName ${name}`)
  },
})
