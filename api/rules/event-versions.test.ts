/** Events of both APIs: the same objects under two sets of names. */
import { expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { Event as CoreEvent } from '../kinds/core/event.ts'
import { Event as NewerEvent } from '../kinds/events/event.ts'
import { coreEvent, newerEvent } from './event-versions.ts'

const metadata = { name: 'e', namespace: 'x' }
const pod = { kind: 'Pod', namespace: 'x', name: 'p', fieldPath: 'spec.containers{a}' }

test.for([
  ['an empty one', {}],
  [
    'an older one',
    {
      involvedObject: pod,
      reason: 'Pulled',
      message: 'image present',
      source: { component: 'kubelet', host: 'node' },
      firstTimestamp: '2026-11-20T07:34:16Z',
      lastTimestamp: '2026-11-20T09:30:16Z',
      count: 3,
      type: 'Normal',
    },
  ],
  [
    'a newer one',
    {
      involvedObject: pod,
      related: { kind: 'Node', name: 'n' },
      reason: 'R',
      type: 'Warning',
      action: 'A',
      eventTime: '2026-11-20T09:25:16.000000Z',
      series: { count: 5, lastObservedTime: '2026-11-20T09:33:16.000000Z' },
      reportingComponent: 'ex.example.com/c',
      reportingInstance: 'i',
    },
  ],
] as const)('%s survives the way to the events API and back', ([, fields]) => {
  const event = decode(CoreEvent.schema, { kind: 'Event', apiVersion: 'v1', metadata, ...fields })
  const newer = newerEvent(event)
  expect(decode(NewerEvent.schema, newer)).toEqual(newer)
  expect(coreEvent(newer)).toEqual(event)
})

test('fields have other names', () => {
  const newer = decode(NewerEvent.schema, {
    metadata,
    regarding: pod,
    note: 'n',
    reportingController: 'c',
    deprecatedCount: 2,
  })
  expect(coreEvent(newer)).toMatchObject({
    apiVersion: 'v1',
    involvedObject: pod,
    message: 'n',
    reportingComponent: 'c',
    count: 2,
  })
})
