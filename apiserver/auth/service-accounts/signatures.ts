/** Whether one of our keys signed a token. */

import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { JOSEError } from 'jose/errors'
import { compactVerify } from 'jose/jws/compact/verify'
import { CredentialError } from '../authenticator.ts'
import type { TokenKey } from './keys.ts'

const BAD_SIGNATURE = 'invalid signature'

/** A key is only ever tried with its own algorithm: what the token says about that is no matter. */
export async function checkSignature(token: string, keys: readonly TokenKey[]): Promise<void> {
  const id = keyIdOf(token)
  const candidates = id === undefined ? keys : keys.filter((each) => each.id === id)
  if (!candidates.length) throw new CredentialError(`${BAD_SIGNATURE}, no keys found`)
  for (const { key, algorithm } of candidates) {
    if (await isSignedWith(token, { key, algorithm })) return
  }
  throw new CredentialError(BAD_SIGNATURE)
}

async function isSignedWith(
  token: string,
  { key, algorithm }: Pick<TokenKey, 'key' | 'algorithm'>,
): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return true
  } catch (error) {
    if (error instanceof JOSEError || error instanceof TypeError) return false
    throw error
  }
}

function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token)
    return kid || undefined
  } catch (error) {
    if (error instanceof TypeError) throw new CredentialError('token header cannot be read')
    throw error
  }
}
