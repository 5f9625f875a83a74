/** Event: a report of something that happened to an object, kept for a short time. */
import { defineKind } from '../../kind.ts'
import { pathSegmentName } from '../../names.ts'
import { eventSource, objectReference } from '../../parts/core/references.ts'
import { objectMeta } from '../../parts/meta/object-meta.ts'
import { checkEvent, type EventFacts } from '../../rules/event.ts'
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
import { column, sinceText } from '../../table.ts'

export const eventSeries = struct(
  'core.v1.EventSeries',
  'Says that an event goes on happening, in place of one event each time.',
  {
    count: omitEmpty(1, int32, 'How often it has happened so far.'),
    lastObservedTime: omitEmpty(2, microTime, 'When it happened last.'),
  },
)
export interface EventSeries extends Stored<typeof eventSeries> {}

export const Event = defineKind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  scope: 'Namespaced',
  doc: 'A report of something that happened to an object, kept for a short time.',
  fields: {
    metadata: always(1, objectMeta, 'Name, namespace and everything else common to all objects.'),
    involvedObject: always(2, objectReference, 'The object that it is about.'),
    reason: omitEmpty(3, string, 'What happened, as one word for programs, such as Pulled.'),
    message: omitEmpty(4, string, 'What happened, for people.'),
    source: omitEmpty(5, eventSource, 'Who reports it, as older reporters say it.'),
    firstTimestamp: omitEmpty(6, time, 'When it happened first, as older reporters say it.'),
    lastTimestamp: omitEmpty(7, time, 'When it happened last, as older reporters say it.'),
    count: omitEmpty(8, int32, 'How often it happened, as older reporters say it.'),
    type: omitEmpty(9, string, 'Normal or Warning; others may come.'),
    eventTime: omitEmpty(10, microTime, 'When it happened first.'),
    series: optional(11, eventSeries, 'Set when it goes on happening.'),
    action: omitEmpty(12, string, 'What the reporter did or failed to do to the object.'),
    related: optional(13, objectReference, 'Another object that plays a part in it.'),
    reportingComponent: always(14, string, 'Who reports it, such as kubernetes.io/kubelet.', {
      mayOmit: true,
    }),
    reportingInstance: always(15, string, 'Which instance of it reports, such as kubelet-a.', {
      mayOmit: true,
    }),
  },
  nameRule: pathSegmentName,
  createOnUpdate: true,
  selectable: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent,
    source: ({ source, reportingComponent }) => source.component || reportingComponent,
    type: ({ type }) => type ?? '',
  },
  columns: [
    column('Last Seen', 'string', 'How long ago it happened last.', lastSeenCell),
    column('Type', 'string', 'Normal or Warning.', ({ type = '' }: Facts) => type),
    column('Reason', 'string', 'What happened, as one word.', ({ reason = '' }: Facts) => reason),
    column('Object', 'string', 'The object that it is about.', objectCell),
    column(
      'Subobject',
      'string',
      'The part of the object that it is about.',
      ({ involvedObject }: Facts) => involvedObject.fieldPath ?? '',
      { priority: 1 },
    ),
    column('Source', 'string', 'Who reports it, and where from.', sourceCell, { priority: 1 }),
    column('Message', 'string', 'What happened.', ({ message = '' }: Facts) => message.trim()),
    column('First Seen', 'string', 'How long ago it happened first.', firstSeenCell, {
      priority: 1,
    }),
    column('Count', 'string', 'How often it happened.', countCell, { priority: 1 }),
    column('Name', 'string', 'Name of the event.', ({ metadata }: Facts) => metadata.name, {
      format: 'name',
      priority: 1,
    }),
  ],
  validate: (object, _at, problems) => checkEvent(object, problems),
})
export interface Event extends Stored<typeof Event> {}

type Facts = EventFacts & { readonly metadata: { readonly name: string } }

function firstSeenCell({ firstTimestamp, eventTime }: Facts, now: number): string {
  return sinceText(firstTimestamp ?? eventTime, now)
}

function lastSeenCell(event: Facts, now: number): string {
  if (event.series) return sinceText(event.series.lastObservedTime, now)
  return event.lastTimestamp ? sinceText(event.lastTimestamp, now) : firstSeenCell(event, now)
}

/** Newer reporters count only what repeats. */
function countCell({ series, count }: Facts): number {
  return series ? (series.count ?? 0) : count || 1
}

function objectCell({ involvedObject }: Facts): string {
  const kind = (involvedObject.kind ?? '').toLowerCase()
  return involvedObject.name ? `${kind}/${involvedObject.name}` : kind
}

function sourceCell({ source, reportingComponent, reportingInstance }: Facts): string {
  const component = source.component || reportingComponent
  const instance = source.host || reportingInstance
  return instance ? `${component}, ${instance}` : component
}
