/** Of two managers one works; when it goes, the other takes over, and nothing is done twice. */
import { expect, test } from 'vitest'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { template, webSelector } from '../workloads.ts'
import type { Life } from './life.ts'
import { World } from './world.ts'

const STEP_MS = 500
const LEASE_MS = 15_000
/** Others look at the lease at least so often, so that they see a renewal late, and its lack. */
const LOOK_MAX_MS = 2000 * 2.2
const TAKEOVER_MS = LEASE_MS + 2 * LOOK_MAX_MS
/** Leaders renew so often, and others count from when they have seen it. */
const RENEWAL_MS = 2000

interface Going {
  readonly how: string
  readonly go: (life: Life) => void
  readonly leastMs: number
  readonly mostMs: number
}

const ways: readonly Going[] = [
  { how: 'killed', go: (life) => life.kill(), leastMs: LEASE_MS - RENEWAL_MS, mostMs: TAKEOVER_MS },
  { how: 'stopped', go: (life) => life.stop(), leastMs: 0, mostMs: LOOK_MAX_MS },
  {
    how: 'cut off',
    go({ front }) {
      front.refuse(true)
      front.cut()
    },
    leastMs: LEASE_MS - RENEWAL_MS,
    mostMs: TAKEOVER_MS,
  },
]
const cases = ways.flatMap((way) => [0, 20, 60, 150, 400].map((turns) => ({ ...way, turns })))

const REPLICAS = 40
const spec = { replicas: REPLICAS, selector: webSelector, template: template() }

/** What all managers together have asked the server for, the dead ones included. */
function asked(lives: ReadonlySet<Life>, what: string): number {
  return [...lives].reduce((sum, { front }) => sum + (front.counts.get(what) ?? 0), 0)
}

async function ready({ client }: World): Promise<number> {
  const { status } = await client.get(Deployment, { name: 'web', namespace: 'default' })
  return status.readyReplicas ?? 0
}

test.for(cases)('a leader is $how after $turns turns', async ({ go, turns, leastMs, mostMs }) => {
  await using world = await World.begin(turns)
  await world.live(5000)
  const lives = new Set(world.lives)
  const [first = ''] = world.leaders
  const leader = world.life(first.slice(0, first.indexOf('_')))
  const metadata = { name: 'web', namespace: 'default' }
  await world.client.create(Deployment, { metadata, spec })
  await world.turns(turns)
  go(leader)
  let passedMs = 0
  for (; world.leaders.length < 2 && passedMs < 2 * mostMs; passedMs += STEP_MS) {
    await world.live(STEP_MS)
    for (const life of world.lives) lives.add(life)
  }
  expect(passedMs).toBeGreaterThanOrEqual(leastMs)
  expect(passedMs).toBeLessThanOrEqual(mostMs + STEP_MS)
  // The same service may lead again, as another process.
  expect(world.leaders[1]).not.toBe(first)
  await world.live(30_000)
  expect(await ready(world)).toBe(REPLICAS)
  expect(asked(lives, 'POST replicasets')).toBe(1)
  expect(asked(lives, 'POST pods')).toBe(REPLICAS)
  expect(asked(lives, 'DELETE pods')).toBe(0)
  expect(world.journal.errors).toEqual([])
})
