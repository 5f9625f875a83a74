/** Health checks of Services and of the node, asked over HTTP as balancers do. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { collectingLog } from '#test/collecting-log.ts'
import { HealthChecks, healthAnswer } from './health-checks.ts'
import { startNodeHealth } from './node-health.ts'
import { node, service } from './test-objects.ts'

const host = '127.0.0.1'
const asked = (port: number, localEndpoints: number) => ({
  service: service({}),
  port,
  localEndpoints,
})

test.for([
  [2, true, 200],
  [0, true, 503],
  [2, false, 503],
] as const)(
  'healthAnswer(): %i local endpoints, proxy healthy %s: %i',
  ([count, healthy, code]) => {
    const { status, headers, body } = healthAnswer(asked(1, count), healthy)
    expect(status).toBe(code)
    expect(headers['x-load-balancing-endpoint-weight']).toBe(String(count))
    expect(body).toBe(
      `{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n` +
        `\t"localEndpoints": ${count},\n\t"serviceProxyHealthy": ${healthy}\n}`,
    )
  },
)

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen({ port: 0, host }, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The first answer there is: a server may still be on its way to its port. */
async function codeAt(port: number): Promise<number> {
  for (;;) {
    const code = await fetch(`http://${host}:${port}/`).then(
      ({ status }) => status,
      () => undefined,
    )
    if (code !== undefined) return code
  }
}

test('each Service has its port, follows its endpoints, and gives the port back', async () => {
  const [first, second] = [await freePort(), await freePort()]
  const lines: string[] = []
  const events = { normal: () => undefined, warning: () => undefined }
  const parts = { log: collectingLog(lines), host, events, nodeName: 'n1' }
  await using checks = new HealthChecks({ ...parts, isProxyHealthy: () => true })
  checks.set('default/web', asked(first, 1))
  expect(await codeAt(first)).toBe(200)
  checks.set('default/web', asked(first, 0))
  expect(await codeAt(first)).toBe(503)
  checks.set('default/web', asked(second, 1))
  expect(await codeAt(second)).toBe(200)
  await expect(fetch(`http://${host}:${first}/`)).rejects.toThrow()
  checks.set('default/web', undefined)
  await expect(fetch(`http://${host}:${second}/`)).rejects.toThrow()
  expect(lines).toEqual([])
})

test('a port that is taken is reported on the Service', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen({ port: 0, host }, resolve))
  const { port } = taken.address() as AddressInfo
  const { promise, resolve } = Promise.withResolvers<string>()
  const events = {
    normal: () => undefined,
    warning: (_about: unknown, reason: string, message: string) => resolve(`${reason}: ${message}`),
  }
  const parts = { log: collectingLog([]), host, events, nodeName: 'n1' }
  await using checks = new HealthChecks({ ...parts, isProxyHealthy: () => true })
  checks.set('default/web', asked(port, 1))
  expect(await promise).toMatch(
    /^FailedToStartServiceHealthcheck: node n1 failed to start healthcheck "default\/web" on port/,
  )
  await new Promise((closed) => taken.close(closed))
})

const plain = node('n1', [], [])
const leaving = node('n1', [], [], { taints: ['ToBeDeletedByClusterAutoscaler'] })
const deleted = {
  ...plain,
  metadata: { ...plain.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' },
}
test.for([
  ['all is well', plain, true, 200, 200],
  ['nobody has seen the node yet', undefined, true, 200, 200],
  ['the node is about to go', leaving, true, 503, 200],
  ['the node is being deleted', deleted, true, 503, 200],
  ['the rules are behind', plain, false, 503, 503],
] as const)('node health: %s', async ([, shown, isHealthy, forBalancers, alive]) => {
  const clock = new ManualClock()
  const figures = { isHealthy, lastSyncedAt: clock.now() - 90_000 }
  const codes: number[] = []
  const answered = (code: number): void => void codes.push(code)
  const parts = { clock, log: collectingLog([]), figures, node: () => shown, answered }
  await using server = await startNodeHealth(parts, { host, port: 0 })
  const url = `http://${host}:${server.port}`
  const answer = await fetch(`${url}/healthz`)
  expect(answer.status).toBe(forBalancers)
  expect(await answer.json()).toEqual({
    lastUpdated: isHealthy ? '2030-01-01T00:00:00.000Z' : '2029-12-31T23:58:30.000Z',
    currentTime: '2030-01-01T00:00:00.000Z',
    nodeEligible: shown === plain || shown === undefined,
  })
  expect((await fetch(`${url}/livez`)).status).toBe(alive)
  expect((await fetch(`${url}/other`)).status).toBe(404)
  expect(codes).toEqual([forBalancers, alive])
})
