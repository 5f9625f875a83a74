/** Leader election: never two at once, whatever clocks and networks do. */
import { describe, expect, test } from 'vitest'
import { Lease } from '#api/kinds/coordination/lease.ts'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { startTestServer } from '#test/api-server.ts'
import { collectingLog } from '#test/collecting-log.ts'
import { connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { until } from '#test/drive-clock.ts'
import { LeadershipLost, leadWhenElected } from './leader.ts'
import type { Client } from './rest.ts'

const lease = { namespace: 'kube-system', name: 'test-leader' }

interface Replica {
  readonly clock: ManualClock
  readonly stopping: AbortController
  /** With `stopped`, or with what was thrown. */
  readonly ended: Promise<unknown>
  isLeading: boolean
  /** Requests that have no answer yet. */
  asking: number
  readonly logged: readonly string[]
}

/** A candidate with a clock of its own: machines do not share one. */
function candidate(client: Client, identity: string, clock = new ManualClock()): Replica {
  const stopping = new AbortController()
  const ended = Promise.withResolvers<unknown>()
  const logged: string[] = []
  const replica = { clock, stopping, ended: ended.promise, isLeading: false, asking: 0, logged }
  const begin = () => {
    replica.asking++
    return { answered: () => undefined, [Symbol.dispose]: () => void replica.asking-- }
  }
  const options = {
    client: client.with({ metrics: { begin } }),
    clock,
    random: seededRandom(identity.length),
    log: collectingLog(logged),
    lease,
    identity,
  }
  const lead = async (signal: AbortSignal): Promise<void> => {
    replica.isLeading = true
    const over = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => over.resolve(), { once: true })
    await over.promise
    replica.isLeading = false
  }
  leadWhenElected(options, lead, stopping.signal).then(
    () => ended.resolve('stopped'),
    (error: unknown) => ended.resolve(error),
  )
  return replica
}

/** Moves time in steps, and lets each attempt be answered before the next step. */
async function pass(replicas: readonly Replica[], forMs: number, stepMs = 500): Promise<void> {
  for (let passed = 0; passed < forMs; passed += stepMs) {
    for (const { clock } of replicas) clock.jump(stepMs)
    await answered(replicas)
  }
}

const QUIET_TURNS = 5

/** Until none has asked anything for some turns of the event loop. */
async function answered(replicas: readonly Replica[]): Promise<void> {
  let quietTurns = 0
  await until(() => {
    quietTurns = replicas.some(({ asking }) => asking > 0) ? 0 : quietTurns + 1
    return quietTurns > QUIET_TURNS
  })
}

const leading = (replicas: readonly Replica[]): boolean[] =>
  replicas.map(({ isLeading }) => isLeading)

