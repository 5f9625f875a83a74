/** Continue tokens: where the next page of a list begins, and at which revision it is read. */
import { badRequest } from '#api/status.ts'

export interface ContinueToken {
  /** -1 for a list that goes on at the newest revision, because its own is no longer kept. */
  readonly revision: number
  /** The key behind which the page begins, without the prefix of the resource. */
  readonly after: string
}

const VERSION = 'meta.k8s.io/v1'
/** Keys end before this, so the first key of the next page sorts behind it. */
const BEHIND = '\u0000'

export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start: after + BEHIND })).toString(
    'base64url',
  )
}

export function decodeContinue(token: string): ContinueToken {
  const { v, rv, start } = parsed(token)
  if (v !== VERSION) throw invalidToken(`server does not recognize this encoded version ${v ?? ''}`)
  if (rv === 0)
    throw invalidToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || !start || typeof rv !== 'number') {
    throw invalidToken('encoded start key empty (version meta.k8s.io/v1)')
  }
  // A token must not lead out of the resource that it was made for.
  if (start.startsWith('/') || start.split('/').includes('..')) throw invalidToken(start)
  return { revision: rv, after: start.endsWith(BEHIND) ? start.slice(0, -1) : start }
}

function parsed(token: string): { v?: string; rv?: unknown; start?: unknown } {
  const text = Buffer.from(token, 'base64url').toString()
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below, in the words of a caller who sent something that is no token at all.
  }
  throw invalidToken(`invalid character '${text.charAt(0)}' looking for beginning of value`)
}

const invalidToken = (why: string) =>
  badRequest(`invalid continue token: continue key is not valid: ${why}`)
