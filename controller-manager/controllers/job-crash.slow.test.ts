/** Kills the controller of Jobs at each of its writes: every pod still counts exactly once. */
import { expect, test } from 'vitest'
import { Job } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { jobSpec } from '#api/parts/batch/job-spec.ts'
import type { Input } from '#api/schema.ts'
import { type Answer, type Call, Connection, ConnectionError } from '#client/connection.ts'
import { startControllers } from '#client/controllers.ts'
import type { ApiObject, Resource } from '#client/resource.ts'
import { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { startTestServer, type TestServer } from '#test/api-server.ts'
import { type Connected, connect } from '#test/connect.ts'
import { report } from '#test/workloads.ts'
import { jobController } from './job.ts'
import { jobOrphansController } from './job-orphans.ts'
import { isTracked } from './job-pods.ts'

/** Seconds of waiting for sockets and disks, at least. */
const TURNS_MAX = 3_000_000
const QUIET_TURNS = 3
/** More than a Job takes, however often its controller dies. */
const ROUNDS_MAX = 100
const RUNS = 15
const BACKOFF_MS = 10_000

/** Dies with a write, before it is sent or before its answer comes, and stays dead. */
class MortalConnection extends Connection {
  isDead = false
  #writesLeft: number
  readonly #isSentFirst: boolean

  constructor(server: string, clock: ManualClock, writes: number, isSentFirst: boolean) {
    super({ server, userAgent: 'mortal/v1', clock })
    this.#writesLeft = writes
    this.#isSentFirst = isSentFirst
  }

  override async call(call: Call): Promise<Answer> {
    if (!this.isDead && call.method !== 'GET' && --this.#writesLeft < 0) {
      this.isDead = true
      if (this.#isSentFirst) await super.call(call)
    }
    if (this.isDead) throw new ConnectionError('the process is gone')
    return super.call(call)
  }
}

interface Scene {
  readonly server: TestServer
  readonly clock: ManualClock
  readonly direct: Connected
}

/** One process: it works until it has nothing more to do, or dies. */
class Life implements AsyncDisposable {
  readonly #scene: Scene
  readonly #mortal: MortalConnection
  readonly #watching: Connected
  readonly #running: Awaited<ReturnType<typeof startControllers>>

  static async begin(scene: Scene, { writes, isSentFirst }: Death): Promise<Life> {
    const { server, clock } = scene
    const mortal = new MortalConnection(server.url, clock, writes, isSentFirst)
    const watching = connect(server.url, { clock, carrier: 'socket' })
    const { informers, random, log } = watching
    const client = new Client({ connection: mortal })
    const events = { for: () => ({ normal: () => undefined, warning: () => undefined }) }
    const parts = { client, informers, events, clock, random, log, graceMs: 0 }
    const controllers = [jobController(), jobOrphansController]
    const running = await startControllers(controllers, parts, new AbortController().signal)
    return new Life(scene, mortal, watching, running)
  }

  private constructor(
    scene: Scene,
    mortal: MortalConnection,
    watching: Connected,
    running: Awaited<ReturnType<typeof startControllers>>,
  ) {
    this.#scene = scene
    this.#mortal = mortal
    this.#watching = watching
    this.#running = running
  }

  get isDead(): boolean {
    return this.#mortal.isDead
  }

  async work(): Promise<void> {
    const { clock } = this.#scene
    for (let [turns, quiet] = [0, 0]; quiet < QUIET_TURNS && !this.isDead; turns++) {
      if (turns === TURNS_MAX) throw new Error(`work: no end after ${turns} turns`)
      await new Promise((resolve) => setImmediate(resolve))
      quiet = this.#running.isIdle && (await this.#isUpToDate()) ? quiet + 1 : 0
      if (quiet < QUIET_TURNS || !this.#running.isRetrying) continue
      clock.jump(clock.nextTimerMs ?? 0)
      quiet = 0
    }
  }

  async #isUpToDate(): Promise<boolean> {
    return (await this.#shows(Job)) && (await this.#shows(Pod))
  }

  async #shows<S extends ApiObject>(kind: Resource<S, unknown>): Promise<boolean> {
    const shown = this.#watching.informers.get(kind).cache
    const there = await this.#scene.direct.client.list(kind)
    return (
      there.length === shown.size &&
      there.every(({ metadata }) => {
        return shown.get(metadata)?.metadata.resourceVersion === metadata.resourceVersion
      })
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]()
    await this.#watching[Symbol.asyncDispose]()
    await this.#mortal[Symbol.asyncDispose]()
  }
}

const template = {
  spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] },
}
const specs = {
  plain: { completions: 3, parallelism: 2, template },
  indexed: {
    completions: 3,
    parallelism: 3,
    completionMode: 'Indexed' as const,
    backoffLimitPerIndex: 2,
    template,
  },
}

interface Story {
  readonly name: string
  readonly spec: Input<typeof jobSpec>
  /** How the first processes die, one after the other; the next one lives on. */
  readonly deaths: readonly Death[]
  /** Whether a pod fails, by its number in the order in which they end. */
  readonly fails: (ended: number) => boolean
}

