/** Reports what happened to objects, as Events, without ever holding up whoever reports. */
import { Event as CoreEvent } from '#api/kinds/core/event.ts'
import type { ObjectReference } from '#api/parts/core/references.ts'
import { isReason, StatusError } from '#api/status.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { type Correlated, EventCorrelator, type Report } from './event-correlator.ts'
import type { ApiObject } from './resource.ts'
import type { Client } from './rest.ts'

export interface EventOptions {
  /** The part of the object that it is about, such as `spec.containers{main}`. */
  readonly fieldPath?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** What the recorder of one component offers: a word for programs, a sentence for people. */
export interface EventRecorder {
  normal(about: ApiObject, reason: string, message: string, options?: EventOptions): void
  warning(about: ApiObject, reason: string, message: string, options?: EventOptions): void
}

export interface EventReporterParts {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The node that the component runs on, for those that run on one. */
  readonly host?: string
}

/** Reports that wait to be sent; beyond it new ones are lost, which the log says. */
const WAITING_MAX = 1000
/** As upstream: an unreachable server is asked so often, so far apart. */
const TRIES_MAX = 12
const RETRY_DELAY_MS = 10_000
const NAMESPACE_OF_CLUSTER_OBJECTS = 'default'

export class EventReporter implements AsyncDisposable {
  readonly #parts: EventReporterParts
  readonly #correlator: EventCorrelator
  readonly #waiting: Report[] = []
  readonly #stopping = new AbortController()
  #sending: Promise<void> | undefined
  /** Not the same as a promise: sending is over at once when all that waits is dropped. */
  #isSending = false
  #lost = 0

  constructor(parts: EventReporterParts) {
    this.#parts = parts
    this.#correlator = new EventCorrelator(parts.clock)
  }

  for(component: string): EventRecorder {
    const record =
      (type: 'Normal' | 'Warning'): EventRecorder['normal'] =>
      (about, reason, message, options = {}) =>
        this.#record(this.#report(component, about, { type, reason, message, ...options }))
    return { normal: record('Normal'), warning: record('Warning') }
  }

  /** What has been reported so far has been sent, or given up. */
  async settled(): Promise<void> {
    await this.#sending
  }

  /** Sends what waits, and does not insist. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the event reporter is stopping', 'AbortError'))
    await this.#sending
  }

  #report(
    component: string,
    about: ApiObject,
    { fieldPath, annotations, ...rest }: EventOptions & Pick<Report, 'type' | 'reason' | 'message'>,
  ): Report {
    const { host } = this.#parts
    return {
      ...rest,
      ...(annotations && { annotations }),
      namespace: about.metadata.namespace || NAMESPACE_OF_CLUSTER_OBJECTS,
      involvedObject: { ...objectReferenceTo(about), ...(fieldPath && { fieldPath }) },
      source: { component, ...(host && { host }) },
      reportingInstance: host ?? '',
    }
  }

  #record(report: Report): void {
    if (this.#stopping.signal.aborted) return
    if (this.#waiting.length === WAITING_MAX) {
      if (this.#lost++ === 0) this.#parts.log.warn('events lost: too many wait to be sent')
      return
    }
    this.#waiting.push(report)
    if (!this.#isSending) this.#sending = this.#send()
  }

  async #send(): Promise<void> {
    this.#isSending = true
    for (let report = this.#waiting.shift(); report; report = this.#waiting.shift()) {
      const correlated = this.#correlator.correlate(report)
      if (correlated) await this.#sendOne(correlated)
    }
    this.#isSending = false
    if (this.#lost > 0) this.#parts.log.warn('events were lost', { count: this.#lost })
    this.#lost = 0
  }

  async #sendOne(event: Correlated): Promise<void> {
    const { clock, random, log } = this.#parts
    const { signal } = this.#stopping
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#write(event)
        return
      } catch (error) {
        const { reason, involvedObject } = event.report
        const fields = { reason, about: involvedObject.name, error }
        // A refusal stands: the namespace is going away, or the event makes no sense.
        if (error instanceof StatusError) return log.debug('event refused', fields)
        if (attempt === TRIES_MAX || signal.aborted) return log.warn('event not sent', fields)
        const delayMs = attempt === 1 ? random.fraction() * RETRY_DELAY_MS : RETRY_DELAY_MS
        await waitOrStop(clock, delayMs, signal)
      }
    }
  }

  async #write(event: Correlated): Promise<void> {
    const { client } = this.#parts
    const { report, name, message, count, lastTimestamp } = event
    if (count > 1) {
      const target = { name, namespace: report.namespace }
      try {
        await client.patch(CoreEvent, target, { count, lastTimestamp, message })
        return
      } catch (error) {
        // It has expired meanwhile: it begins anew, with the count that it had.
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    await client.create(CoreEvent, eventFrom(event))
  }
}

function eventFrom({ report, name, ...rest }: Correlated) {
  const { namespace, annotations, source, ...facts } = report
  return {
    metadata: { name, namespace, ...(annotations && { annotations }) },
    ...facts,
    ...rest,
    source,
    reportingComponent: source.component ?? '',
  }
}

export function objectReferenceTo({ kind, apiVersion, metadata }: ApiObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata
  return {
    ...(kind && { kind }),
    ...(namespace && { namespace }),
    name,
    uid,
    ...(apiVersion && { apiVersion }),
    resourceVersion,
  }
}

/** Stopping is no reason to fail: the next attempt is the last, and at once. */
async function waitOrStop(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(delayMs, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
