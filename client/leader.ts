/**
 * Leader election by a Lease: of several replicas one works, and another takes over when it falls
 * silent. Nobody's wall clock matters: a lease is judged by when its last change was seen here, by
 * the monotonic clock. Clocks may differ, as long as none runs half as fast again as another.
 */
import { Lease, type LeaseSpec } from '#api/kinds/coordination/lease.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason } from '#api/status.ts'
import type { Clock } from '#daemon/clock.ts'
import { type Log, reference } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { EventRecorder } from './events.ts'
import { microTime } from './micro-time.ts'
import type { Reference } from './resource.ts'
import type { Client } from './rest.ts'

export interface LeaderTimes {
  /** After so long without a renewal others take over. */
  readonly leaseDurationMs: number
  /** After so long without a renewal the leader gives up, which has to be earlier. */
  readonly renewDeadlineMs: number
  /** Between two attempts. */
  readonly retryPeriodMs: number
}

/** As upstream's components have it. */
const usualTimes: LeaderTimes = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2000,
}

/** Candidates wait up to this share longer, so that they do not all come at once. */
const JITTER = 1.2
/** A lease that is given up expires after a second, the least that it can. */
const RELEASED_SECONDS = 1

export interface LeaderOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly lease: Reference
  /** Unlike that of any other candidate, past ones included. */
  readonly identity: string
  readonly events?: EventRecorder
  readonly times?: LeaderTimes
}

/** The lease could not be renewed in time: another may be at work already. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost'
}

/**
 * Waits until elected, then runs `lead`. Its signal is aborted when the outer one is, or as soon as
 * leadership is lost. The lease is given up once `lead` has ended, so that the next one can start
 * at once. Throws LeadershipLost when it was lost: to begin anew, the process should.
 */
export async function leadWhenElected(
  options: LeaderOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const times = options.times ?? usualTimes
  checkTimes(times)
  const candidate = new Candidate(options, times)
  if (!(await candidate.acquire(signal))) return
  using term = new Term(options.clock, times.renewDeadlineMs, signal)
  const renewing = candidate.renew(term)
  try {
    await lead(term.signal)
  } finally {
    const wasLost = term.isLost
    term.end()
    await renewing
    if (!wasLost) await candidate.release()
  }
  if (term.isLost) throw new LeadershipLost(candidate.lostMessage)
}

function checkTimes({ leaseDurationMs, renewDeadlineMs, retryPeriodMs }: LeaderTimes): void {
  if (leaseDurationMs <= renewDeadlineMs) {
    throw new RangeError(
      `leader election: lease of ${leaseDurationMs} ms, wanted more than the renew deadline`,
    )
  }
  if (renewDeadlineMs <= retryPeriodMs * JITTER) {
    throw new RangeError(
      `leader election: renew deadline of ${renewDeadlineMs} ms, wanted more than ` +
        `${JITTER} retry periods`,
    )
  }
}

/** The time in office: ends when asked to, or by itself when nothing prolongs it. */
class Term implements Disposable {
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #lost = new AbortController()
  readonly #ended = new AbortController()
  /** For the work of the leader: stops with the service, and when leadership is lost. */
  readonly signal: AbortSignal
  /** For renewals, which go on while the work of the leader is being ended. */
  readonly renewal: AbortSignal
  #timer: Disposable

