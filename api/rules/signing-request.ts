/** Asks for a certificate: PKCS#10 in PEM form, signed with the key that the certificate is for. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { nameOf, type Subject } from './certificate.ts'
import { bitString, explicit, objectIdentifier, sequence, unsigned } from './der-writer.ts'

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
const LINE_LENGTH = 64
const VERSION_1 = unsigned(Buffer.from([0]))

/** The key has to be one of an elliptic curve. */
export function signingRequest(subject: Subject, key: KeyObject): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const noAttributes = explicit(0, Buffer.alloc(0))
  const content = sequence(VERSION_1, nameOf(subject), publicKey, noAttributes)
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256))
  const signature = bitString(sign('sha256', content, key))
  const text = sequence(content, algorithm, signature).toString('base64')
  const lines = text.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  const label = 'CERTIFICATE REQUEST'
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