interface Death {
  readonly writes: number
  readonly isSentFirst: boolean
}

const immortal: Death = { writes: Number.POSITIVE_INFINITY, isSentFirst: false }

/** Pods end as soon as nothing else happens; whenever the process dies, another takes over. */
async function lifeOfJob(scene: Scene, { name, spec, deaths, fails }: Story) {
  const { direct, clock } = scene
  const { client } = direct
  const job = await client.create(Job, { metadata: { name, namespace: 'default' }, spec })
  const pods = async () =>
    (await client.list(Pod)).filter((pod) => pod.metadata.name.startsWith(`${name}-`))
  const next = (died: number) => Life.begin(scene, deaths[died] ?? immortal)
  let died = 0
  let life = await next(died)
  for (let [round, ended] = [0, 0]; ; round++) {
    if (round === ROUNDS_MAX) throw new Error(`${name}: no end after ${round} rounds`)
    await life.work()
    if (life.isDead) {
      await life[Symbol.asyncDispose]()
      life = await next(++died)
      continue
    }
    const pending = (await pods()).filter(({ status }) => status.phase === 'Pending')
    if (pending.length === 0) {
      if ((await client.get(Job, job)).status.completionTime) break
      clock.jump(BACKOFF_MS)
    }
    for (const pod of pending) {
      await report({ client, clock }, pod, { phase: fails(ended++) ? 'Failed' : 'Succeeded' })
    }
  }
  await life[Symbol.asyncDispose]()
  const all = await pods()
  const { succeeded, failed, completedIndexes, conditions } = (await client.get(Job, job)).status
  await client.delete(Job, job, { propagationPolicy: 'Background' })
  for (const pod of all) await client.delete(Pod, pod)
  const inPhase = (phase: string) => all.filter(({ status }) => status.phase === phase).length
  const found = {
    succeeded: succeeded ?? 0,
    failed: failed ?? 0,
    completedIndexes,
    conditions: conditions?.map(({ type }) => type),
    tracked: all.filter(isTracked).length,
  }
  return { died, found, there: { succeeded: inPhase('Succeeded'), failed: inPhase('Failed') } }
}

const ended = ['SuccessCriteriaMet', 'Complete']

test.for(['plain', 'indexed'] as const)('%s', { timeout: 120_000 }, async (kind) => {
  const clock = new ManualClock()
  await using server = await startTestServer({ clock })
  await using direct = connect(server.url, { clock, namespace: 'default' })
  const scene = { server, clock, direct }
  let deaths = 0
  for (const isSentFirst of [false, true]) {
    for (let [writes, isOver] = [0, false]; !isOver; writes++) {
      const { died, found, there } = await lifeOfJob(scene, {
        name: `${kind}-${writes}-${isSentFirst}`,
        spec: specs[kind],
        deaths: [{ writes, isSentFirst }],
        fails: (number) => number === 0,
      })
      const completedIndexes = kind === 'indexed' ? '0-2' : undefined
      const counts = { succeeded: 3, failed: 1 }
      expect(there, `killed after ${writes} writes`).toEqual(counts)
      expect(found, `killed after ${writes} writes`).toEqual({
        ...counts,
        completedIndexes,
        conditions: ended,
        tracked: 0,
      })
      deaths += died
      isOver = died === 0
    }
  }
  // Each write was the last one twice; a Job of four pods takes that many at least.
  expect(deaths).toBeGreaterThan(20)
})

test('Jobs of any kind, whose controllers die any number of times', {
  timeout: 120_000,
}, async () => {
  const clock = new ManualClock()
  await using server = await startTestServer({ clock })
  await using direct = connect(server.url, { clock, namespace: 'default' })
  const random = seededRandom(5)
  for (let run = 0; run < RUNS; run++) {
    const completions = 1 + random.below(6)
    const isIndexed = random.below(2) === 0
    const spec = {
      completions,
      parallelism: 1 + random.below(completions),
      completionMode: isIndexed ? ('Indexed' as const) : ('NonIndexed' as const),
      backoffLimit: 100,
      template,
    }
    const deaths = Array.from({ length: random.below(8) }, () => ({
      writes: random.below(9),
      isSentFirst: random.below(2) === 0,
    }))
    const failures = Array.from({ length: 4 }, () => random.below(3) === 0)
    const fails = (number: number): boolean => failures[number] ?? false
    const name = `run-${run}`
    const { found, there } = await lifeOfJob(
      { server, clock, direct },
      { name, spec, deaths, fails },
    )
    expect(there.succeeded, name).toBe(completions)
    expect(found, name).toEqual({
      ...there,
      completedIndexes: isIndexed ? allBelow(completions) : undefined,
      conditions: ended,
      tracked: 0,
    })
  }
})

const allBelow = (count: number): string => {
  if (count === 1) return '0'
  return count === 2 ? '0,1' : `0-${count - 1}`
}
