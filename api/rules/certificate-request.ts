/** What a request for a certificate must be: PKCS#10 in PEM form, signed with the key it is for. */
import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { BIT_STRING, DerError, derValues, objectIdentifier, onlyValue, SEQUENCE } from './der.ts'
import { pemBlocks } from './pem.ts'

/** The hash of each signature algorithm; null where the algorithm brings its own. */
const hashes: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
}

const verificationErrors: Readonly<Record<string, string>> = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
}

/** What is wrong with the base64 text of a request, if anything is. */
export function certificateRequestProblem(base64: string): string | undefined {
  const [block] = pemBlocks(Buffer.from(base64, 'base64').toString('latin1'))
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  try {
    return signatureProblem(block.bytes)
  } catch (error) {
    if (error instanceof DerError) return error.message
    // Whatever the key parser refuses is the fault of the request, in words of OpenSSL.
    return `x509: ${error instanceof Error ? error.message : String(error)}`
  }
}

function signatureProblem(bytes: Buffer): string | undefined {
  const [info, algorithm, signature] = derValues(onlyValue(bytes, SEQUENCE).content)
  if (info?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING) {
    return "asn1: structure error: tags don't match"
  }
  const [, , keyInfo] = derValues(info.content)
  const [identifier] = derValues(algorithm.content)
  if (keyInfo?.tag !== SEQUENCE || !identifier) return "asn1: structure error: tags don't match"
  const hash = hashes[objectIdentifier(identifier)]
  if (hash === undefined) return 'x509: cannot verify signature: algorithm unimplemented'
  const key = createPublicKey({ key: keyInfo.raw, format: 'der', type: 'spki' })
  // The first byte of a bit string counts its unused bits, of which a signature has none.
  if (signature.content[0] !== 0) return 'x509: unexpected unused bits in the signature'
  if (verify(hash, info.raw, key, signature.content.subarray(1))) return undefined
  return verificationErrors[key.asymmetricKeyType ?? ''] ?? 'x509: signature verification failure'
}

/** What is wrong with the base64 text of certificates, if anything is. */
export function certificatesProblem(base64: string): string | undefined {
  const blocks = pemBlocks(Buffer.from(base64, 'base64').toString('latin1'))
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    }
    if (hasHeaders) return 'no PEM block headers are permitted'
    if (!isCertificate(bytes)) return 'x509: malformed certificate'
  }
  return blocks.length ? undefined : 'must contain at least one CERTIFICATE PEM block'
}

function isCertificate(bytes: Buffer): boolean {
  try {
    return new X509Certificate(bytes).raw.length > 0
  } catch {
    return false // OpenSSL's reasons are of no help to whoever reads the answer.
  }
}
