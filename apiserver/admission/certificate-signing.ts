/** CertificateSigning: whoever hands out a certificate may sign for the signer it is from. */
import { isDeepStrictEqual } from 'node:util'
import type { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { type AdmissionContext, type AdmissionPlugin, isAbout } from './admission.ts'
import { refused } from './refusals.ts'
import { mayActForSigner } from './signer-access.ts'

export const certificateSigning = ({ authorizer }: AdmissionContext): AdmissionPlugin => ({
  name: 'CertificateSigning',
  handles: (attributes) =>
    isAbout(attributes, 'certificatesigningrequests', 'certificates.k8s.io') &&
    attributes.operation === 'UPDATE' &&
    attributes.subresource === 'status',
  async validate(attributes) {
    const { object, old, user } = attributes
    const [next, previous] = [object, old] as unknown as CertificateSigningRequest[]
    const [after, before] = [next!.status, previous!.status]
    const isSame =
      after.certificate === before.certificate &&
      isDeepStrictEqual(after.conditions ?? [], before.conditions ?? [])
    const { signerName } = previous!.spec
    if (isSame || (await mayActForSigner(authorizer, user, 'sign', signerName))) return
    const name = JSON.stringify(signerName)
    throw refused(attributes, `user not permitted to sign requests with signerName ${name}`)
  },
})
