/** CertificateSigningRequest: asks a signer for a certificate. */
import { defineKind, statusSubresource } from '../../kind.ts'
import type { Path, Problems } from '../../problems.ts'
import {
  validateCertificateConditions,
  validateConditionsKept,
} from '../../rules/certificate-conditions.ts'
import { certificateRequestProblem, certificatesProblem } from '../../rules/certificate-request.ts'
import { checkSignerName } from '../../rules/signer-name.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'
import { humanDuration } from '../../time.ts'

export const keyUsage = enumOf(
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
)

export const certificateSigningRequestSpec = struct(
  'certificates.v1.CertificateSigningRequestSpec',
  'What kind of certificate is wanted, and who wants it.',
  {
    request: always(1, bytes, 'A PKCS#10 request in PEM form, as base64.'),
    signerName: always(
      7,
      string,
      'The signer that is asked, such as kubernetes.io/kube-apiserver-client.',
    ),
    expirationSeconds: optional(
      8,
      int32,
      'Seconds that the certificate should be valid, at least 600. The signer may shorten it.',
    ),
    usages: omitEmpty(5, listOf(keyUsage, { listType: 'atomic' }), 'What the key may be used for.'),
    username: omitEmpty(2, string, 'The user who made the request. Set by the server.'),
    uid: omitEmpty(3, string, 'UID of the user. Set by the server.'),
    groups: omitEmpty(
      4,
      listOf(string, { listType: 'atomic' }),
      'Groups of the user. Set by the server.',
    ),
    extra: omitEmpty(
      6,
      mapOf(listOf(string, { message: 'certificates.v1.ExtraValue' })),
      'Further facts about the user. Set by the server.',
    ),
  },
)
export interface CertificateSigningRequestSpec
  extends Stored<typeof certificateSigningRequestSpec> {}

export const certificateSigningRequestCondition = struct(
  'certificates.v1.CertificateSigningRequestCondition',
  'A decision about the request, or its failure.',
  {
    type: always(
      1,
      wordOf('Approved', 'Denied', 'Failed'),
      'Approved, Denied, Failed, or a word of the signer.',
    ),
    status: always(
      6,
      wordOf('True', 'False', 'Unknown'),
      'Always True for Approved, Denied and Failed.',
    ),
    reason: omitEmpty(2, string, 'Why, as one CamelCase word.'),
    message: omitEmpty(3, string, 'Why, in words for people.'),
    lastUpdateTime: omitEmpty(4, time, 'When the condition was last written.'),
    lastTransitionTime: omitEmpty(
      5,
      time,
      'When the status last changed from one word to another.',
    ),
  },
)
export interface CertificateSigningRequestCondition
  extends Stored<typeof certificateSigningRequestCondition> {}

export const certificateSigningRequestStatus = struct(
  'certificates.v1.CertificateSigningRequestStatus',
  'What has become of the request.',
  {
    conditions: omitEmpty(
      1,
      listOf(certificateSigningRequestCondition, { keys: ['type'] }),
      'What was decided. Approved and Denied exclude each other.',
    ),
    certificate: omitEmpty(
      2,
      bytes,
      'The certificate in PEM form, followed by those that issued it. Never changes.',
    ),
  },
)
export interface CertificateSigningRequestStatus
  extends Stored<typeof certificateSigningRequestStatus> {}

const MIN_EXPIRATION_SECONDS = 600
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'

export const CertificateSigningRequest = defineKind({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  scope: 'Cluster',
  subresources: { approval: { verbs: ['get', 'patch', 'update'] }, ...statusSubresource },
  nameRule: () => [],
  selectable: { 'spec.signerName': ({ spec }) => spec.signerName },
  doc: 'Asks a signer for a certificate, to be approved or denied first.',
  fields: {
    spec: always(2, certificateSigningRequestSpec, 'The request. Never changes.'),
    status: omitEmpty(3, certificateSigningRequestStatus, 'What has become of the request.'),
  },
  prepareCreate({ spec }) {
    setRequester(spec, {})
  },
  prepareUpdate(next, previous) {
    next.spec = previous.spec
  },
  validateWhole({ spec, status }, at, problems) {
    validateSpec(spec, at.child('spec'), problems)
    const path = at.child('status')
    validateCertificateConditions(status.conditions, path.child('conditions'), problems)
    const problem = status.certificate ? certificatesProblem(status.certificate) : undefined
    if (problem) problems.invalid(path.child('certificate'), '<certificate data>', problem)
  },
  validateUpdate({ status: next }, { status: previous }, at, problems) {
    const path = at.child('status')
    validateConditionsKept(next.conditions, previous.conditions, path.child('conditions'), problems)
    if (previous.certificate && next.certificate !== previous.certificate) {
      const message = 'updates may not modify existing certificate content'
      problems.forbidden(path.child('certificate'), message)
    }
  },
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', 'string', 'The signer that is asked.', ({ spec }) => spec.signerName),
    column('Requestor', 'string', 'The user who asks.', ({ spec }) => spec.username ?? ''),
    column(
      'RequestedDuration',
      'string',
      'How long the certificate should be valid.',
      ({ spec }) =>
        spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds),
    ),
    column('Condition', 'string', 'What has become of the request.', ({ status }) =>
      conditionText(status),
    ),
  ],
})
export interface CertificateSigningRequest extends Stored<typeof CertificateSigningRequest> {}

type Requester = Pick<CertificateSigningRequestSpec, 'username' | 'uid' | 'groups' | 'extra'>

/** Only the server knows who asks; what the request says about it is replaced. */
export function setRequester(spec: CertificateSigningRequestSpec, requester: Requester): void {
  for (const name of ['username', 'uid', 'groups', 'extra'] as const) delete spec[name]
  Object.assign(spec, requester)
}

function validateSpec(spec: CertificateSigningRequestSpec, at: Path, problems: Problems): void {
  const { signerName, expirationSeconds } = spec
  const request = spec.request ?? ''
  const problem = certificateRequestProblem(request)
  if (problem) problems.invalid(at.child('request'), request, problem)
  validateUsages(spec.usages ?? [], at.child('usages'), problems)
  const path = at.child('signerName')
  if (signerName === LEGACY_SIGNER) {
    const message = 'the legacy signerName is not allowed via this API version'
    problems.invalid(path, signerName, message)
  } else checkSignerName(signerName, path, problems)
  if (expirationSeconds !== undefined && expirationSeconds < MIN_EXPIRATION_SECONDS) {
    const message = 'may not specify a duration less than 600 seconds (10 minutes)'
    problems.invalid(at.child('expirationSeconds'), expirationSeconds, message)
  }
}

function validateUsages(usages: readonly string[], at: Path, problems: Problems): void {
  if (!usages.length) problems.required(at, 'usages must be provided')
  const known: readonly string[] = keyUsage.values ?? []
  for (const [position, usage] of usages.entries()) {
    if (!known.includes(usage)) problems.notSupported(at.index(position), usage, known)
  }
  const seen = new Set<string>()
  for (const [position, usage] of usages.entries()) {
    if (seen.has(usage)) problems.duplicate(at.index(position), usage)
    seen.add(usage)
  }
}

function conditionText({ conditions, certificate }: CertificateSigningRequestStatus): string {
  const types = new Set<string>(conditions?.map(({ type }) => type))
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'
  return [decision, types.has('Failed') && 'Failed', certificate && 'Issued']
    .filter(Boolean)
    .join(',')
}
