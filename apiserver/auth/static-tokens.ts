/** Tokens from a file: `token,user,uid,"group1,group2"` in each line, as upstream reads it. */
import { hash } from 'node:crypto'
import type { User } from '../request-context.ts'
import { ownerFor, type TokenAuthenticator } from './authenticator.ts'

/** Tokens are looked up as hashes, so that no comparison tells by its time how far it got. */
export function staticTokens(text: string, serverAudiences: readonly string[]): TokenAuthenticator {
  const users = new Map(text.split('\n').flatMap((line, at) => tokenLine(line, at + 1)))
  return {
    authenticateToken(token, audiences) {
      const user = users.get(hashed(token))
      return user && ownerFor(user, serverAudiences, audiences)
    },
  }
}

const hashed = (token: string): string => hash('sha256', token, 'base64')

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
  return [[hashed(token), { name, uid, groups: named }]]
}

/** Comma-separated values, some of them in quotes. */
function fieldsOf(line: string): string[] {
  const fields = line.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!.trim())
}
