/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import {
  always,
  bytes,
  enumOf,
  int32,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const certificateSigningRequestSpec = struct(
  'certificates.v1.CertificateSigningRequestSpec',
  '',
  {
    request: always(1, bytes, ''),
    signerName: always(7, string, ''),
    expirationSeconds: optional(8, int32, ''),
    usages: omitEmpty(
      5,
      listOf(
        enumOf(
          'signing',
          'digital signature',
          'content commitment',
          'key encipherment',
          'key agreement',
          'data encipherment',
          'cert sign',
          'crl sign',
          'encipher only',
          'decipher only',
          'any',
          'server auth',
          'client auth',
          'code signing',
          'email protection',
          's/mime',
          'ipsec end system',
          'ipsec tunnel',
          'ipsec user',
          'timestamping',
          'ocsp signing',
          'microsoft sgc',
          'netscape sgc',
        ),
        { listType: 'atomic' },
      ),
      '',
    ),
    username: omitEmpty(2, string, ''),
    uid: omitEmpty(3, string, ''),
    groups: omitEmpty(4, listOf(string, { listType: 'atomic' }), ''),
    extra: omitEmpty(6, mapOf(listOf(string)), ''),
  },
)
export interface CertificateSigningRequestSpec
  extends Stored<typeof certificateSigningRequestSpec> {}

export const certificateSigningRequestCondition = struct(
  'certificates.v1.CertificateSigningRequestCondition',
  '',
  {
    type: always(1, wordOf('Approved', 'Denied', 'Failed'), ''),
    status: always(6, wordOf('True', 'False', 'Unknown'), ''),
    reason: omitEmpty(2, string, ''),
    message: omitEmpty(3, string, ''),
    lastUpdateTime: omitEmpty(4, time, ''),
    lastTransitionTime: omitEmpty(5, time, ''),
  },
)
export interface CertificateSigningRequestCondition
  extends Stored<typeof certificateSigningRequestCondition> {}

export const certificateSigningRequestStatus = struct(
  'certificates.v1.CertificateSigningRequestStatus',
  '',
  {
    conditions: omitEmpty(1, listOf(certificateSigningRequestCondition, { keys: ['type'] }), ''),
    certificate: omitEmpty(2, bytes, ''),
  },
)
export interface CertificateSigningRequestStatus
  extends Stored<typeof certificateSigningRequestStatus> {}

export const CertificateSigningRequest = defineKind({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  scope: 'Cluster',
  subresources: { approval: { verbs: ['get', 'patch', 'update'] }, ...statusSubresource },
  doc: '',
  fields: {
    spec: always(2, certificateSigningRequestSpec, ''),
    status: omitEmpty(3, certificateSigningRequestStatus, ''),
  },
  // columns: Name, Age, SignerName, Requestor, RequestedDuration, Condition
})
export interface CertificateSigningRequest extends Stored<typeof CertificateSigningRequest> {}
