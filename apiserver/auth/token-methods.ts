/** All methods that know tokens, asked one after the other. */
import { CredentialError, type TokenAuthenticator, type TokenOwner } from './authenticator.ts'

const UNKNOWN = 'invalid bearer token'

export class TokenMethods {
  readonly #methods: readonly TokenAuthenticator[]
  /** Whom tokens must be meant for to be good for this server. */
  readonly serverAudiences: readonly string[]

  constructor(methods: readonly TokenAuthenticator[], serverAudiences: readonly string[]) {
    this.#methods = methods
    this.serverAudiences = serverAudiences
  }

  /** Throws a CredentialError for a token that no method knows: it is never taken for none. */
  async owner(
    token: string,
    audiences: readonly string[],
    warnings: string[],
  ): Promise<TokenOwner> {
    const problems: string[] = []
    for (const method of this.#methods) {
      try {
        const pending = method.authenticateToken(token, audiences, warnings)
        const owner = pending instanceof Promise ? await pending : pending
        if (owner) return owner
      } catch (error) {
        if (!(error instanceof CredentialError)) throw error
        problems.push(error.message)
      }
    }
    throw new CredentialError(problems.length ? `[${[UNKNOWN, ...problems].join(', ')}]` : UNKNOWN)
  }
}
