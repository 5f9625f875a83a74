/** Events of older and newer reporters. */
import { describe, expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { Event } from '../kinds/core/event.ts'
import { Problems } from '../problems.ts'
import { checkEvent, checkStrictEvent, checkStrictEventUpdate } from './event.ts'

const stored = (posted: object): Event =>
  decode(Event.schema, { metadata: { name: 'e', namespace: 'n' }, ...posted })

function said(check: (problems: Problems) => void): string[] {
  const problems = new Problems()
  check(problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

const mismatch = (value: string) =>
  `involvedObject.namespace: Invalid value: "${value}": does not match event.namespace`
const reported = {
  eventTime: '2024-01-02T03:04:05.000000Z',
  reportingComponent: 'example.com/c',
  reportingInstance: 'i',
  action: 'A',
  reason: 'R',
  involvedObject: { namespace: 'n' },
  type: 'Normal',
}

describe('every event', () => {
  test.for([
    [{ involvedObject: { namespace: 'n' } }, []],
    [{ involvedObject: { namespace: 'other' } }, [mismatch('other')]],
    [{ involvedObject: {} }, [mismatch('')]],
    [{ metadata: { name: 'e', namespace: 'default' }, involvedObject: {} }, []],
    [reported, []],
    [
      { ...reported, reportingComponent: '', action: '', message: 'm'.repeat(1025) },
      [
        'reportingController: Required value',
        'reportingController: Invalid value: "": name part must be non-empty',
        "reportingController: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        'action: Required value',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ] as const)('%j', ([posted, expected]) => {
    expect(said((problems) => checkEvent(stored(posted), problems))).toEqual(expected)
  })
})

test('the newer API wants a time and a known type, and nothing of the older one', () => {
  expect(said((problems) => checkStrictEvent(stored(reported), problems))).toEqual([])
  const old = { type: 'X', count: 2, firstTimestamp: '2024-01-02T03:04:05Z', source: { host: 'h' } }
  const event = stored({ ...old, series: { count: 1 } })
  expect(said((problems) => checkStrictEvent(event, problems))).toEqual([
    'series.count: Invalid value: "": should be at least 2',
    'series.lastObservedTime: Required value',
    'eventTime: Required value',
    'type: Invalid value: "": has invalid value: X',
    'firstTimestamp: Invalid value: "": needs to be unset',
    'count: Invalid value: "": needs to be unset',
    'source: Invalid value: "": needs to be unset',
  ])
})

test('the newer API lets only the series change', () => {
  const series = { count: 2, lastObservedTime: '2024-01-02T03:04:06.000000Z' }
  const change = (next: object) =>
    said((problems) =>
      checkStrictEventUpdate(stored({ ...reported, ...next }), stored(reported), problems),
    )
  expect(change({ series })).toEqual([])
  expect(change({ reportingInstance: 'j', action: 'B' })).toEqual([
    'action: Invalid value: "B": field is immutable',
    'reportingInstance: Invalid value: "j": field is immutable',
  ])
})