  constructor(clock: Clock, deadlineMs: number, stopping: AbortSignal) {
    this.#clock = clock
    this.#deadlineMs = deadlineMs
    this.signal = AbortSignal.any([stopping, this.#lost.signal])
    this.renewal = AbortSignal.any([this.#ended.signal, this.#lost.signal])
    this.#timer = this.#timerFrom(clock.monotonic())
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted
  }

  /** Counted from when the renewal was sent, as the lease may have been stored right then. */
  prolong(sentAt: number): void {
    this.#timer[Symbol.dispose]()
    this.#timer = this.#timerFrom(sentAt)
  }

  lose(): void {
    this.#lost.abort(new LeadershipLost('leadership lost'))
  }

  end(): void {
    this.#timer[Symbol.dispose]()
    this.#ended.abort(new DOMException('the term is over', 'AbortError'))
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]()
  }

  #timerFrom(sentAt: number): Disposable {
    const leftMs = sentAt + this.#deadlineMs - this.#clock.monotonic()
    return this.#clock.setTimeout(() => this.lose(), leftMs)
  }
}

class Candidate {
  readonly #options: LeaderOptions
  readonly #times: LeaderTimes
  #observed: Lease | undefined
  #observedAt = -Infinity

  constructor(options: LeaderOptions, times: LeaderTimes) {
    this.#options = options
    this.#times = times
  }

  get lostMessage(): string {
    const { lease } = this.#options
    const holder = this.#observed?.spec.holderIdentity ?? 'nobody'
    return `${reference('Lease', lease)}: not renewed in time, held by "${holder}" when last seen`
  }

  /** False when the signal came first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random, log, lease } = this.#options
    log.info('waiting for leadership', { lease: reference('Lease', lease) })
    while (!signal.aborted) {
      if (await this.#tried(() => this.#won(signal), signal)) {
        this.#announce('became leader')
        return true
      }
      const delayMs = random.jitter(this.#times.retryPeriodMs, JITTER)
      await clock.sleep(delayMs, signal).catch((error) => {
        if (!signal.aborted) throw error
      })
    }
    return false
  }

  /** Until the term ends. */
  async renew(term: Term): Promise<void> {
    const { clock } = this.#options
    const signal = term.renewal
    while (!signal.aborted) {
      await clock.sleep(this.#times.retryPeriodMs, signal).catch((error) => {
        if (!signal.aborted) throw error
      })
      const sentAt = clock.monotonic()
      if (signal.aborted) break
      if (await this.#tried(() => this.#kept(signal), signal)) term.prolong(sentAt)
      // Somebody else has it, or had it meanwhile: it does not matter how much time is left.
      else if (!this.#isMine()) term.lose()
    }
    if (term.isLost) this.#announce('stopped leading')
  }

  /** Others need not wait for the lease to expire. */
  async release(): Promise<void> {
    const { client, log, clock } = this.#options
    const held = this.#observed
    if (!held || !this.#isMine()) return
    const now = microTime(clock)
    const spec: LeaseSpec = {
      leaseDurationSeconds: RELEASED_SECONDS,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: held.spec.leaseTransitions ?? 0,
    }
    try {
      this.#observe(await client.update(Lease, { ...held, spec }))
    } catch (error) {
      log.warn('lease not given up, it will expire', { error })
    }
  }

  /** False also for what failed: it is tried again. */
  async #tried(attempt: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
    const { log, lease } = this.#options
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted) return false
      log.warn('lease not written', { lease: reference('Lease', lease), error })
      return false
    }
  }

  /** Of several that find it free one is first, which is no failure of the others. */
  async #won(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#taken(signal)
    } catch (error) {
      if (isReason(error, 'AlreadyExists', 'Conflict')) return false
      throw error
    }
  }

  /** Takes a lease that is free, that has expired, or that we had before we were restarted. */
  async #taken(signal: AbortSignal): Promise<boolean> {
    const { client, lease } = this.#options
    const present = await client.find(Lease, lease, { signal })
    if (!present) return this.#create(signal)
    this.#observe(present)
    if (!this.#isMine() && this.#isValid()) return false
    await this.#write(present, signal)
    return true
  }

  /** Who holds the lease need not read it first: nobody else should have written. */
  async #kept(signal: AbortSignal): Promise<boolean> {
    const { client, lease } = this.#options
    const held = this.#observed!
    try {
      await this.#write(held, signal)
      return true
    } catch (error) {
      if (!isReason(error, 'Conflict', 'NotFound')) throw error
    }
    const present = await client.find(Lease, lease, { signal })
    if (!present) return this.#create(signal)
    this.#observe(present)
    // It may have been somebody else's meanwhile, and be free again: that term was not ours.
    if (!this.#isMine() || present.spec.leaseTransitions !== held.spec.leaseTransitions) {
      return false
    }
    await this.#write(present, signal)
    return true
  }

  async #create(signal: AbortSignal): Promise<boolean> {
    const { client, lease } = this.#options
    const metadata = { name: lease.name, namespace: lease.namespace ?? '' }
    const spec = this.#specAfter(undefined)
    this.#observe(await client.create(Lease, { metadata, spec }, { signal }))
    return true
  }

  async #write(present: Lease, signal: AbortSignal): Promise<void> {
    const { client } = this.#options
    const spec = { ...present.spec, ...this.#specAfter(present.spec) }
    this.#observe(await client.update(Lease, { ...present, spec }, { signal }))
  }

  #specAfter(before: LeaseSpec | undefined): LeaseSpec {
    const { identity, clock } = this.#options
    const now = microTime(clock)
    const isKept = before?.holderIdentity === identity
    const transitions = before?.leaseTransitions ?? 0
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#times.leaseDurationMs / 1000),
      acquireTime: (isKept && before.acquireTime) || now,
      renewTime: now,
      leaseTransitions: isKept || !before ? transitions : transitions + 1,
    }
  }

  /** Only a change counts as a sign of life, and only from when it was seen. */
  #observe(lease: Lease): void {
    const isChanged = !sameJson(this.#observed?.spec, lease.spec)
    this.#observed = lease
    if (isChanged) this.#observedAt = this.#options.clock.monotonic()
  }

  #isMine(): boolean {
    return this.#observed?.spec.holderIdentity === this.#options.identity
  }

  #isValid(): boolean {
    const { holderIdentity, leaseDurationSeconds = 0 } = this.#observed?.spec ?? {}
    if (!holderIdentity) return false
    return this.#observedAt + leaseDurationSeconds * 1000 > this.#options.clock.monotonic()
  }

  #announce(what: string): void {
    const { log, lease, identity, events } = this.#options
    log.info(what, { lease: reference('Lease', lease), identity })
    if (this.#observed) events?.normal(this.#observed, 'LeaderElection', `${identity} ${what}`)
  }
}
