/** Series of events: few writes, exact counts. */
import { expect, test } from 'vitest'
import type { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Event } from '#api/kinds/events/event.ts'
import { startTestServer } from '#test/api-server.ts'
import { type Connected, connect } from '#test/connect.ts'
import { SeriesReporter } from './event-series.ts'

const about = {
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'a', namespace: 'default', uid: '1', resourceVersion: '1' },
} as ConfigMap

const report = {
  about,
  type: 'Warning',
  reason: 'FailedScheduling',
  action: 'Scheduling',
  note: '0/1 nodes are available',
} as const

function reporterOf({ client, clock, log }: Connected): SeriesReporter {
  return new SeriesReporter({ client, clock, log, controller: 'tester', instance: 'tester-1' })
}

test('what happens again is one event, with a series that is written now and then', async () => {
  await using server = await startTestServer()
  let writes = 0
  await using connected = connect(server.url, { onWrite: () => void writes++ })
  const { client, clock } = connected
  await using reporter = reporterOf(connected)
  reporter.report(report)
  await reporter.settled()
  const [first] = await client.list(Event)
  expect(first).toMatchObject({
    regarding: { kind: 'ConfigMap', name: 'a', uid: '1' },
    reportingController: 'tester',
    reportingInstance: 'tester-1',
    action: 'Scheduling',
    note: '0/1 nodes are available',
    eventTime: '2030-01-01T00:00:00.000000Z',
  })
  expect(first?.series).toBeUndefined()
  for (let minute = 1; minute <= 40; minute++) {
    clock.jump(60_000)
    reporter.report({ ...report, note: `attempt ${minute}` })
    await reporter.settled()
  }
  const [series, ...others] = await client.list(Event)
  expect(others).toEqual([])
  // The second time at once, and once after half an hour.
  expect(writes).toBe(3)
  expect(series?.series).toEqual({ count: 36, lastObservedTime: '2030-01-01T00:35:00.000000Z' })
  clock.jump(12 * 60_000)
  await reporter.settled()
  expect((await client.get(Event, first!)).series?.count).toBe(41)
  expect(clock.pendingTimers).toBe(0)
  reporter.report(report)
  await reporter.settled()
  expect(await client.list(Event)).toHaveLength(2)
})

test('stopping writes the last count; an event that has expired is begun anew', async () => {
  await using server = await startTestServer()
  await using connected = connect(server.url)
  const { client } = connected
  const reporter = reporterOf(connected)
  for (let count = 0; count < 3; count++) {
    reporter.report(report)
    await reporter.settled()
  }
  const [event] = await client.list(Event)
  expect(event?.series?.count).toBe(2)
  await client.delete(Event, event!)
  reporter.report(report)
  await reporter[Symbol.asyncDispose]()
  const [again] = await client.list(Event)
  expect(again?.series?.count).toBe(4)
  expect(connected.clock.pendingTimers).toBe(0)
})

test('a long note is cut between characters', async () => {
  await using server = await startTestServer()
  await using connected = connect(server.url)
  await using reporter = reporterOf(connected)
  reporter.report({ ...report, note: `x${'😀'.repeat(300)}` })
  await reporter.settled()
  const [event] = await connected.client.list(Event)
  expect(event?.note).toBe(`x${'😀'.repeat(255)}`)
})
