/** What makes a token good beyond its signature and time: all that it is bound to still exists. */
import { notFound } from '#api/status.ts'
import type { User } from '../../request-context.ts'
import type { ApiObject } from '../../stored-object.ts'
import { CredentialError } from '../authenticator.ts'
import { type BoundClaims, boundUser, type ObjectClaim, type TokenClaims } from './claims.ts'
import { isGone, type Witnesses } from './witnesses.ts'

const INVALIDATED = 'service account token has been invalidated'

export function boundTokenUser(claims: TokenClaims, witnesses: Witnesses, nowMs: number): User {
  const bound = claims['kubernetes.io']
  if (!bound?.serviceaccount?.name || !bound.namespace) {
    throw new CredentialError('service account token names no service account')
  }
  checkAccount(bound, witnesses, nowMs)
  const { namespace, secret, pod, node } = bound
  const check = (plural: string, kind: string, claim: ObjectClaim, place: string): void => {
    const found = witnesses.object(plural, place, claim.name)
    if (!found) throw new CredentialError(INVALIDATED)
    checkUid(kind, found, claim)
    if (isGone(found, nowMs)) throw new CredentialError(INVALIDATED)
  }
  if (secret) check('secrets', 'secret', secret, namespace)
  if (pod) check('pods', 'pod', pod, namespace)
  // Of the token of a pod, the node is only information: the pod may outlive its node object.
  else if (node) check('nodes', 'node', node, '')
  return boundUser(bound, claims.jti)
}

function checkAccount(
  { namespace, serviceaccount: claim }: BoundClaims,
  witnesses: Witnesses,
  nowMs: number,
): void {
  const account = witnesses.object('serviceaccounts', namespace, claim.name)
  if (!account) {
    const { message } = notFound({ group: '', plural: 'serviceaccounts' }, claim.name)
    throw new CredentialError(message)
  }
  const { uid } = account.metadata
  if (uid !== claim.uid) {
    throw new CredentialError(`service account UID (${uid}) does not match claim (${claim.uid})`)
  }
  if (isGone(account, nowMs)) {
    throw new CredentialError(`service account ${namespace}/${claim.name} has been deleted`)
  }
}

function checkUid(kind: string, { metadata: { uid } }: ApiObject, claim: ObjectClaim): void {
  if (uid === claim.uid) return
  throw new CredentialError(
    `${kind} UID (${uid}) does not match service account ${kind} ref claim (${claim.uid})`,
  )
}
