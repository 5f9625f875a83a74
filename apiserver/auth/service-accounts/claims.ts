/** What the tokens of service accounts say, and whom they make the caller. */
import { dnsLabelName, dnsSubdomainName } from '#api/names.ts'
import type { User } from '../../request-context.ts'
import { AUTHENTICATED } from '../authenticator.ts'

export interface ObjectClaim {
  readonly name: string
  readonly uid?: string
}

/** What is said beside the registered claims. */
export interface BoundClaims {
  readonly namespace: string
  readonly serviceaccount: ObjectClaim
  readonly pod?: ObjectClaim
  readonly secret?: ObjectClaim
  readonly node?: ObjectClaim
  /** Seconds since 1970; the token is good for longer, and whoever still uses it is noted. */
  readonly warnafter?: number
}

/** The payload of a token; what is in it was signed by one of our keys, nothing more. */
export interface TokenClaims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  /** Seconds since 1970, as are the next two. */
  readonly exp?: number
  readonly iat?: number
  readonly nbf?: number
  readonly jti?: string
  readonly 'kubernetes.io'?: BoundClaims
  readonly [claim: string]: unknown
}

const PREFIX = 'system:serviceaccount:'
const GROUP = 'system:serviceaccounts'
const EXTRA = 'authentication.kubernetes.io/'

export const accountUserName = (namespace: string, name: string): string =>
  `${PREFIX}${namespace}:${name}`

export const accountGroups = (namespace: string): readonly string[] => [
  GROUP,
  `${GROUP}:${namespace}`,
]

/** The account that a user name is the name of. */
export function accountOf(userName: string): { namespace: string; name: string } | undefined {
  if (!userName.startsWith(PREFIX)) return undefined
  const [namespace, name, ...more] = userName.slice(PREFIX.length).split(':')
  if (namespace === undefined || name === undefined || more.length) return undefined
  const isValid = !dnsLabelName(namespace).length && !dnsSubdomainName(name).length
  return isValid ? { namespace, name } : undefined
}

const credentialId = (jti: string): string => `JTI=${jti}`

/** The caller that valid claims stand for. */
export function boundUser(
  { namespace, serviceaccount, pod, node }: BoundClaims,
  jti: string | undefined,
): User {
  const extra = {
    ...(jti && { [`${EXTRA}credential-id`]: [credentialId(jti)] }),
    ...(node?.name && { [`${EXTRA}node-name`]: [node.name] }),
    ...(node?.name && node.uid && { [`${EXTRA}node-uid`]: [node.uid] }),
    ...(pod?.name && pod.uid && { [`${EXTRA}pod-name`]: [pod.name] }),
    ...(pod?.name && pod.uid && { [`${EXTRA}pod-uid`]: [pod.uid] }),
  }
  return {
    name: accountUserName(namespace, serviceaccount.name),
    ...(serviceaccount.uid && { uid: serviceaccount.uid }),
    groups: [...accountGroups(namespace), AUTHENTICATED],
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}
