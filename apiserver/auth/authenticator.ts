/** Authentication: each method is one file beside this one; the first to know the caller wins. */
import type { IncomingMessage } from 'node:http'
import type { User } from '../request-context.ts'

export interface Authenticator {
  /**
   * The caller; undefined when the request carries nothing for this method. Throws a StatusError
   * when it does and that is not valid.
   */
  authenticate(request: IncomingMessage): Promise<User | undefined> | User | undefined
}

export const anonymous: User = {
  name: 'system:anonymous',
  groups: ['system:unauthenticated'],
}

/** Every caller that is known by name belongs to this group too. */
export const AUTHENTICATED = 'system:authenticated'

export function authenticated(user: User): User {
  if (user.groups.includes(AUTHENTICATED)) return user
  return { ...user, groups: [...user.groups, AUTHENTICATED] }
}

/** The token of `Authorization: Bearer`, if there is one. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').trim().split(/ +/)
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined
}
