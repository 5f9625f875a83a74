/** Replies of other servers, for as long as they hold, up to a limit of time and of number. */
import type { Clock } from '#daemon/clock.ts'
import { type ForeignReply, handOut } from './foreign-reply.ts'
import { type Question, responseCodes } from './message.ts'

export interface CacheSettings {
  readonly clock: Clock
  /** However long others say that a reply holds. */
  readonly ttlMaxSeconds: number
  readonly entriesMax: number
}

interface Kept {
  readonly reply: ForeignReply
  readonly keptAt: number
  readonly endsAt: number
}

/** Everything that can make the reply to a question another one. */
export function cacheKey({ labels, type, extension, isCheckingDisabled }: Question): string {
  const wantsDnssec = extension?.wantsDnssec ? 'd' : ''
  const hasExtension = extension ? 'e' : ''
  return `${labels.join('.')} ${type} ${hasExtension}${wantsDnssec}${isCheckingDisabled ? 'c' : ''}`
}

export class ReplyCache {
  readonly #settings: CacheSettings
  /** In the order of use: the first was used longest ago. */
  readonly #kept = new Map<string, Kept>()

  constructor(settings: CacheSettings) {
    this.#settings = settings
  }

  get size(): number {
    return this.#kept.size
  }

  get(question: Question, sizeMax: number): { bytes: Buffer; isDenial: boolean } | undefined {
    const key = cacheKey(question)
    const kept = this.#kept.get(key)
    if (!kept) return undefined
    const now = this.#settings.clock.monotonic()
    this.#kept.delete(key)
    if (now >= kept.endsAt) return undefined
    this.#kept.set(key, kept)
    const ageSeconds = Math.floor((now - kept.keptAt) / 1000)
    const bytes = handOut(kept.reply, question, ageSeconds, sizeMax)
    return { bytes, isDenial: kept.reply.code !== responseCodes.NOERROR }
  }

  keep(question: Question, reply: ForeignReply): void {
    const { clock, ttlMaxSeconds, entriesMax } = this.#settings
    const ttlSeconds = Math.min(reply.ttlSeconds ?? 0, ttlMaxSeconds)
    if (ttlSeconds <= 0) return
    const now = clock.monotonic()
    const key = cacheKey(question)
    this.#kept.delete(key)
    this.#kept.set(key, { reply, keptAt: now, endsAt: now + ttlSeconds * 1000 })
    if (this.#kept.size <= entriesMax) return
    for (const [oldest] of this.#kept) {
      this.#kept.delete(oldest)
      break
    }
  }
}
