/** Tokens from a file: `token,user,uid,"group1,group2"` in each line, as upstream reads it. */
import { createHash } from 'node:crypto'
import { unauthorized } from '#api/status.ts'
import type { User } from '../request-context.ts'
import { type Authenticator, authenticated, bearerToken } from './authenticator.ts'

/** Tokens are looked up as hashes, so that no comparison tells by its time how far it got. */
export function staticTokens(text: string): Authenticator {
  const users = new Map(text.split('\n').flatMap((line, at) => tokenLine(line, at + 1)))
  return {
    authenticate(request) {
      const token = bearerToken(request)
      return token === undefined ? undefined : users.get(hashed(token))
    },
  }
}

const hashed = (token: string): string => createHash('sha256').update(token).digest('base64')

function tokenLine(line: string, number: number): [string, User][] {
  if (!line.trim()) return []
  const [token, name, uid, groups = ''] = fieldsOf(line)
  if (!token || !name || uid === undefined) {
    throw new Error(`read token file: line ${number} is not "token,user,uid[,groups]"`)
  }
  const named = groups
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
  return [[hashed(token), authenticated({ name, uid, groups: named })]]
}

/** Comma-separated values, some of them in quotes. */
function fieldsOf(line: string): string[] {
  const fields = line.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!.trim())
}

/** The end of the chain: a token that no method knows is refused, never taken for anonymous. */
export const unknownToken: Authenticator = {
  authenticate(request) {
    if (bearerToken(request) === undefined) return undefined
    throw unauthorized()
  },
}
