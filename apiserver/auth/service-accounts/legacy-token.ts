/** Tokens without an expiry, which live in a Secret of their own and are good as long as it is. */
import { timingSafeEqual } from 'node:crypto'
import type { Secret } from '#api/kinds/core/secret.ts'
import type { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { notFound } from '#api/status.ts'
import type { User } from '../../request-context.ts'
import { CredentialError } from '../authenticator.ts'
import { accountOf, boundUser, type TokenClaims } from './claims.ts'
import type { Witnesses } from './witnesses.ts'

export const LEGACY_ISSUER = 'kubernetes/serviceaccount'
const CLAIM_PREFIX = 'kubernetes.io/serviceaccount/'
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since'
export const LAST_USED = 'kubernetes.io/legacy-token-last-used'
const INVALIDATED = 'Token has been invalidated'

export interface LegacyUse {
  readonly user: User
  readonly namespace: string
  readonly secretName: string
  /** What the caller should hear about its token. */
  readonly warning?: string
}

export function legacyTokenUse(
  token: string,
  claims: TokenClaims,
  witnesses: Witnesses,
): LegacyUse {
  const text = (key: string): string => requiredText(claims, CLAIM_PREFIX + key)
  const subject = requiredText(claims, 'sub')
  const namespace = text('namespace')
  const secretName = text('secret.name')
  const accountName = text('service-account.name')
  const uid = text('service-account.uid')
  const account = accountOf(subject)
  if (account?.namespace !== namespace || account.name !== accountName) {
    throw new CredentialError('sub claim is invalid')
  }
  const secret = witnesses.object('secrets', namespace, secretName) as Secret | undefined
  checkSecret(secret, token)
  const found = accountFor(witnesses, namespace, accountName, uid)
  if (secret.metadata.labels?.[INVALID_SINCE]) {
    throw new CredentialError(invalidMessage(namespace, secretName, accountName))
  }
  const isGenerated = found.secrets?.some(({ name }) => name === secretName)
  const bound = { namespace, serviceaccount: { name: accountName, uid } }
  return {
    user: boundUser(bound, undefined),
    namespace,
    secretName,
    ...(isGenerated && { warning: GENERATED }),
  }
}

const GENERATED =
  'Use tokens from the TokenRequest API or manually created secret-based tokens ' +
  'instead of auto-generated secret-based tokens.'

const invalidMessage = (namespace: string, secret: string, account: string): string =>
  `the token in secret ${namespace}/${secret} for service account ${namespace}/${account} ` +
  'has been marked invalid. Use tokens from the TokenRequest API or manually created ' +
  `secret-based tokens, or remove the '${INVALID_SINCE}' label from the secret ` +
  'to temporarily allow use of this token'

const claimNames: Readonly<Record<string, string>> = {
  namespace: 'namespace',
  'secret.name': 'secretName',
  'service-account.name': 'serviceAccountName',
  'service-account.uid': 'serviceAccountUID',
}

function requiredText(claims: TokenClaims, claim: string): string {
  const value = claims[claim]
  if (typeof value === 'string' && value) return value
  const name = claimNames[claim.slice(CLAIM_PREFIX.length)] ?? claim
  throw new CredentialError(`${name} claim is missing`)
}

function checkSecret(secret: Secret | undefined, token: string): asserts secret is Secret {
  if (!secret || secret.metadata.deletionTimestamp) throw new CredentialError(INVALIDATED)
  const [kept, shown] = [Buffer.from(secret.data?.token ?? '', 'base64'), Buffer.from(token)]
  if (kept.length !== shown.length || !timingSafeEqual(kept, shown)) {
    throw new CredentialError("Token does not match server's copy")
  }
}

function accountFor(
  witnesses: Witnesses,
  namespace: string,
  name: string,
  uid: string,
): ServiceAccount {
  const found = witnesses.object('serviceaccounts', namespace, name) as ServiceAccount | undefined
  if (!found) {
    throw new CredentialError(notFound({ group: '', plural: 'serviceaccounts' }, name).message)
  }
  const { metadata } = found
  if (metadata.deletionTimestamp) {
    throw new CredentialError(`ServiceAccount ${namespace}/${name} has been deleted`)
  }
  if (metadata.uid !== uid) {
    throw new CredentialError(`ServiceAccount UID (${metadata.uid}) does not match claim (${uid})`)
  }
  return found
}
