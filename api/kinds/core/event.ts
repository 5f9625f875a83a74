/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { eventSource, objectReference } from '../../parts/core/references.ts'
import { objectMeta } from '../../parts/meta/object-meta.ts'
import {
  always,
  int32,
  microTime,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

export const eventSeries = struct('core.v1.EventSeries', '', {
  count: omitEmpty(1, int32, ''),
  lastObservedTime: omitEmpty(2, microTime, ''),
})
export interface EventSeries extends Stored<typeof eventSeries> {}

export const Event = defineKind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  scope: 'Namespaced',
  doc: '',
  fields: {
    metadata: always(
      1,
      objectMeta,
      'Name and namespace of the event; events of one series share it.',
    ),
    involvedObject: always(2, objectReference, ''),
    reason: omitEmpty(3, string, ''),
    message: omitEmpty(4, string, ''),
    source: omitEmpty(5, eventSource, ''),
    firstTimestamp: omitEmpty(6, time, ''),
    lastTimestamp: omitEmpty(7, time, ''),
    count: omitEmpty(8, int32, ''),
    type: omitEmpty(9, string, ''),
    eventTime: omitEmpty(10, microTime, ''),
    series: optional(11, eventSeries, ''),
    action: omitEmpty(12, string, ''),
    related: optional(13, objectReference, ''),
    reportingComponent: always(14, string, '', { mayOmit: true }),
    reportingInstance: always(15, string, '', { mayOmit: true }),
  },
  // columns: Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name*
})
export interface Event extends Stored<typeof Event> {}
