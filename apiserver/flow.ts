/**
 * How many requests are answered at once. Those of the system itself have seats of their own, so
 * that no crowd of other callers keeps nodes and controllers from their work.
 */
import { tooManyRequests } from '#api/status.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { User } from './request-context.ts'
import type { RequestInfo } from './request-info.ts'
import type { RequestKind, ServerMetrics } from './server-metrics.ts'
import { MULTIPLEX_PATH } from './watch/multiplex.ts'

export interface FlowLimits {
  /** Requests that only read, answered at once. */
  readonly readOnly: number
  readonly mutating: number
  /** How many more may wait for a seat, for each kind of request. */
  readonly waiting: number
  /** How long they may wait. */
  readonly waitMs: number
}

/** The numbers of seats are upstream's. */
export const defaultFlowLimits: FlowLimits = {
  readOnly: 400,
  mutating: 200,
  waiting: 1000,
  waitMs: 15_000,
}

const RETRY_SECONDS = 1
const noSeat: Disposable = { [Symbol.dispose]: () => {} }

export class Flow {
  readonly #limits: FlowLimits
  readonly #clock: Clock
  readonly #metrics: ServerMetrics
  readonly #queues = new Map<string, SeatQueue>()

  constructor(limits: FlowLimits, clock: Clock, metrics: ServerMetrics) {
    this.#limits = limits
    this.#clock = clock
    this.#metrics = metrics
  }

  /**
   * A seat to be given back, at once if one is free. Rejects with 429 when there is none and too
   * many wait for one.
   */
  enter(user: User, info: RequestInfo, signal: AbortSignal): Disposable | Promise<Disposable> {
    if (!info.isResource) return noSeat
    if (isLongRunning(info)) {
      this.#metrics.longRunning(info, 1)
      return { [Symbol.dispose]: () => this.#metrics.longRunning(info, -1) }
    }
    const kind = reading.has(info.verb) ? 'readOnly' : 'mutating'
    if (isExempt(user)) return this.#seat(kind, undefined)
    const queue = this.#queue(isSystem(user) ? 'system' : 'others', kind)
    return queue.takeFree() ? this.#seat(kind, queue) : this.#awaitSeat(kind, queue, signal)
  }

  #seat(kind: RequestKind, queue: SeatQueue | undefined): Disposable {
    this.#metrics.inFlight(kind, 1)
    return {
      [Symbol.dispose]: () => {
        this.#metrics.inFlight(kind, -1)
        queue?.giveBack()
      },
    }
  }

  async #awaitSeat(kind: RequestKind, queue: SeatQueue, signal: AbortSignal): Promise<Disposable> {
    if (await queue.wait(signal)) return this.#seat(kind, queue)
    this.#metrics.rejected(kind)
    throw tooManyRequests('Too many requests, please try again later.', RETRY_SECONDS)
  }

  #queue(band: string, kind: RequestKind): SeatQueue {
    const name = `${band} ${kind}`
    const known = this.#queues.get(name)
    if (known) return known
    const queue = new SeatQueue(this.#limits[kind], this.#limits, this.#clock)
    this.#queues.set(name, queue)
    return queue
  }
}

const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
const longRunningSubresources = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Such requests stay for as long as their callers want, so they take no seat. */
export function isLongRunning(info: RequestInfo): boolean {
  if (!info.isResource) return info.path === MULTIPLEX_PATH
  return info.verb === 'watch' || longRunningSubresources.has(info.subresource)
}

/** Administrators come through whatever happens: they are who mends it. */
const isExempt = ({ groups }: User): boolean => groups.includes('system:masters')

const systemGroups = ['system:nodes', 'system:serviceaccounts:kube-system']

const isSystem = ({ name, groups }: User): boolean =>
  name.startsWith('system:kube-') || systemGroups.some((group) => groups.includes(group))

/** Seats, and those who wait for one, first come first served. */
class SeatQueue {
  readonly #limits: FlowLimits
  readonly #clock: Clock
  readonly #waiting = new Set<(hasSeat: boolean) => void>()
  #free: number

  constructor(seats: number, limits: FlowLimits, clock: Clock) {
    this.#free = seats
    this.#limits = limits
    this.#clock = clock
  }

  takeFree(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  /** For a seat that somebody gives back; false when that takes too long or too many wait. */
  async wait(signal: AbortSignal): Promise<boolean> {
    if (this.#waiting.size >= this.#limits.waiting || signal.aborted) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#waiting.add(resolve)
    const giveUp = (): void => {
      if (this.#waiting.delete(resolve)) resolve(false)
    }
    using _timer: Timer = this.#clock.setTimeout(giveUp, this.#limits.waitMs, { background: true })
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  giveBack(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next(true)
  }
}
