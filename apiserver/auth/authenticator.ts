/** Authentication: each method is one file beside this one; the first to know the caller wins. */
import type { IncomingMessage } from 'node:http'
import type { User } from '../request-context.ts'

export interface Authenticator {
  /**
   * The caller; undefined when the request carries nothing for this method. Throws a
   * CredentialError when it does and that is not good enough: another method may still know better.
   */
  authenticate(
    request: IncomingMessage,
    warnings: string[],
  ): Promise<User | undefined> | User | undefined
}

/** Whose token it is, and for which of the audiences that were asked for. */
export interface TokenOwner {
  readonly user: User
  readonly audiences: readonly string[]
}

/** A method that knows tokens, whether they come with a request or in a TokenReview. */
export interface TokenAuthenticator {
  /**
   * Undefined when the token is not of this method's kind; throws a CredentialError when it is and
   * is not valid. It must be meant for one of `audiences`.
   */
  authenticateToken(
    token: string,
    audiences: readonly string[],
    warnings: string[],
  ): Promise<TokenOwner | undefined> | TokenOwner | undefined
}

/** A credential that is not good. The caller only hears "Unauthorized"; the message is for logs. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError'
}

export const ANONYMOUS = 'system:anonymous'
/** Every caller that is known by name belongs to this group too. */
export const AUTHENTICATED = 'system:authenticated'
export const UNAUTHENTICATED = 'system:unauthenticated'

export const anonymous: User = { name: ANONYMOUS, groups: [UNAUTHENTICATED] }

export function authenticated(user: User): User {
  const { name, groups } = user
  if (name === ANONYMOUS) return user
  if (groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED)) return user
  return { ...user, groups: [...groups, AUTHENTICATED] }
}

/** For methods whose tokens are good for whoever talks to this server. */
export function ownerFor(
  user: User,
  serverAudiences: readonly string[],
  audiences: readonly string[],
): TokenOwner | undefined {
  const common = audiences.filter((each) => serverAudiences.includes(each))
  return common.length ? { user: authenticated(user), audiences: common } : undefined
}
