/** The API server is away for a minute: everybody waits, longer each time, and then goes on. */
import { expect, test } from 'vitest'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { template, webSelector } from '../workloads.ts'
import { World } from './world.ts'

const NODES = 3
const OUTAGE_MS = 60_000
/** Waits of 0.8 s and more, each twice as long as the one before, fill a minute. */
const ATTEMPTS_MAX = 8
/** The longest of these waits, by chance twice as long. */
const RECOVERY_MS = 2 * 51_200
/** As often as candidates look at their lease. */
const LEASE_LOOKS_MAX = OUTAGE_MS / 2000
/** As often as nodes give signs of life. */
const HEARTBEATS_MAX = 1 + OUTAGE_MS / 10_000

/** How often each line was written, but for what it says about the error. */
function timesWritten(lines: readonly string[], message: string): Map<string, number> {
  const times = new Map<string, number>()
  for (const line of lines.filter((each) => each.includes(`: ${message} `))) {
    const subject = line.slice(0, line.indexOf('"error"'))
    times.set(subject, (times.get(subject) ?? 0) + 1)
  }
  return times
}

test('a minute without a server', async () => {
  await using world = await World.begin(1)
  const { client, journal } = world
  const metadata = { name: 'web', namespace: 'default' }
  await world.live(5000)
  const spec = { replicas: 3, selector: webSelector, template: template() }
  await client.create(Deployment, { metadata, spec })
  await world.live(20_000)
  expect((await client.get(Deployment, metadata)).status.readyReplicas).toBe(3)
  const before = journal.lines.length
  const accepted = new Map(world.lives.map(({ front }) => [front, front.accepted]))
  for (const { front } of world.lives) {
    front.refuse(true)
    front.cut()
  }
  await client.patch(Deployment, metadata, { spec: { replicas: 5 } })
  await world.live(OUTAGE_MS)
  const lines = journal.lines.slice(before)
  const breaks = timesWritten(lines, 'watch broken')
  for (const [line, count] of breaks) {
    // Both the garbage collector and others watch most kinds.
    const watchers = line.startsWith('manager') ? 2 : 1
    expect(count, line).toBeLessThanOrEqual(ATTEMPTS_MAX * watchers)
    expect(count, line).toBeGreaterThan(3)
  }
  for (const [line, count] of timesWritten(lines, 'lease not written')) {
    expect(count, line).toBeLessThanOrEqual(LEASE_LOOKS_MAX)
  }
  for (const [line, count] of timesWritten(lines, 'no sign of life')) {
    expect(count, line).toBeLessThanOrEqual(HEARTBEATS_MAX)
  }
  for (const life of [world.life('scheduler'), world.life('kubelet')]) {
    const { service, front } = life
    const informers = [...breaks.keys()].filter((line) => line.startsWith(service.name)).length
    // A read whose connection breaks is given one more chance.
    const calls = 2 * HEARTBEATS_MAX * NODES
    const attempts = front.accepted - (accepted.get(front) ?? 0)
    expect(attempts).toBeLessThanOrEqual(ATTEMPTS_MAX * informers + calls)
  }
  expect((await client.get(Deployment, metadata)).status.readyReplicas).toBe(3)
  world.heal()
  await world.live(RECOVERY_MS)
  expect((await client.get(Deployment, metadata)).status.readyReplicas).toBe(5)
  expect(journal.errors).toEqual([])
})
