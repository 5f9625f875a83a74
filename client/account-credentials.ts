/** Credentials of a service account: tokens that are asked for, and renewed while they are good. */
import assert from 'node:assert'
import { TokenRequest } from '#api/kinds/authentication/token-request.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { isReason } from '#api/status.ts'
import { timeToEpoch } from '#api/time.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Credentials, TlsMaterial } from './credentials.ts'
import type { Reference } from './resource.ts'
import type { Client } from './rest.ts'

const TOKEN_SECONDS = 3600
/** A token is used for this share of its life, which leaves time for attempts to get another. */
const USED_SHARE = 0.8

interface Token {
  readonly text: string
  readonly staleAt: number
}

export class AccountCredentials implements Credentials {
  /** Whoever may ask for tokens of the account. */
  readonly #client: Client
  readonly #account: Reference
  readonly #clock: Clock
  #token: Token | undefined
  #asking: Promise<Token> | undefined
  #tls: { readonly of: TlsMaterial; readonly own: TlsMaterial } | undefined

  constructor(client: Client, account: Reference, clock: Clock) {
    this.#client = client
    this.#account = account
    this.#clock = clock
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    const isGood = this.#token && this.#clock.monotonic() < this.#token.staleAt
    const { text } = isGood ? this.#token! : await this.#asked()
    return { authorization: `Bearer ${text}` }
  }

  /** The authorities of the client without its certificate, which would be somebody else. */
  async tls(): Promise<TlsMaterial> {
    const of = await this.#client.connection.credentials.tls()
    if (this.#tls?.of !== of) {
      const { cert: _, key: __, ...own } = of
      this.#tls = { of, own }
    }
    return this.#tls.own
  }

  /** The account was made anew, or the key of the tokens was changed. */
  async renew(): Promise<boolean> {
    const before = this.#token?.text
    return (await this.#asked()).text !== before
  }

  /** Whoever needs a token while one is asked for gets that one. */
  #asked(): Promise<Token> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<Token> {
    const { status } = await this.#requested()
    const { expirationTimestamp } = status
    assert(expirationTimestamp, 'token request: the answer says no time, wanted one')
    const lifeMs = timeToEpoch(expirationTimestamp).seconds * 1000 - this.#clock.now()
    const staleAt = this.#clock.monotonic() + lifeMs * USED_SHARE
    this.#token = { text: status.token, staleAt }
    return this.#token
  }

  async #requested(): Promise<TokenRequest> {
    try {
      return await this.#request()
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      await this.#createAccount()
      return this.#request()
    }
  }

  #request(): Promise<TokenRequest> {
    const request = { spec: { audiences: [], expirationSeconds: TOKEN_SECONDS } }
    return this.#client.createSubresource(
      ServiceAccount,
      this.#account,
      'token',
      TokenRequest,
      request as never,
    )
  }

  async #createAccount(): Promise<void> {
    try {
      await this.#client.create(ServiceAccount, { metadata: { ...this.#account } } as never)
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
    }
  }
}
