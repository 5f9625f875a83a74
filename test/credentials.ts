/** Credentials of a server under test, with a key of its own for tokens of service accounts. */

import { newKey } from '#api/rules/certificate.ts'
import type { CredentialSettings } from '#apiserver/auth/credentials.ts'
import { signingKey, verificationKeys } from '#apiserver/auth/service-accounts/keys.ts'

export const TEST_ISSUER = 'https://kubernetes.default.svc.cluster.local'

/** Made once: no test depends on which key it is. */
export const tokenKeyText = String(newKey().export({ type: 'pkcs8', format: 'pem' }))

export const testCredentials: CredentialSettings = {
  bootstrapTokens: true,
  serviceAccounts: {
    issuers: [TEST_ISSUER],
    signingKey: signingKey(tokenKeyText),
    keys: verificationKeys(tokenKeyText),
    audiences: [TEST_ISSUER],
    extendExpiration: true,
  },
  keysUrl: 'https://192.0.2.1:6443/openid/v1/jwks',
}
