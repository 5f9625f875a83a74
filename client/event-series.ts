/**
 * Reports through the events API, as the newer components do: what goes on happening is one event
 * with a series, which is written when it begins, now and then, and when it has ended.
 */

import { Event } from '#api/kinds/events/event.ts'
import type { Input } from '#api/schema.ts'
import { isReason } from '#api/status.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { objectReferenceTo } from './events.ts'
import { microTime } from './micro-time.ts'
import type { ApiObject } from './resource.ts'
import type { Client } from './rest.ts'

export interface SeriesReport {
  readonly about: ApiObject
  /** Another object that plays a part in it, such as the node that a pod is bound to. */
  readonly related?: ApiObject
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  /** What was being done, as one word, such as Binding. */
  readonly action: string
  readonly note: string
}

export interface SeriesParts {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  /** Such as default-scheduler. */
  readonly controller: string
  /** Which of several replicas. */
  readonly instance: string
}

/** As upstream: what has not happened for six minutes has ended. */
const ENDED_AFTER_MS = 6 * 60_000
/** As upstream: a series that goes on is written so often, or its event would expire. */
const REFRESH_MS = 30 * 60_000
/** As the API has it. */
const NOTE_BYTES_MAX = 1024
/** Events that are remembered, or wait to be sent; beyond it they are lost, which the log says. */
const EVENTS_MAX = 4096

interface Ongoing {
  event: Input<typeof Event> & { metadata: { name: string; namespace: string } }
  count: number
  lastAt: number
  lastTime: string
  writtenAt: number
  writtenCount: number
}

export class SeriesReporter implements AsyncDisposable {
  readonly #parts: SeriesParts
  readonly #ongoing = new Map<string, Ongoing>()
  readonly #waiting = new Set<Ongoing>()
  #sending: Promise<void> | undefined
  #review: Timer | undefined
  #named = 0

  constructor(parts: SeriesParts) {
    this.#parts = parts
  }

  report(report: SeriesReport): void {
    const { clock, log } = this.#parts
    const key = keyOf(report)
    const now = clock.monotonic()
    const known = this.#ongoing.get(key)
    if (known) {
      known.count++
      known.lastAt = now
      known.lastTime = microTime(clock)
      // The second time makes it a series; from then on only the count grows.
      if (known.count === 2) this.#write(known)
      return
    }
    if (this.#ongoing.size === EVENTS_MAX) {
      log.warn('event lost: too many go on at once', { reason: report.reason })
      return
    }
    const lastTime = microTime(clock)
    const event = this.#eventFrom(report, lastTime)
    const facts = { count: 1, lastAt: now, lastTime, writtenAt: now, writtenCount: 0 }
    const ongoing: Ongoing = { event, ...facts }
    this.#ongoing.set(key, ongoing)
    this.#write(ongoing)
    this.#review ??= this.#nextReview()
  }

  /** What has been reported so far has been sent, or given up. */
  async settled(): Promise<void> {
    await this.#sending
  }

  /** Writes how often each series has happened until now. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#review?.cancel()
    for (const each of this.#ongoing.values()) {
      if (each.count > 1 && each.count !== each.writtenCount) this.#write(each)
    }
    this.#ongoing.clear()
    await this.#sending
  }

  /** Only while something goes on: an idle component has no timers. */
  #nextReview(): Timer {
    const review = (): void => {
      const now = this.#parts.clock.monotonic()
      for (const [key, each] of this.#ongoing) {
        const hasEnded = now - each.lastAt >= ENDED_AFTER_MS
        const isNews = each.count > 1 && each.count !== each.writtenCount
        if (isNews && (hasEnded || now - each.writtenAt >= REFRESH_MS)) this.#write(each)
        if (hasEnded) this.#ongoing.delete(key)
      }
      this.#review = this.#ongoing.size > 0 ? this.#nextReview() : undefined
    }
    return this.#parts.clock.setTimeout(review, ENDED_AFTER_MS, { background: true })
  }

  #write(ongoing: Ongoing): void {
    this.#waiting.add(ongoing)
    this.#sending ??= this.#send()
  }

  async #send(): Promise<void> {
    for (const each of this.#waiting) {
      this.#waiting.delete(each)
      const { reason } = each.event
      try {
        await this.#sendOne(each)
      } catch (error) {
        this.#parts.log.warn('event not sent', { reason, error })
      }
    }
    this.#sending = undefined
  }

  async #sendOne(each: Ongoing): Promise<void> {
    const { client, clock } = this.#parts
    const { event, count, lastTime } = each
    const isKnown = each.writtenCount > 0
    each.writtenCount = count
    each.writtenAt = clock.monotonic()
    const series = count > 1 ? { series: { count, lastObservedTime: lastTime } } : {}
    if (isKnown) {
      try {
        await client.patch(Event, { metadata: event.metadata }, series)
        return
      } catch (error) {
        // It has expired meanwhile: the series goes on in a new one.
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    await client.create(Event, { ...event, ...series })
  }

  #eventFrom(report: SeriesReport, eventTime: string): Ongoing['event'] {
    const { controller, instance, clock } = this.#parts
    const { about, related, note, type, reason, action } = report
    const { name, namespace } = about.metadata
    const nanos = BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(this.#named++ % 1_000_000)
    return {
      metadata: { name: `${name}.${nanos.toString(16)}`, namespace: namespace || 'default' },
      eventTime,
      reportingController: controller,
      reportingInstance: instance,
      action,
      reason,
      regarding: objectReferenceTo(about),
      ...(related && { related: objectReferenceTo(related) }),
      note: cut(note),
      type,
    }
  }
}

/** Events that differ in nothing but their note are the same, going on. */
function keyOf({ about, related, type, reason, action }: SeriesReport): string {
  const names = [about, related].map((each) => `${each?.kind ?? ''} ${each?.metadata.uid ?? ''}`)
  return [...names, type, reason, action].join('\u0000')
}

/** Whole characters only. */
function cut(note: string): string {
  if (Buffer.byteLength(note) <= NOTE_BYTES_MAX) return note
  let text = note.slice(0, NOTE_BYTES_MAX)
  while (Buffer.byteLength(text) > NOTE_BYTES_MAX) text = text.slice(0, -1)
  return text.isWellFormed() ? text : text.slice(0, -1)
}