describe('leader election', () => {
  test('one leads, and hands over at once when it stops', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const first = candidate(client, 'first')
    await until(() => first.isLeading)
    const second = candidate(client, 'second')
    await pass([first, second], 60_000, 1000)
    expect(leading([first, second])).toEqual([true, false])
    const held = await client.get(Lease, lease)
    expect(held.spec).toMatchObject({
      holderIdentity: 'first',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    })
    first.stopping.abort()
    expect(await first.ended).toBe('stopped')
    expect((await client.get(Lease, lease)).spec.holderIdentity).toBeUndefined()
    await pass([second], 5000, 1000)
    expect(second.isLeading).toBe(true)
    const after = await client.get(Lease, lease)
    expect(after.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
    second.stopping.abort()
    await second.ended
    expect(second.clock.pendingTimers).toBe(0)
  })

  test('a leader that dies is replaced after the lease has expired, and not before', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const dead = candidate(client, 'dead')
    await until(() => dead.isLeading)
    const second = candidate(client, 'second')
    await answered([second])
    await pass([second], 14_500)
    expect(second.isLeading).toBe(false)
    await pass([second], 6000)
    expect(second.isLeading).toBe(true)
    second.stopping.abort()
    await second.ended
    // It wakes up, and finds that it is not the leader any more.
    await pass([dead], 2500)
    expect(await dead.ended).toBeInstanceOf(LeadershipLost)
    expect(String(await dead.ended)).toContain('Lease/kube-system/test-leader: not renewed in time')
  })

  test.for([{ skewMs: 3_600_000 }, { skewMs: -3_600_000 }])(
    'wall clocks that differ by $skewMs ms change nothing',
    async ({ skewMs }) => {
      await using server = await startTestServer()
      await using connected = connect(server.url)
      const { client } = connected
      const first = candidate(client, 'first')
      await until(() => first.isLeading)
      const clock = new ManualClock()
      clock.shiftWallClock(skewMs)
      const second = candidate(client, 'second', clock)
      await pass([first, second], 40_000, 1000)
      expect(leading([first, second])).toEqual([true, false])
      first.clock.shiftWallClock(-skewMs)
      await pass([first, second], 40_000, 1000)
      expect(leading([first, second])).toEqual([true, false])
      for (const { stopping, ended } of [first, second]) {
        stopping.abort()
        await ended
      }
    },
  )

  test('a leader without network stops before anybody else starts', async () => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using away = connect(proxy.url)
    await using near = connect(server.url)
    const first = candidate(away.client, 'first')
    await until(() => first.isLeading)
    const second = candidate(near.client, 'second')
    await answered([second])
    // Answers stop coming; the connection does not break.
    proxy.hold(true)
    let overlaps = 0
    for (let passed = 0; passed < 30_000; passed += 500) {
      first.clock.jump(500)
      second.clock.jump(500)
      await answered([second])
      if (first.isLeading && second.isLeading) overlaps++
    }
    expect(overlaps).toBe(0)
    expect(leading([first, second])).toEqual([false, true])
    proxy.hold(false)
    expect(await first.ended).toBeInstanceOf(LeadershipLost)
    second.stopping.abort()
    await second.ended
  })

  test('a short break is survived', async () => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using connected = connect(proxy.url)
    const first = candidate(connected.client, 'first')
    await until(() => first.isLeading)
    proxy.refuse(true)
    proxy.cut()
    await pass([first], 6000)
    proxy.refuse(false)
    await pass([first], 20_000)
    expect(first.isLeading).toBe(true)
    first.stopping.abort()
    expect(await first.ended).toBe('stopped')
  })

  test('many candidates, one leader at every moment', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const all = Array.from({ length: 5 }, (_, index) =>
      candidate(connected.client, 'x'.repeat(index + 1)),
    )
    const candidates = [...all]
    let most = 0
    for (let round = 0; round < 5; round++) {
      await pass(all, 8000, 1000)
      const leaders = all.filter(({ isLeading }) => isLeading)
      most = Math.max(most, leaders.length)
      expect(leaders).toHaveLength(1)
      const [leader] = leaders
      leader!.stopping.abort()
      await leader!.ended
      all.splice(all.indexOf(leader!), 1)
    }
    expect(most).toBe(1)
    const { spec } = await connected.client.get(Lease, lease)
    expect(spec.leaseTransitions).toBe(4)
    // That another one was quicker is no failure.
    expect(candidates.flatMap(({ logged }) => logged)).toEqual([])
  })

  test('the work failing ends the term, and gives the lease up', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client, clock, random, log } = connected
    const options = { client, clock, random, log, lease, identity: 'a' }
    const failing = leadWhenElected(
      options,
      () => Promise.reject(new Error('no work')),
      new AbortController().signal,
    )
    await expect(failing).rejects.toThrow('no work')
    expect((await client.get(Lease, lease)).spec.holderIdentity).toBeUndefined()
  })

  test.for([
    { leaseDurationMs: 10, renewDeadlineMs: 10, retryPeriodMs: 1, says: 'lease of 10 ms' },
    { leaseDurationMs: 20, renewDeadlineMs: 10, retryPeriodMs: 9, says: 'renew deadline of 10 ms' },
  ])('times that make no sense: $says', async ({ says, ...times }) => {
    await using connected = connect('http://127.0.0.1:1')
    const { client, clock, random, log } = connected
    const options = { client, clock, random, log, lease, identity: 'a', times }
    const run = leadWhenElected(options, async () => undefined, new AbortController().signal)
    await expect(run).rejects.toThrow(says)
  })
})
