/** One event, two versions: the core API and the events API name the same fields differently. */
import type { Event as CoreEvent } from '../kinds/core/event.ts'
import type { EventSeries } from '../kinds/events/event.ts'
import type { EventSource, ObjectReference } from '../parts/core/references.ts'
import type { ObjectMeta } from '../parts/meta/object-meta.ts'

/** An event as the events API has it. */
export interface NewerEvent {
  readonly metadata: ObjectMeta
  readonly eventTime: string | null
  readonly series?: EventSeries
  readonly reportingController?: string
  readonly reportingInstance?: string
  readonly action?: string
  readonly reason?: string
  readonly regarding: ObjectReference
  readonly related?: ObjectReference
  readonly note?: string
  readonly type?: string
  readonly deprecatedSource: EventSource
  readonly deprecatedFirstTimestamp: string | null
  readonly deprecatedLastTimestamp: string | null
  readonly deprecatedCount?: number
}

/** The core form of an event of the events API. */
export function coreEvent(event: NewerEvent): CoreEvent {
  const { reason, note, deprecatedCount, type, action, related, series } = event
  return {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: event.metadata,
    involvedObject: event.regarding,
    ...(reason && { reason }),
    ...(note && { message: note }),
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    ...(deprecatedCount && { count: deprecatedCount }),
    ...(type && { type }),
    eventTime: event.eventTime,
    ...(series && { series: coreSeries(series) }),
    ...(action && { action }),
    ...(related && { related }),
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  }
}

function coreSeries({ count, lastObservedTime }: EventSeries): NonNullable<CoreEvent['series']> {
  return { ...(count && { count }), lastObservedTime }
}

/** The form of the events API of a core event. */
export function newerEvent(event: CoreEvent): NewerEvent & {
  readonly kind: 'Event'
  readonly apiVersion: 'events.k8s.io/v1'
} {
  const { reason, message, count, type, action, related, series } = event
  const { reportingComponent, reportingInstance } = event
  return {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: event.metadata,
    eventTime: event.eventTime,
    ...(series && {
      series: { count: series.count ?? 0, lastObservedTime: series.lastObservedTime },
    }),
    ...(reportingComponent && { reportingController: reportingComponent }),
    ...(reportingInstance && { reportingInstance }),
    ...(action && { action }),
    ...(reason && { reason }),
    regarding: event.involvedObject,
    ...(related && { related }),
    ...(message && { note: message }),
    ...(type && { type }),
    deprecatedSource: event.source,
    deprecatedFirstTimestamp: event.firstTimestamp,
    deprecatedLastTimestamp: event.lastTimestamp,
    ...(count && { deprecatedCount: count }),
  }
}
