/** Tries who may ask how a service is, and what they hear. */
import { expect, test } from 'vitest'
import { ManualClock } from './clock.ts'
import { createHealth } from './health.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { startMonitoring } from './monitoring.ts'

function parts() {
  const clock = new ManualClock()
  const sink = { write: () => undefined }
  const log = createLog({
    service: 'test',
    level: 'error',
    format: 'json',
    colours: false,
    clock,
    sink,
  })
  return { health: createHealth(clock, log), metrics: createMetrics(), log }
}

test('answers health checks and metrics, and nothing else', async () => {
  const { health, metrics, log } = parts()
  metrics.counter({ name: 'apples_total', help: 'Apples.' }).inc(3)
  health.add('broken', () => Promise.reject(new Error('no')), ['readyz'])
  const address = { host: '127.0.0.1', port: 0 }
  await using server = await startMonitoring({ health, metrics, log }, address)
  const get = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method })
    return [answer.status, await answer.text()]
  }
  expect(await get('/livez')).toEqual([200, 'ok'])
  expect((await get('/readyz'))[0]).toBe(500)
  expect((await get('/metrics'))[1]).toContain('apples_total 3')
  expect((await get('/nothing'))[0]).toBe(404)
  expect((await get('/livez', 'POST'))[0]).toBe(405)
})

test('shows pages of the service as JSON', async () => {
  const page = (query: URLSearchParams) => ({ status: 200, body: { asked: query.get('for') } })
  const pages = new Map([['/debug/fruit', page]])
  const address = { host: '127.0.0.1', port: 0 }
  await using server = await startMonitoring({ ...parts(), pages }, address)
  const answer = await fetch(`http://127.0.0.1:${server.port}/debug/fruit?for=apples`)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(await answer.json()).toEqual({ asked: 'apples' })
})

test.for(['0.0.0.0', '10.0.0.1', '::', 'localhost.example.com'])('%s is refused', (host) =>
  expect(startMonitoring(parts(), { host, port: 0 })).rejects.toThrow(
    `monitoring address: is "${host}", wanted a loopback address`,
  ),
)
