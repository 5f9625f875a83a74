/** What OpenID Connect wants to know about who issues the tokens of service accounts. */
import { createPublicKey } from 'node:crypto'
import type { TokenKey } from './keys.ts'
import type { TokenSettings } from './token-authority.ts'

type Facts = Pick<TokenSettings, 'issuers' | 'keys'>

/** `keysUrl` is where the keys are found from outside. */
export const configurationDocument = ({ issuers, keys }: Facts, keysUrl: string): object => ({
  issuer: issuers[0],
  jwks_uri: keysUrl,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [...new Set(keys.map((each) => each.algorithm))].sort(),
})

export const keysDocument = ({ keys }: Facts): object => ({ keys: keys.map(publicKey) })

function publicKey({ key, id, algorithm }: TokenKey): object {
  const shared = key.type === 'private' ? createPublicKey(key) : key
  const { kty, ...parameters } = shared.export({ format: 'jwk' })
  return { use: 'sig', kty, kid: id, alg: algorithm, ...parameters }
}
