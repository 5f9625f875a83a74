/**
 * Bootstrap tokens, `id.secret`, with which a new node asks for its certificate. Each is a Secret
 * in kube-system, as kubeadm makes them.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Secret } from '#api/kinds/core/secret.ts'
import { TimeError, timeToEpoch } from '#api/time.ts'
import { ownerFor, type TokenAuthenticator } from './authenticator.ts'
import type { CredentialParts } from './credentials.ts'

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/
const BOOTSTRAPPERS = 'system:bootstrappers'
const SECRET_TYPE = 'bootstrap.kubernetes.io/token'

export function bootstrapTokens(
  { store, resources, clock }: CredentialParts,
  serverAudiences: readonly string[],
): TokenAuthenticator {
  return {
    authenticateToken(token, audiences) {
      const [, id, secret] = form.exec(token) ?? []
      if (id === undefined || secret === undefined) return undefined
      const secrets = resources.find('', 'v1', 'secrets')!
      const entry = store.get(secrets.keyOf('kube-system', `bootstrap-token-${id}`))
      if (!entry) return undefined
      const object = secrets.parse(entry) as unknown as Secret
      const groups = groupsFor(object, id, secret, clock.now())
      if (!groups) return undefined
      return ownerFor({ name: `system:bootstrap:${id}`, groups }, serverAudiences, audiences)
    },
  }
}

/** Undefined when the secret is not good for this token now. */
function groupsFor(
  { metadata, type, data }: Secret,
  id: string,
  secret: string,
  nowMs: number,
): readonly string[] | undefined {
  const text = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString()
  if (metadata.deletionTimestamp || type !== SECRET_TYPE) return undefined
  if (!isSame(text('token-secret'), secret) || text('token-id') !== id) return undefined
  if (hasExpired(text('expiration'), nowMs)) return undefined
  if (text('usage-bootstrap-authentication') !== 'true') return undefined
  const extra = text('auth-extra-groups')
  const groups = extra ? extra.split(',').map((each) => each.trim()) : []
  if (!groups.every((each) => groupForm.test(each))) return undefined
  return [...new Set([BOOTSTRAPPERS, ...groups])].sort()
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** A time that cannot be read counts as over. */
function hasExpired(text: string, nowMs: number): boolean {
  if (!text) return false
  try {
    return timeToEpoch(text).seconds * 1000 < nowMs
  } catch (error) {
    if (error instanceof TimeError) return true
    throw error
  }
}
