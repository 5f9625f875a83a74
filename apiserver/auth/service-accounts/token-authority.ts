/**
 * Issues the tokens of service accounts and knows them again. A token is judged at every use by the
 * objects that it is bound to; only its signature, which cannot change, is checked once.
 */
import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { SignJWT } from 'jose/jwt/sign'
import type { Clock } from '#daemon/clock.ts'
import type { User } from '../../request-context.ts'
import { CredentialError, type TokenAuthenticator, type TokenOwner } from '../authenticator.ts'
import { boundTokenUser } from './bound-token.ts'
import type { TokenClaims } from './claims.ts'
import type { TokenKey } from './keys.ts'
import { LEGACY_ISSUER, legacyTokenUse } from './legacy-token.ts'
import { checkSignature } from './signatures.ts'
import { type ObjectParts, Witnesses } from './witnesses.ts'

export interface TokenSettings {
  /** The first one stands in new tokens; all are accepted. */
  readonly issuers: readonly string[]
  readonly signingKey: TokenKey
  /** The public half of the signing key among them. */
  readonly keys: readonly TokenKey[]
  /** Whom tokens are meant for unless they say so. */
  readonly audiences: readonly string[]
  /** Longer lives are shortened to this; none unless given. */
  readonly maxExpirationSeconds?: number
  /** Whether tokens that the kubelet renews hourly stay good for a year, for old clients. */
  readonly extendExpiration: boolean
}

export interface AuthorityParts extends ObjectParts {
  readonly clock: Clock
  /** Told about each use of a token that lives in a secret. */
  readonly usedSecret: (namespace: string, name: string) => void
}

/** How far clocks may be apart, in seconds. */
const LEEWAY_SECONDS = 60
/** Tokens remembered; a node uses one per pod, a client one. */
const KNOWN_MAX = 4096

interface KnownToken {
  readonly claims: TokenClaims
  found?: Finding
}

interface Finding {
  readonly user: User
  readonly witnesses: Witnesses
  readonly secret?: { readonly namespace: string; readonly name: string }
  readonly warning?: string
}

export class TokenAuthority implements TokenAuthenticator {
  readonly settings: TokenSettings
  readonly #parts: AuthorityParts
  /** By hash, the longest unused first. */
  readonly #known = new Map<string, KnownToken>()

  constructor(settings: TokenSettings, parts: AuthorityParts) {
    this.settings = settings
    this.#parts = parts
  }

  async issue(claims: TokenClaims): Promise<string> {
    const { issuers, signingKey } = this.settings
    return await new SignJWT({ ...claims, iss: issuers[0] } as JWTPayload)
      .setProtectedHeader({ alg: signingKey.algorithm, kid: signingKey.id })
      .sign(signingKey.key)
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    warnings: string[],
  ): Promise<TokenOwner | undefined> {
    const known = await this.#knownToken(token)
    if (!known) return undefined
    const { claims } = known
    const common = this.#commonAudiences(claims, audiences)
    this.#checkTimes(claims)
    const { user, secret, warning } = this.#finding(token, known)
    if (secret) this.#parts.usedSecret(secret.namespace, secret.name)
    if (warning) warnings.push(warning)
    return { user, audiences: common }
  }

  async #knownToken(token: string): Promise<KnownToken | undefined> {
    const id = hash('sha256', token, 'base64')
    const known = this.#known.get(id)
    if (known) {
      this.#known.delete(id)
      this.#known.set(id, known)
      return known
    }
    const claims = unverifiedClaims(token)
    if (!claims?.iss || !this.#isOurs(claims.iss)) return undefined
    await checkSignature(token, this.settings.keys)
    const added = { claims }
    this.#known.set(id, added)
    if (this.#known.size > KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!)
    return added
  }

  #isOurs(issuer: string): boolean {
    return issuer === LEGACY_ISSUER || this.settings.issuers.includes(issuer)
  }

  #commonAudiences({ aud }: TokenClaims, wanted: readonly string[]): readonly string[] {
    const named = aud === undefined ? [] : [aud].flat()
    const meant = named.length ? named : this.settings.audiences
    const common = meant.filter((each) => wanted.includes(each))
    if (common.length) return common
    throw new CredentialError(
      `token audiences ${goList(meant)} is invalid for the target audiences ${goList(wanted)}`,
    )
  }

  #checkTimes({ exp, nbf, iat, iss }: TokenClaims): void {
    const now = this.#parts.clock.now() / 1000
    if (exp !== undefined && now > exp + LEEWAY_SECONDS) {
      throw new CredentialError('service account token has expired')
    }
    if (nbf !== undefined && now < nbf - LEEWAY_SECONDS) {
      throw new CredentialError('service account token is not valid yet')
    }
    if (iss !== LEGACY_ISSUER && iat !== undefined && now < iat - LEEWAY_SECONDS) {
      throw new CredentialError('service account token is issued in the future')
    }
  }

  #finding(token: string, known: KnownToken): Finding {
    const now = this.#parts.clock.now()
    if (known.found?.witnesses.areUnchanged(now)) return known.found
    delete known.found
    const witnesses = new Witnesses(this.#parts)
    known.found =
      known.claims.iss === LEGACY_ISSUER
        ? legacyFinding(token, known.claims, witnesses)
        : { user: boundTokenUser(known.claims, witnesses, now), witnesses }
    return known.found
  }
}

function legacyFinding(token: string, claims: TokenClaims, witnesses: Witnesses): Finding {
  const { user, namespace, secretName, warning } = legacyTokenUse(token, claims, witnesses)
  const secret = { namespace, name: secretName }
  return { user, witnesses, secret, ...(warning !== undefined && { warning }) }
}

/** What a token says before anybody has checked it: good only for finding the right check. */
function unverifiedClaims(token: string): TokenClaims | undefined {
  const [, payload, signature, ...more] = token.split('.')
  if (payload === undefined || signature === undefined || more.length) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return isClaims(claims) ? claims : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isClaims = (value: unknown): value is TokenClaims =>
  typeof value === 'object' && value !== null && hasRightTypes(value)

/** Signed or not, a claim of the wrong type must not reach a comparison. */
function hasRightTypes(claims: object): boolean {
  const { iss, sub, aud, exp, nbf, iat, jti } = claims as Readonly<Record<string, unknown>>
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'
  const isNumber = (value: unknown): boolean => value === undefined || Number.isFinite(value)
  const audiences = aud === undefined ? [] : [aud].flat()
  return [iss, sub, jti, ...audiences].every(isText) && [exp, nbf, iat].every(isNumber)
}

/** A list as upstream prints it. */
const goList = (values: readonly string[]): string =>
  `[${values.map((each) => JSON.stringify(each)).join(' ')}]`
