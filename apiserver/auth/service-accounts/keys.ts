/** The keys of service-account tokens: one signs, any number verify. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  X509Certificate,
} from 'node:crypto'
import { pemBlocks } from '#api/rules/pem.ts'

export interface TokenKey {
  readonly key: KeyObject
  /** Tells keys apart without telling the key. */
  readonly id: string
  readonly algorithm: 'RS256' | 'ES256' | 'ES384' | 'ES512'
}

const curves: Readonly<Record<string, TokenKey['algorithm']>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

/** The first private key of a PEM text. */
export function signingKey(text: string): TokenKey {
  return tokenKey(createPrivateKey(text))
}

/** Every key of a PEM text: public ones, private ones, and those of certificates. */
export function verificationKeys(text: string): TokenKey[] {
  const keys = pemBlocks(text).flatMap(({ type, bytes }) => {
    const pem = `-----BEGIN ${type}-----\n${bytes.toString('base64')}\n-----END ${type}-----\n`
    if (type === 'CERTIFICATE') return [tokenKey(new X509Certificate(pem).publicKey)]
    // Files of elliptic keys may say in a block of its own which curve it is.
    return type.endsWith(' KEY') ? [tokenKey(createPublicKey(pem))] : []
  })
  if (!keys.length) throw new Error('read keys of tokens: no key found, wanted PEM')
  return keys
}

function tokenKey(key: KeyObject): TokenKey {
  return { key, id: idOf(key), algorithm: algorithmOf(key) }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'rsa') return 'RS256'
  const algorithm = curves[asymmetricKeyDetails?.namedCurve ?? '']
  if (algorithm) return algorithm
  throw new Error(`read keys of tokens: key is "${asymmetricKeyType}", wanted "rsa" or "ec"`)
}

function idOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const bytes = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(bytes).digest('base64url')
}
