/** Tokens of the accounts of pods, asked for once, kept while they are fresh, and then renewed. */
import { TokenRequest } from '#api/kinds/authentication/token-request.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'

export interface TokenWish {
  /** None means those of the API server. */
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
}

export interface TokenParts {
  readonly client: Pick<Client, 'createSubresource'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

interface Kept {
  readonly token: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** When a new one is wanted. */
  readonly renewAtMs: number
}

/** As upstream: at four fifths of its life, or once a day, whichever comes first. */
const RENEW_SHARE = 0.8
const RENEW_AGE_MS = 24 * 3600_000
/** Pods that began together shall not all ask in the same second. */
const RENEW_JITTER_MS = 10_000

export class ServiceAccountTokens {
  readonly #parts: TokenParts
  readonly #tokens = new Map<string, Map<string, Kept>>()

  constructor(parts: TokenParts) {
    this.#parts = parts
  }

  /** One that is fresh; where none can be had, the last one as long as it is valid. */
  async token(pod: Pod, wish: TokenWish): Promise<string> {
    const { clock, log } = this.#parts
    const ofPod = this.#tokens.get(pod.metadata.uid) ?? new Map<string, Kept>()
    this.#tokens.set(pod.metadata.uid, ofPod)
    const key = JSON.stringify([wish.audiences, wish.expirationSeconds])
    const kept = ofPod.get(key)
    if (kept && clock.now() < kept.renewAtMs) return kept.token
    try {
      const fresh = await this.#request(pod, wish)
      ofPod.set(key, fresh)
      return fresh.token
    } catch (error) {
      if (!kept || clock.now() >= kept.expiresAtMs) {
        throw new Error(`failed to fetch token: ${(error as Error).message}`, { cause: error })
      }
      log.warn('token not renewed yet', { pod: pod.metadata.name, error })
      return kept.token
    }
  }

  /** When the first token of a pod wants to be renewed, in milliseconds since 1970. */
  renewalAt(podUid: string): number | undefined {
    const times = [...(this.#tokens.get(podUid)?.values() ?? [])].map(({ renewAtMs }) => renewAtMs)
    return times.length ? Math.min(...times) : undefined
  }

  forget(podUid: string): void {
    this.#tokens.delete(podUid)
  }

  async #request(pod: Pod, { audiences, expirationSeconds }: TokenWish): Promise<Kept> {
    const { client, clock, random } = this.#parts
    const { name, namespace, uid } = pod.metadata
    const account = pod.spec.serviceAccountName || 'default'
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name, uid }
    const answer = await client.createSubresource(
      ServiceAccount,
      { name: account, namespace },
      'token',
      TokenRequest,
      { spec: { audiences, expirationSeconds, boundObjectRef } },
    )
    const { token, expirationTimestamp } = answer.status!
    const issuedAtMs = clock.now()
    const expiresAtMs = Date.parse(expirationTimestamp ?? '')
    const lifeMs = Math.min((expiresAtMs - issuedAtMs) * RENEW_SHARE, RENEW_AGE_MS)
    const renewAtMs =
      issuedAtMs + lifeMs - random.fraction() * Math.min(RENEW_JITTER_MS, lifeMs / 8)
    return { token, issuedAtMs, expiresAtMs, renewAtMs }
  }
}
