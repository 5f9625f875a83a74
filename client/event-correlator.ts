/** Which reports of events are sent, merged with earlier ones, or dropped: as upstream does. */
import type { Event } from '#api/kinds/core/event.ts'
import { epochToTime } from '#api/time.ts'
import type { Clock } from '#daemon/clock.ts'
import { RecentMap } from './recent-map.ts'

/** What a recorder reports; everything else about an event follows from it. */
export type Report = Pick<Event, 'involvedObject' | 'source' | 'reason' | 'message' | 'type'> &
  Partial<Pick<Event, 'related' | 'action'>> & {
    readonly namespace: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly reportingInstance: string
  }

/** An event to create; or, once it has a count above 1, to change. */
export interface Correlated {
  readonly report: Report
  readonly name: string
  readonly message: string
  readonly count: number
  readonly firstTimestamp: string
  readonly lastTimestamp: string
}

/** Reports that differ in nothing but their message are merged from the tenth in ten minutes on. */
const SIMILAR_MAX = 10
const SIMILAR_INTERVAL_MS = 600_000
/** About one object, a source may say 25 things at once, and one more every five minutes. */
const BURST = 25
const REFILL_MS = 300_000
const REMEMBERED_MAX = 4096
const NAME_BYTES_MAX = 253

interface Similar {
  readonly messages: Set<string>
  lastAt: number
}

interface Bucket {
  tokens: number
  filledAt: number
}

interface Known {
  count: number
  readonly name: string
  readonly firstTimestamp: string
}

export class EventCorrelator {
  readonly #clock: Clock
  readonly #buckets = new RecentMap<Bucket>(REMEMBERED_MAX)
  readonly #similar = new RecentMap<Similar>(REMEMBERED_MAX)
  readonly #known = new RecentMap<Known>(REMEMBERED_MAX)
  #named = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Undefined for what is too much. */
  correlate(report: Report): Correlated | undefined {
    const { key, message } = this.#merged(report)
    const now = epochToTime(Math.floor(this.#clock.now() / 1000))
    const known = this.#known.get(key)
    const { name, firstTimestamp } = known ?? {
      name: this.#newName(report.involvedObject.name ?? ''),
      firstTimestamp: now,
    }
    const count = (known?.count ?? 0) + 1
    this.#known.set(key, { count, name, firstTimestamp })
    // What is dropped counts all the same, as the next one that is sent shows.
    if (!this.#mayPass(report)) return undefined
    return { report, name, message, count, firstTimestamp, lastTimestamp: now }
  }

  #merged(report: Report): { readonly key: string; readonly message: string } {
    const { message = '' } = report
    const group = keyFrom([...aboutWhat(report), report.type, report.reason])
    const at = this.#clock.monotonic()
    const known = this.#similar.get(group)
    const isFresh = known !== undefined && at - known.lastAt <= SIMILAR_INTERVAL_MS
    const similar = isFresh ? known : { messages: new Set<string>(), lastAt: at }
    this.#similar.set(group, similar)
    similar.lastAt = at
    similar.messages.add(message)
    if (similar.messages.size < SIMILAR_MAX) {
      const { fieldPath } = report.involvedObject
      return { key: keyFrom([group, fieldPath, message]), message }
    }
    const [oldest] = similar.messages
    similar.messages.delete(oldest!)
    return { key: group, message: `(combined from similar events): ${message}` }
  }

  #mayPass(report: Report): boolean {
    const key = keyFrom(aboutWhat(report))
    const now = this.#clock.monotonic()
    const bucket = this.#buckets.get(key) ?? { tokens: BURST, filledAt: now }
    this.#buckets.set(key, bucket)
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.filledAt) / REFILL_MS)
    bucket.filledAt = now
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  /** Nanoseconds, as upstream; below the clock's milliseconds a counter keeps names apart. */
  #newName(about: string): string {
    const nanos = BigInt(Math.floor(this.#clock.now())) * 1_000_000n
    const suffix = (nanos + BigInt(this.#named++ % 1_000_000)).toString(16)
    return `${about.slice(0, NAME_BYTES_MAX - suffix.length - 1)}.${suffix}`
  }
}

function aboutWhat({ source, involvedObject: about }: Report): (string | undefined)[] {
  const { component, host } = source
  return [component, host, about.kind, about.namespace, about.name, about.uid, about.apiVersion]
}

const keyFrom = (parts: readonly (string | undefined)[]): string => parts.join('\u0000')
