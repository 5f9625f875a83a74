/** For whom a certificate is requested: the organisations in the subject of a PKCS#10 request. */
import { DerError, type DerValue, derValues, objectIdentifier, onlyValue, SEQUENCE } from './der.ts'
import { pemBlocks } from './pem.ts'

export const COMMON_NAME = '2.5.4.3'
export const ORGANIZATION = '2.5.4.10'
const BMP_STRING = 0x1e

/** Throws DerError when the base64 text of the request is not one. */
export function requestedOrganizations(base64: string): string[] {
  return subjectValues(requestInfo(base64).subject, ORGANIZATION)
}

export interface RequestInfo {
  readonly subject: DerValue
  readonly publicKey: DerValue
  /** The wrapper of the attributes, if there are any. */
  readonly attributes: DerValue | undefined
}

/** What the requester has signed. Throws DerError when the base64 text is no request. */
export function requestInfo(base64: string): RequestInfo {
  const [block] = pemBlocks(Buffer.from(base64, 'base64').toString('latin1'))
  if (block?.type !== 'CERTIFICATE REQUEST') {
    throw new DerError('PEM block type must be CERTIFICATE REQUEST')
  }
  const [info] = derValues(onlyValue(block.bytes, SEQUENCE).content)
  const [, subject, publicKey, attributes] = info ? derValues(info.content) : []
  if (subject?.tag !== SEQUENCE || publicKey?.tag !== SEQUENCE) {
    throw new DerError("asn1: structure error: tags don't match")
  }
  return { subject, publicKey, attributes }
}

/** All that a name says of one kind, such as its organisations. */
export function subjectValues(subject: DerValue, kind: string): string[] {
  // A name is a sequence of sets of pairs of type and value.
  const pairs = derValues(subject.content).flatMap(({ content }) => derValues(content))
  return pairs.flatMap(({ content }) => {
    const [type, value] = derValues(content)
    if (!type || !value || objectIdentifier(type) !== kind) return []
    return [value.tag === BMP_STRING ? fromBmp(value.content) : value.content.toString('utf8')]
  })
}

/** Two bytes for each character, the greater first. */
function fromBmp(bytes: Buffer): string {
  if (bytes.length % 2) throw new DerError('asn1: syntax error: BMPString with odd length')
  return Buffer.from(bytes).swap16().toString('utf16le')
}
