/** Event of the events API: a core Event, stored once, under newer names. */
import { defineKind } from '../../kind.ts'
import { eventSource, objectReference } from '../../parts/core/references.ts'
import { objectMeta } from '../../parts/meta/object-meta.ts'
import { checkEvent, checkStrictEvent, checkStrictEventUpdate } from '../../rules/event.ts'
import { coreEvent, type NewerEvent } from '../../rules/event-versions.ts'
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
import type { Column } from '../../table.ts'
import { Event as CoreEvent } from '../core/event.ts'

export const eventSeries = struct(
  'events.v1.EventSeries',
  'Says that an event goes on happening, in place of one event each time.',
  {
    count: always(1, int32, 'How often it has happened so far. 2 at least.'),
    lastObservedTime: always(2, microTime, 'When it happened last.'),
  },
)
export interface EventSeries extends Stored<typeof eventSeries> {}

/** The columns of core events, about the same events under newer names. */
const columns: Column<NewerEvent>[] = (CoreEvent.columns ?? []).map((column) => ({
  ...column,
  cell: (event, now) => column.cell(coreEvent(event), now),
}))

export const Event = defineKind({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  scope: 'Namespaced',
  createOnUpdate: true,
  doc: 'A report of something that happened to an object, kept for a short time.',
  fields: {
    metadata: always(
      1,
      objectMeta,
      'Name and namespace of the event; events of one series share it.',
      { mayOmit: true },
    ),
    eventTime: always(2, microTime, 'When it happened first.'),
    series: optional(3, eventSeries, 'Set when it goes on happening.'),
    reportingController: omitEmpty(4, string, 'Who reports it, such as kubernetes.io/kubelet.'),
    reportingInstance: omitEmpty(5, string, 'Which instance of it reports, such as kubelet-a.'),
    action: omitEmpty(6, string, 'What the reporter did or failed to do to the object.'),
    reason: omitEmpty(7, string, 'What happened, as one word for programs, such as Pulled.'),
    regarding: omitEmpty(8, objectReference, 'The object that it is about.'),
    related: optional(9, objectReference, 'Another object that plays a part in it.'),
    note: omitEmpty(10, string, 'What happened, for people. Up to 1024 bytes.'),
    type: omitEmpty(11, string, 'Normal or Warning.'),
    deprecatedSource: omitEmpty(12, eventSource, 'Who reports it, as older reporters say it.'),
    deprecatedFirstTimestamp: omitEmpty(
      13,
      time,
      'When it happened first, as older reporters say it.',
    ),
    deprecatedLastTimestamp: omitEmpty(
      14,
      time,
      'When it happened last, as older reporters say it.',
    ),
    deprecatedCount: omitEmpty(15, int32, 'How often it happened, as older reporters say it.'),
  },
  selectable: {
    'regarding.kind': ({ regarding }) => regarding.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding.name ?? '',
    'regarding.uid': ({ regarding }) => regarding.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingController: ({ reportingController }) => reportingController ?? '',
    type: ({ type }) => type ?? '',
  },
  columns,
  validate(event, _at, problems) {
    checkEvent(coreEvent(event), problems)
  },
  validateCreate(event, problems) {
    checkStrictEvent(coreEvent(event), problems)
  },
  validateUpdate(next, previous, _at, problems) {
    checkStrictEventUpdate(coreEvent(next), coreEvent(previous), problems)
  },
})
export interface Event extends Stored<typeof Event> {}
