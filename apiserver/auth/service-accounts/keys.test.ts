/** Keys of tokens from files, in every form that upstream accepts. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { issueAuthority } from '#api/rules/certificate.ts'
import { signingKey, verificationKeys } from './keys.ts'

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const p256 = ec('P-256')

describe('algorithms', () => {
  test.for([
    ['RS256', rsa],
    ['ES256', p256],
    ['ES384', ec('P-384')],
    ['ES512', ec('P-521')],
  ] as const)('%s', ([algorithm, key]) => {
    expect(signingKey(String(key.export({ type: 'pkcs8', format: 'pem' }))).algorithm).toBe(
      algorithm,
    )
  })

  test('others are refused', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const text = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    expect(() => signingKey(text)).toThrow('key is "ed25519", wanted "rsa" or "ec"')
    const secp256k1 = String(ec('secp256k1').export({ type: 'pkcs8', format: 'pem' }))
    expect(() => signingKey(secp256k1)).toThrow('wanted "rsa" or "ec"')
  })
})

describe('files', () => {
  const publicKey = createPublicKey(rsa)
  const validity = { notBefore: Date.UTC(2026, 0), notAfter: Date.UTC(2030, 0) }
  const serial = Buffer.from([1])
  const certificate = issueAuthority({ commonName: 'x', key: rsa, validity, serial })
  test.for<[string, string]>([
    ['PKCS#8', String(rsa.export({ type: 'pkcs8', format: 'pem' }))],
    ['PKCS#1', String(rsa.export({ type: 'pkcs1', format: 'pem' }))],
    ['public', String(publicKey.export({ type: 'spki', format: 'pem' }))],
    ['public PKCS#1', String(publicKey.export({ type: 'pkcs1', format: 'pem' }))],
    ['a certificate', certificate.toString()],
  ])('%s holds the same key, and no secret of it', ([, text]) => {
    const [key, ...more] = verificationKeys(`some text\n${text}`)
    expect(more).toEqual([])
    expect(key!.key.type).toBe('public')
    expect(key!.id).toBe(signingKey(String(rsa.export({ type: 'pkcs8', format: 'pem' }))).id)
  })

  test('may hold several keys, and parameters of curves', () => {
    const parameters =
      '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    const sec1 = String(p256.export({ type: 'sec1', format: 'pem' }))
    const pkcs8 = String(rsa.export({ type: 'pkcs8', format: 'pem' }))
    const keys = verificationKeys(parameters + sec1 + pkcs8)
    expect(keys.map(({ algorithm }) => algorithm)).toEqual(['ES256', 'RS256'])
  })

  test('without a key are refused', () => {
    expect(() => verificationKeys('')).toThrow('no key found, wanted PEM')
  })
})
