/** Who the caller is: every method is asked until one knows. */
import type { IncomingMessage } from 'node:http'
import { unauthorized } from '#api/status.ts'
import type { User } from '../request-context.ts'
import { type Authenticator, anonymous, authenticated, CredentialError } from './authenticator.ts'

export interface AuthenticationOptions {
  readonly authenticators: readonly Authenticator[]
  /** Whether callers without credentials are let through to authorisation. */
  readonly anonymous: boolean
}

/**
 * A credential that is not good is no reason to stop, as long as another one is; but if none is,
 * the caller is refused: it is never taken for somebody who has shown nothing.
 */
export async function authenticate(
  { authenticators, anonymous: isAnonymousAllowed }: AuthenticationOptions,
  request: IncomingMessage,
  warnings: string[],
): Promise<User> {
  const problems: string[] = []
  for (const authenticator of authenticators) {
    try {
      const pending = authenticator.authenticate(request, warnings)
      const user = pending instanceof Promise ? await pending : pending
      if (user) return authenticated(user)
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error
      problems.push(error.message)
    }
  }
  if (isAnonymousAllowed && !problems.length) return anonymous
  throw unauthorized()
}
