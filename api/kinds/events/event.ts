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

export const eventSeries = struct('events.v1.EventSeries', '', {
  count: always(1, int32, ''),
  lastObservedTime: always(2, microTime, ''),
})
export interface EventSeries extends Stored<typeof eventSeries> {}

export const Event = defineKind({
  group: 'events.k8s.io',
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
      { mayOmit: true },
    ),
    eventTime: always(2, microTime, ''),
    series: optional(3, eventSeries, ''),
    reportingController: omitEmpty(4, string, ''),
    reportingInstance: omitEmpty(5, string, ''),
    action: omitEmpty(6, string, ''),
    reason: omitEmpty(7, string, ''),
    regarding: omitEmpty(8, objectReference, ''),
    related: optional(9, objectReference, ''),
    note: omitEmpty(10, string, ''),
    type: omitEmpty(11, string, ''),
    deprecatedSource: omitEmpty(12, eventSource, ''),
    deprecatedFirstTimestamp: omitEmpty(13, time, ''),
    deprecatedLastTimestamp: omitEmpty(14, time, ''),
    deprecatedCount: omitEmpty(15, int32, ''),
  },
  // columns: Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name*
})
export interface Event extends Stored<typeof Event> {}
