/** Events: reported, counted, merged and limited, without ever holding anybody up. */
import { describe, expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer } from '#test/api-server.ts'
import { type Connected, connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { driven, timers } from '#test/drive-clock.ts'
import { EventCorrelator, type Report } from './event-correlator.ts'
import { EventReporter } from './events.ts'

const report = (more: Partial<Report> = {}): Report => ({
  namespace: 'default',
  involvedObject: { kind: 'Pod', namespace: 'default', name: 'p', uid: '1', apiVersion: 'v1' },
  source: { component: 'tester' },
  type: 'Warning',
  reason: 'Failed',
  message: 'it failed',
  reportingInstance: '',
  ...more,
})

describe('the correlator', () => {
  test('counts what happens again', () => {
    const clock = new ManualClock()
    const correlator = new EventCorrelator(clock)
    const first = correlator.correlate(report())
    clock.jump(5000)
    const second = correlator.correlate(report())
    expect(first).toMatchObject({ count: 1, firstTimestamp: '2030-01-01T00:00:00Z' })
    expect(second).toMatchObject({
      name: first?.name,
      count: 2,
      firstTimestamp: '2030-01-01T00:00:00Z',
      lastTimestamp: '2030-01-01T00:00:05Z',
    })
    expect(first?.name).toMatch(/^p\.[0-9a-f]{16}$/)
  })

  test.for([
    { name: 'reason', more: { reason: 'Other' } },
    { name: 'message', more: { message: 'other' } },
    { name: 'type', more: { type: 'Normal' } },
    { name: 'source', more: { source: { component: 'other' } } },
    { name: 'part', more: { involvedObject: { ...report().involvedObject, fieldPath: 'x' } } },
    { name: 'object', more: { involvedObject: { ...report().involvedObject, uid: '2' } } },
  ])('another $name is another event', ({ more }) => {
    const correlator = new EventCorrelator(new ManualClock())
    const first = correlator.correlate(report())
    const second = correlator.correlate(report(more))
    expect(second?.count).toBe(1)
    expect(second?.name).not.toBe(first?.name)
  })

  test('the tenth message that is like the others becomes one for all', () => {
    const clock = new ManualClock()
    const correlator = new EventCorrelator(clock)
    const sent = Array.from({ length: 12 }, (_, index) =>
      correlator.correlate(report({ message: `m${index}` })),
    )
    expect(sent.slice(0, 9).map((each) => each?.message)).toEqual(
      Array.from({ length: 9 }, (_, index) => `m${index}`),
    )
    expect(sent.slice(9).map((each) => [each?.message, each?.count])).toEqual([
      ['(combined from similar events): m9', 1],
      ['(combined from similar events): m10', 2],
      ['(combined from similar events): m11', 3],
    ])
    expect(new Set(sent.slice(9).map((each) => each?.name)).size).toBe(1)
    clock.jump(600_001)
    expect(correlator.correlate(report({ message: 'm12' }))?.message).toBe('m12')
  })

  test('a source may say 25 things about an object, and then one in five minutes', () => {
    const clock = new ManualClock()
    const correlator = new EventCorrelator(clock)
    const passed = (count: number): number =>
      Array.from({ length: count }, () => correlator.correlate(report())).filter(Boolean).length
    expect(passed(40)).toBe(25)
    clock.jump(299_999)
    expect(passed(1)).toBe(0)
    clock.jump(1)
    expect(correlator.correlate(report())?.count).toBe(42)
    expect(passed(1)).toBe(0)
    const other = report({ involvedObject: { ...report().involvedObject, name: 'q', uid: '2' } })
    expect(correlator.correlate(other)?.count).toBe(1)
  })

  test('a long name leaves room for what makes it unique', () => {
    const correlator = new EventCorrelator(new ManualClock())
    const involvedObject = { ...report().involvedObject, name: 'n'.repeat(253) }
    expect(correlator.correlate(report({ involvedObject }))?.name).toHaveLength(253)
  })
})

function reporterOf({ client, clock, random, log }: Connected, host?: string): EventReporter {
  return new EventReporter({ client, clock, random, log, ...(host && { host }) })
}

describe('the reporter', () => {
  test('goes on after it has dropped all that there was to send', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    await using reporter = reporterOf(connected)
    const { normal } = reporter.for('tester')
    const place = { namespace: 'default' }
    const loud = await client.create(ConfigMap, { metadata: { name: 'loud', ...place } })
    const quiet = await client.create(ConfigMap, { metadata: { name: 'quiet', ...place } })
    for (let round = 0; round < 26; round++) normal(loud, 'Said', 'again')
    await reporter.settled()
    // One that is dropped while nothing else is on its way.
    normal(loud, 'Said', 'again')
    normal(quiet, 'Said', 'once')
    await reporter.settled()
    const events = await client.list(Event)
    expect(events.map(({ involvedObject }) => involvedObject.name).toSorted()).toEqual([
      'loud',
      'quiet',
    ])
  })

  test('creates an event, counts it, and creates it anew once it has expired', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client, clock } = connected
    await using reporter = reporterOf(connected, 'node-a')
    const about = await client.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } })
    const { warning } = reporter.for('tester')
    warning(about, 'Broken', 'it broke', { fieldPath: 'data{x}', annotations: { a: 'b' } })
    await reporter.settled()
    const [created] = await client.list(Event)
    expect(created).toMatchObject({
      metadata: { namespace: 'default', annotations: { a: 'b' } },
      involvedObject: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        namespace: 'default',
        name: 'a',
        uid: about.metadata.uid,
        resourceVersion: about.metadata.resourceVersion,
        fieldPath: 'data{x}',
      },
      reason: 'Broken',
      message: 'it broke',
      type: 'Warning',
      count: 1,
      firstTimestamp: '2030-01-01T00:00:00Z',
      lastTimestamp: '2030-01-01T00:00:00Z',
      source: { component: 'tester', host: 'node-a' },
      reportingComponent: 'tester',
      reportingInstance: 'node-a',
    })
    clock.jump(60_000)
    warning(about, 'Broken', 'it broke', { fieldPath: 'data{x}' })
    await reporter.settled()
    expect(await client.get(Event, created!)).toMatchObject({
      count: 2,
      lastTimestamp: '2030-01-01T00:01:00Z',
    })
    await client.delete(Event, created!)
    warning(about, 'Broken', 'it broke', { fieldPath: 'data{x}' })
    await reporter.settled()
    const [again] = await client.list(Event)
    expect(again).toMatchObject({ count: 3, firstTimestamp: '2030-01-01T00:00:00Z' })
  })

  test('events about what has no namespace are in the default one', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    await using reporter = reporterOf(connected)
    const node = await connected.client.create(Node, { metadata: { name: 'n' } })
    reporter.for('tester').normal(node, 'Ready', 'it is ready')
    await reporter.settled()
    const [event] = await connected.client.list(Event, { namespace: 'default' })
    expect(event?.involvedObject).toMatchObject({ kind: 'Node', name: 'n' })
  })

  test('waits for a server that is away, in order', async () => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using connected = connect(proxy.url)
    await using direct = connect(server.url)
    const { client } = direct
    await using reporter = reporterOf(connected)
    const about = await client.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } })
    proxy.refuse(true)
    const { normal } = reporter.for('tester')
    for (const reason of ['One', 'Two', 'Three']) normal(about, reason, 'text')
    await timers(connected.clock)
    expect(await client.list(Event)).toEqual([])
    proxy.refuse(false)
    await driven(connected.clock, reporter.settled())
    const events = await client.list(Event)
    expect(events.map(({ reason }) => reason).toSorted()).toEqual(['One', 'Three', 'Two'])
  })

  test('too many are lost, and the log says so; stopping does not wait for the server', async () => {
    await using connected = connect('http://127.0.0.1:1')
    const reporter = reporterOf(connected)
    const { normal } = reporter.for('tester')
    const metadata = { name: 'a', namespace: 'default', uid: '1', resourceVersion: '1' }
    const about = { kind: 'ConfigMap', apiVersion: 'v1', metadata } as ConfigMap
    for (let count = 0; count < 1100; count++) normal(about, 'Told', `m${count}`)
    expect(connected.logged).toEqual(['events lost: too many wait to be sent {}'])
    await reporter[Symbol.asyncDispose]()
    expect(connected.logged.at(-1)).toMatch(/^events were lost {"count":99/)
    expect(connected.clock.pendingTimers).toBe(0)
  })

  test('what the server refuses is dropped', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    await using reporter = reporterOf(connected)
    const metadata = { name: 'a', namespace: 'no such/namespace', uid: '1', resourceVersion: '1' }
    const about = { kind: 'ConfigMap', apiVersion: 'v1', metadata } as ConfigMap
    reporter.for('tester').normal(about, 'Told', 'text')
    await reporter.settled()
    expect(connected.clock.pendingTimers).toBe(0)
    expect(connected.logged).toEqual([])
  })
})
