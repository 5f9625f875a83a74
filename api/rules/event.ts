/** Events: what old and new reporters must say; both APIs keep the same objects. */
import { isDeepStrictEqual } from 'node:util'
import { isDnsSubdomain, isQualifiedName } from '../names.ts'
import type { ObjectReference } from '../parts/core/references.ts'
import { Path, type Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'
import type { Metadata } from './object-meta.ts'
import { validateObjectMeta } from './object-meta.ts'

/** An event as the core API has it, which is how it is judged whichever API it came by. */
export interface EventFacts {
  readonly metadata: Metadata
  readonly involvedObject: ObjectReference
  readonly reason?: string
  readonly message?: string
  readonly source: { readonly component?: string; readonly host?: string }
  readonly firstTimestamp: string | null
  readonly lastTimestamp: string | null
  readonly count?: number
  readonly type?: string
  readonly eventTime: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime: string | null }
  readonly action?: string
  readonly related?: object
  readonly reportingComponent: string
  readonly reportingInstance: string
}

const MAX_WORD_LENGTH = 128
const MAX_MESSAGE_LENGTH = 1024
const root = Path.root

/** The rules that hold for every event. */
export function checkEvent(event: EventFacts, problems: Problems): void {
  const namespace = event.metadata.namespace ?? ''
  const about = event.involvedObject.namespace ?? ''
  const matches = event.eventTime
    ? about !== '' || namespace === 'default' || namespace === 'kube-system'
    : about === namespace || (about === '' && namespace === 'default')
  if (!matches) {
    const place = root.child('involvedObject').child('namespace')
    problems.invalid(place, about, 'does not match event.namespace')
  }
  if (event.eventTime) checkReporter(event, problems)
  for (const message of isDnsSubdomain(namespace)) {
    problems.invalid(root.child('namespace'), namespace, message)
  }
}

/** Reporters that give the time of the event give everything else too. */
function checkReporter(event: EventFacts, problems: Problems): void {
  const { reportingComponent: reporter } = event
  const place = root.child('reportingController')
  if (!reporter) problems.required(place)
  for (const message of isQualifiedName(reporter)) problems.invalid(place, reporter, message)
  for (const name of ['reportingInstance', 'action', 'reason'] as const) {
    const text = event[name] ?? ''
    if (!text) problems.required(root.child(name))
    checkLength(text, MAX_WORD_LENGTH, root.child(name), problems)
  }
  checkLength(event.message ?? '', MAX_MESSAGE_LENGTH, root.child('message'), problems)
}

function checkLength(text: string, max: number, at: Path, problems: Problems): void {
  if (Buffer.byteLength(text) > max) {
    problems.invalid(at, '', `can have at most ${max} characters`)
  }
}

/** What the events API asks beyond that of a new event. */
export function checkStrictEvent(event: EventFacts, problems: Problems): void {
  const metadataRules = { namespaced: true, at: root.child('metadata') }
  validateObjectMeta(event.metadata, metadataRules, problems)
  checkSeries(event, problems)
  if (!event.eventTime) problems.required(root.child('eventTime'))
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    problems.invalid(root.child('type'), '', `has invalid value: ${event.type ?? ''}`)
  }
  const { component, host } = event.source
  const given = {
    firstTimestamp: event.firstTimestamp,
    lastTimestamp: event.lastTimestamp,
    count: event.count,
    source: component || host,
  }
  for (const [name, value] of Object.entries(given)) {
    if (value) problems.invalid(root.child(name), '', 'needs to be unset')
  }
}

function checkSeries({ series }: EventFacts, problems: Problems): void {
  if (!series) return
  if ((series.count ?? 0) < 2) {
    problems.invalid(root.child('series.count'), '', 'should be at least 2')
  }
  if (!series.lastObservedTime) problems.required(root.child('series.lastObservedTime'))
}

const fixedFields = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
] as const

/** What the events API asks beyond that of a change: nothing but the series may change. */
export function checkStrictEventUpdate(
  next: EventFacts,
  previous: EventFacts,
  problems: Problems,
): void {
  if (!isDeepStrictEqual(next.series, previous.series)) checkSeries(next, problems)
  const check = (value: unknown, old: unknown, name: string) => {
    if (isDeepStrictEqual(value, old)) return
    problems.invalid(root.child(name), value ?? null, immutableMessage)
  }
  for (const name of fixedFields) check(next[name], previous[name], name)
  check(next.reportingComponent, previous.reportingComponent, 'reportingController')
  check(next.reportingInstance, previous.reportingInstance, 'reportingInstance')
}
