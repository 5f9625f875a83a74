/** Seats for requests: who gets one, who waits, who is sent away. */
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { Flow, type FlowLimits, isLongRunning } from './flow.ts'
import type { User } from './request-context.ts'
import { requestInfo } from './request-info.ts'
import type { ServerMetrics } from './server-metrics.ts'

const limits: FlowLimits = { readOnly: 1, mutating: 1, waiting: 1, waitMs: 1000 }
const somebody: User = { name: 'somebody', groups: ['system:authenticated'] }
const node: User = { name: 'system:node:a', groups: ['system:nodes'] }
const administrator: User = { name: 'admin', groups: ['system:masters'] }
const read = requestInfo('GET', '/api/v1/pods')
const write = requestInfo('POST', '/api/v1/namespaces/a/pods')
const { signal } = new AbortController()

function start() {
  const clock = new ManualClock()
  const counted: string[] = []
  const metrics = {
    inFlight: (kind: string, change: number) => counted.push(`${kind} ${change}`),
    rejected: (kind: string) => counted.push(`${kind} rejected`),
    longRunning: (_: unknown, change: number) => counted.push(`long ${change}`),
  } as unknown as ServerMetrics
  return { clock, counted, flow: new Flow(limits, clock, metrics) }
}

test('who waits gets the next seat, and who comes after is sent away', async () => {
  const { flow } = start()
  const first = await flow.enter(somebody, read, signal)
  const second = flow.enter(somebody, read, signal)
  await expect(flow.enter(somebody, read, signal)).rejects.toMatchObject({
    code: 429,
    details: { retryAfterSeconds: 1 },
  })
  first[Symbol.dispose]()
  const seat = await second
  seat[Symbol.dispose]()
  ;(await flow.enter(somebody, read, signal))[Symbol.dispose]()
})

test('nobody waits for ever', async () => {
  const { flow, clock, counted } = start()
  await flow.enter(somebody, write, signal)
  const refused = expect(flow.enter(somebody, write, signal)).rejects.toMatchObject({ code: 429 })
  await clock.advance(limits.waitMs)
  await refused
  expect(counted).toEqual(['mutating 1', 'mutating rejected'])
  expect(clock.pendingTimers).toBe(0)
})

test('who is gone does not wait', async () => {
  const { flow, clock } = start()
  await flow.enter(somebody, read, signal)
  const gone = new AbortController()
  const waiting = expect(flow.enter(somebody, read, gone.signal)).rejects.toMatchObject({
    code: 429,
  })
  gone.abort()
  await waiting
  expect(clock.pendingTimers).toBe(0)
})

test('readers, writers and the system do not take seats from each other', async () => {
  const { flow } = start()
  await flow.enter(somebody, read, signal)
  await flow.enter(somebody, write, signal)
  await flow.enter(node, read, signal)
  await flow.enter(node, write, signal)
  for (const _ of [1, 2, 3]) await flow.enter(administrator, write, signal)
})

test.for([
  ['/api/v1/pods?watch=1', true],
  ['/api/v1/watch/pods', true],
  ['/api/v1/namespaces/a/pods/b/log', true],
  ['/api/v1/namespaces/a/services/b/proxy/x/y', true],
  ['/nanokube/v1/watch', true],
  ['/api/v1/pods', false],
  ['/api/v1/namespaces/a/pods/b/status', false],
  ['/healthz', false],
] as const)('%s is long-running: %s', ([path, expected]) => {
  expect(isLongRunning(requestInfo('GET', path))).toBe(expected)
})

test('what is long-running is counted and takes no seat', async () => {
  const { flow, counted } = start()
  const watch = requestInfo('GET', '/api/v1/pods?watch=1')
  for (const _ of [1, 2]) (await flow.enter(somebody, watch, signal))[Symbol.dispose]()
  expect(counted).toEqual(['long 1', 'long -1', 'long 1', 'long -1'])
})
