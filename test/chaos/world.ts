/** A whole cluster in one process, on a clock that moves when nobody has anything to do. */
import { LeadershipLost } from '#client/leader.ts'
import type { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import type { Log, LogFields } from '#daemon/log.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { startTestServer, type TestServer } from '../api-server.ts'
import { type Connected, connect } from '../connect.ts'
import { Life, type Service } from './life.ts'
import { MemoryDisk } from './memory-disk.ts'
import { kubelet, manager, scheduler } from './services.ts'
import { Machines } from './stand-in-nodes.ts'
import { calm } from './weather.ts'

/** Turns of the event loop without a byte after which nothing is under way. */
const QUIET_TURNS = 4
/** Time goes on although some are still busy: a real clock does not wait either. */
const BUSY_TURNS_MAX = 2000
/** Timers that come within so long of each other fire together. */
const STEP_MIN_MS = 250
/** What supervisors wait before they start again what has ended. */
const RESTART_MS = 1000
const LINES_MAX = 2000

function usualServices(): readonly Service[] {
  return [manager('manager-a'), manager('manager-b'), scheduler, kubelet(new Machines())]
}

interface WorldParts {
  readonly random: Random
  readonly server: TestServer
  readonly connected: Connected
  readonly stack: AsyncDisposableStack
}

export class World implements AsyncDisposable {
  /** Of the test itself, which nothing disturbs. */
  readonly client: Client
  readonly clock: ManualClock
  readonly random: Random
  readonly server: TestServer
  readonly journal = new Journal()
  /** Identities of managers, in the order in which they led. */
  readonly leaders: string[] = []
  readonly #stack: AsyncDisposableStack
  readonly #lives = new Map<string, Life>()
  /** Lives that have not ended yet, and those that are about to begin. */
  readonly #open = new Set<Promise<unknown>>()
  #isEnding = false

  private constructor({ random, server, connected, stack }: WorldParts) {
    this.random = random
    this.server = server
    this.client = connected.client
    this.clock = connected.clock
    this.#stack = stack
  }

  static async begin(seed: number, services = usualServices()): Promise<World> {
    const clock = new ManualClock()
    await using stack = new AsyncDisposableStack()
    const settings = { disk: new MemoryDisk(), admission: {} }
    const server = stack.use(await startTestServer({ clock, settings }))
    const connected = stack.use(connect(server.url, { clock, namespace: 'default' }))
    const random = seededRandom(seed)
    const world = new World({ random, server, connected, stack: stack.move() })
    for (const service of services) await world.#begin(service)
    return world
  }

  get lives(): readonly Life[] {
    return [...this.#lives.values()]
  }

  /** Lets so much time pass, and everybody do what there is to do meanwhile. */
  async live(forMs: number): Promise<void> {
    const { clock } = this
    const until = clock.monotonic() + forMs
    for (;;) {
      await quiet(this.lives)
      const leftMs = until - clock.monotonic()
      if (leftMs <= 0) return
      const nextMs = Math.max(clock.nextTimerMs ?? leftMs, STEP_MIN_MS)
      clock.jump(Math.min(nextMs, leftMs))
    }
  }

  /** Lets the event loop turn so often, while no time passes. */
  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await turnOfLoop()
  }

  life(service: string): Life {
    const life = this.#lives.get(service)
    if (life) return life
    throw new Error(`world: found no ${service}, wanted one of ${[...this.#lives.keys()]}`)
  }

  /** Ends all that the weather, or anybody else, has done to connections. */
  heal(): void {
    for (const { front } of this.lives) {
      front.weather = calm
      front.refuse(false)
      front.stall(false)
      front.release()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    for (const life of this.lives) life.kill()
    while (this.#open.size > 0) await this.live(RESTART_MS)
    await this.#stack.disposeAsync()
  }

  async #begin(service: Service): Promise<void> {
    const { clock, random, server } = this
    const log = this.journal.of(service.name)
    const noteWork = (identity: string): void => void this.leaders.push(identity)
    const life = await Life.begin(service, { server: server.url, clock, random, log, noteWork })
    this.#lives.set(service.name, life)
    if (this.#isEnding) life.kill()
    this.#track(life.ended.then((error) => this.#ended(life, error)))
  }

  #ended({ service, wasKilled }: Life, error: unknown): void {
    const isUsual = wasKilled || error instanceof LeadershipLost
    if (!isUsual) this.journal.of(service.name).error('ended by itself', { error })
    this.#restart(service)
  }

  /** What ends is started anew, as supervisors do. */
  #restart(service: Service): void {
    if (this.#isEnding) return
    this.clock.setTimeout(() => this.#track(this.#begin(service)), RESTART_MS)
  }

  #track(work: Promise<unknown>): void {
    this.#open.add(work)
    void work.finally(() => this.#open.delete(work))
  }
}

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Until nothing has gone over any wire for some turns. */
async function quiet(lives: readonly Life[]): Promise<void> {
  let before = -1
  for (let turn = 0, quietTurns = 0; turn < BUSY_TURNS_MAX && quietTurns < QUIET_TURNS; turn++) {
    await turnOfLoop()
    let traffic = 0
    let pending = 0
    for (const { front } of lives) {
      traffic += front.traffic
      pending += front.pending
    }
    quietTurns = traffic === before && pending === 0 ? quietTurns + 1 : 0
    before = traffic
  }
}

/** What services say. */
class Journal {
  readonly lines: string[] = []
  readonly errors: string[] = []

  of(service: string): Log {
    const line = (message: string, fields: LogFields = {}): string =>
      `${service}: ${message} ${JSON.stringify(fields, withErrors)}`
    const drop = (): void => undefined
    const fail = (message: string, fields?: LogFields): void => {
      this.errors.push(line(message, fields))
    }
    const logWith = (known: LogFields): Log => ({
      trace: drop,
      debug: drop,
      info: drop,
      warn: (message, fields) => {
        if (this.lines.length < LINES_MAX) this.lines.push(line(message, { ...known, ...fields }))
      },
      error: (message, fields) => fail(message, { ...known, ...fields }),
      fatal: (message, fields) => fail(message, { ...known, ...fields }),
      child: (fields) => logWith({ ...known, ...fields }),
      enabled: (level) => ['warn', 'error', 'fatal'].includes(level),
    })
    return logWith({})
  }
}

function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value
}
