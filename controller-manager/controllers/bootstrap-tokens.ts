/** Bootstrap tokens, `id.secret`, as the Secrets in kube-system that hold them. Pure. */
import { createHmac } from 'node:crypto'
import { Secret } from '#api/kinds/core/secret.ts'
import { TimeError, timeToEpoch } from '#api/time.ts'
import type { Selected } from '#client/controller.ts'

const NAMESPACE = 'kube-system'
const TYPE = 'bootstrap.kubernetes.io/token'
const NAME = /^bootstrap-token-([a-z0-9]{6})$/

/** No controller needs to see any other secret. */
export const tokenSecrets: Selected = {
  kind: Secret,
  selectors: { namespace: NAMESPACE, fieldSelector: `type=${TYPE}` },
}

const textOf = ({ data }: Secret, key: string): string =>
  Buffer.from(data?.[key] ?? '', 'base64').toString()

/** When it is over, in milliseconds since 1970; a time that cannot be read counts as long past. */
export function tokenExpiry(secret: Secret): number | undefined {
  const text = textOf(secret, 'expiration')
  if (!text) return undefined
  try {
    return timeToEpoch(text).seconds * 1000
  } catch (error) {
    if (error instanceof TimeError) return Number.NEGATIVE_INFINITY
    throw error
  }
}

export interface SigningToken {
  readonly id: string
  readonly secret: string
}

/** Undefined when the secret is none with which anything may be signed now. */
export function signingToken(secret: Secret, nowMs: number): SigningToken | undefined {
  const [, id] = NAME.exec(secret.metadata.name) ?? []
  const text = textOf(secret, 'token-secret')
  if (secret.type !== TYPE || id === undefined || textOf(secret, 'token-id') !== id)
    return undefined
  if (!text || textOf(secret, 'usage-bootstrap-signing') !== 'true') return undefined
  if ((tokenExpiry(secret) ?? Number.POSITIVE_INFINITY) <= nowMs) return undefined
  return { id, secret: text }
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/** A JWS without its content. Who checks it makes it again, so each byte counts. */
export function detachedSignature(content: string, { id, secret }: SigningToken): string {
  const header = base64url(JSON.stringify({ alg: 'HS256', kid: id }))
  const signed = `${header}.${base64url(content)}`
  return `${header}..${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const SIGNATURE_PREFIX = 'jws-kubeconfig-'
const CONTENT = 'kubeconfig'

/** What the map should hold; undefined when it holds that, or has nothing that could be signed. */
export function signedData(
  data: Readonly<Record<string, string>>,
  tokens: readonly SigningToken[],
): Record<string, string> | undefined {
  const content = data[CONTENT]
  if (content === undefined) return undefined
  const wanted = new Map(
    tokens.map((token) => [`${SIGNATURE_PREFIX}${token.id}`, detachedSignature(content, token)]),
  )
  const present = Object.keys(data).filter((key) => key.startsWith(SIGNATURE_PREFIX))
  const isRight =
    present.length === wanted.size && present.every((key) => data[key] === wanted.get(key))
  if (isRight) return undefined
  const others = Object.entries(data).filter(([key]) => !key.startsWith(SIGNATURE_PREFIX))
  return Object.fromEntries([...others, ...wanted])
}
