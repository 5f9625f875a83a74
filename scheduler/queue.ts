/**
 * Pods that wait for a node. What it promises, each with a test of that name:
 *
 * - *ordered*: pods come by the order of the plugin that has one, and then by age.
 * - *patient*: a refused pod comes again only after an event that one of its refusers hopes for.
 * - *back-off*: among others it comes later, the more often it was refused; alone it comes at once.
 * - *retrying*: after an error a pod comes again by itself, later each time.
 * - *gated*: a pod that may not be tried comes when it may.
 * - *held*: a pod for which others are being told to leave comes when they have been told.
 * - *without starving*: refused pods come again after five minutes, whatever has happened.
 */
import type { Clock, Timer } from '#daemon/clock.ts'
import { Heap } from './heap.ts'
import {
  type ClusterEvent,
  type ClusterView,
  type EventType,
  EXTENDER,
  type Plugin,
} from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

export interface QueueSettings {
  readonly clock: Clock
  /** Of the profile by which a pod is decided about. */
  readonly pluginsOf: (pod: PodInfo) => readonly Plugin[]
  readonly view: ClusterView
  readonly initialBackoffMs?: number
  readonly maxBackoffMs?: number
}

/** As upstream. */
const INITIAL_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 10_000
const UNSCHEDULABLE_MAX_MS = 5 * 60_000

type State = 'active' | 'backoff' | 'failed' | 'unschedulable' | 'held' | 'gated' | 'taken' | 'gone'

/** A pod in the queue, or in the hands of whoever took it. */
export interface Waiting {
  pod: PodInfo
  attempts: number
}

interface Entry extends Waiting {
  state: State
  /** Its place among equals. */
  readonly order: number
  attemptedAt: number
  /** Grows with each change of state, so that places it had before are known to be old. */
  ticket: number
  rejectors: ReadonlySet<string>
  /** Something has happened while it was held. */
  wasHelped: boolean
  refused?: Refused
}

interface Refused {
  readonly key: string
  /** What they may hope for; anything unless given. */
  readonly hopes: ReadonlySet<EventType> | undefined
  readonly entries: Set<Entry>
}

interface Place {
  readonly entry: Entry
  readonly ticket: number
  readonly dueAt: number
}

export class SchedulingQueue {
  readonly #settings: QueueSettings
  readonly #entries = new Map<string, Entry>()
  /** Refused pods, the one that waits longest first. */
  readonly #unschedulable = new Map<string, Entry>()
  /** The same, by who refused them: most events concern only few of many that wait. */
  readonly #refused = new Map<string, Refused>()
  readonly #held = new Set<Entry>()
  readonly #active: Heap<Place>
  readonly #backoff = new Heap<Place>((a, b) => a.dueAt < b.dueAt)
  readonly #failed = new Heap<Place>((a, b) => a.dueAt < b.dueAt)
  #taker: ((entry: Waiting | undefined) => void) | undefined
  #timer: Timer | undefined
  #added = 0
  #isStopped = false

  constructor(settings: QueueSettings) {
    this.#settings = settings
    // All profiles have the same one, or nobody could say which pod of two comes first.
    const orderOf = (pod: PodInfo) => settings.pluginsOf(pod).find(({ order }) => order)?.order
    this.#active = new Heap(({ entry: a }, { entry: b }) => {
      const difference = orderOf(a.pod)?.(a.pod, b.pod) ?? 0
      return difference === 0 ? a.order < b.order : difference < 0
    })
  }

  /** How many pods are in each part of it. */
  counts(): Record<State, number> {
    const counts: Record<State, number> = {
      active: 0,
      backoff: 0,
      failed: 0,
      unschedulable: 0,
      held: 0,
      gated: 0,
      taken: 0,
      gone: 0,
    }
    for (const { state } of this.#entries.values()) counts[state]++
    return counts
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  podOf(key: string): PodInfo | undefined {
    return this.#entries.get(key)?.pod
  }

  /** A pod that is new, or has changed. */
  set(pod: PodInfo): void {
    const known = this.#entries.get(pod.key)
    if (known?.pod.uid === pod.uid) {
      this.#update(known, pod)
      return
    }
    this.remove(pod.key)
    const facts = { attempts: 0, attemptedAt: 0, ticket: 0, order: this.#added++ }
    const waits = { state: 'gated', rejectors: new Set<string>(), wasHelped: false } as const
    const entry: Entry = { ...facts, pod, ...waits }
    this.#entries.set(pod.key, entry)
    this.#admit(entry)
  }

  remove(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#move(entry, 'gone')
  }

  /** The next pod, when there is one; undefined once the queue is stopped. */
  take(): Promise<Waiting | undefined> {
    const next = this.#isStopped ? undefined : this.#next()
    if (next || this.#isStopped) return Promise.resolve(next)
    return new Promise((resolve) => {
      this.#taker = resolve
    })
  }

  /** No node would have it. */
  refused(waiting: Waiting, rejectors: ReadonlySet<string>): void {
    const entry = this.#taken(waiting)
    if (!entry) return
    entry.rejectors = rejectors
    this.#move(entry, 'unschedulable')
    this.#arm()
  }

  /** As refused(), but it does not come again before release(), whatever happens. */
  hold(waiting: Waiting, rejectors: ReadonlySet<string>): void {
    const entry = this.#taken(waiting)
    if (!entry) return
    entry.rejectors = rejectors
    entry.wasHelped = false
    this.#move(entry, 'held')
    this.#held.add(entry)
  }

  /** It waits like others from now on; what has happened meanwhile counts. */
  release(waiting: Waiting, isHelped = false): void {
    const entry = this.#entries.get(waiting.pod.key)
    if (!entry || entry !== waiting || entry.state !== 'held') return
    this.#move(entry, 'unschedulable')
    if (isHelped || entry.wasHelped) this.#return(entry)
    this.#arm()
  }

  /** Something went wrong that may not go wrong again. */
  failed(waiting: Waiting): void {
    const entry = this.#taken(waiting)
    if (!entry) return
    this.#move(entry, 'failed')
    this.#failed.push(this.#place(entry))
    this.#arm()
  }

  /** It has its node. */
  done(waiting: Waiting): void {
    if (this.#taken(waiting)) this.remove(waiting.pod.key)
  }

  /** Lets those pods come again that may fare better now. */
  notify(event: ClusterEvent): void {
    const type = event.type === 'pod' && event.previous ? 'pod changed' : event.type
    for (const { hopes, entries } of [...this.#refused.values()]) {
      if (hopes && !hopes.has(type)) continue
      for (const entry of [...entries]) if (this.#isHelped(entry, event)) this.#return(entry)
    }
    for (const entry of this.#held) entry.wasHelped ||= this.#isHelped(entry, event)
  }

  /** Whether it is still this very pod's turn: it may have gone, or come anew. */
  holds(waiting: Waiting): boolean {
    return this.#taken(waiting) !== undefined
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#taker?.(undefined)
  }

  #taken(waiting: Waiting): Entry | undefined {
    const entry = this.#entries.get(waiting.pod.key)
    return entry === waiting && entry.state === 'taken' ? entry : undefined
  }

  #update(entry: Entry, pod: PodInfo): void {
    const { pod: previous, state } = entry
    entry.pod = pod
    if (state === 'gated') {
      this.#admit(entry)
      return
    }
    const isHelped = this.#isHelped(entry, { type: 'self', previous })
    const isNews = isSpecChanged(pod, previous) && isHelped
    if (state === 'unschedulable' && isNews) this.#return(entry)
    else if (state === 'held' && isNews) entry.wasHelped = true
    // Its priority may be another one, which nobody may change in the API but it costs nothing.
    else if (state === 'active' && pod.priority !== previous.priority) this.#activate(entry)
  }

  /** Everything may help where there was no node at all, or somebody outside has refused some. */
  #isHelped({ rejectors, pod }: Entry, event: ClusterEvent): boolean {
    if (rejectors.size === 0 || rejectors.has(EXTENDER)) return true
    const { view, pluginsOf } = this.#settings
    return pluginsOf(pod).some(
      ({ name, helps }) => rejectors.has(name) && helps?.(event, pod, view),
    )
  }

  #admit(entry: Entry): void {
    const { pod } = entry
    const isGated = this.#settings.pluginsOf(pod).some(({ gate }) => gate?.(pod) !== undefined)
    if (!isGated) this.#activate(entry)
  }

  /** Where other pods wait, one that was refused before has to wait its time. */
  #return(entry: Entry): void {
    const place = this.#place(entry)
    if (place.dueAt <= this.#settings.clock.monotonic()) {
      this.#activate(entry)
      return
    }
    this.#move(entry, 'backoff')
    this.#backoff.push(this.#place(entry))
    this.#serve()
  }

  #activate(entry: Entry): void {
    this.#move(entry, 'active')
    this.#active.push(this.#place(entry))
    this.#serve()
  }

  #move(entry: Entry, state: State): void {
    const { key } = entry.pod
    if (entry.state === 'unschedulable') {
      this.#unschedulable.delete(key)
      entry.refused?.entries.delete(entry)
      if (entry.refused?.entries.size === 0) this.#refused.delete(entry.refused.key)
    }
    if (entry.state === 'held') this.#held.delete(entry)
    entry.state = state
    entry.ticket++
    if (state !== 'unschedulable') return
    this.#unschedulable.set(key, entry)
    entry.refused = this.#refusedLike(entry)
    entry.refused.entries.add(entry)
  }

  #refusedLike({ pod, rejectors }: Entry): Refused {
    const key = `${pod.spec.schedulerName} ${[...rejectors].join(' ')}`
    const known = this.#refused.get(key)
    if (known) return known
    const refusers = this.#settings.pluginsOf(pod).filter(({ name }) => rejectors.has(name))
    const isOpen =
      refusers.length === 0 || rejectors.has(EXTENDER) || refusers.some(({ hopes }) => !hopes)
    const hopes = isOpen ? undefined : new Set(refusers.flatMap((each) => each.hopes ?? []))
    const refused = { key, hopes, entries: new Set<Entry>() }
    this.#refused.set(key, refused)
    return refused
  }

  #place(entry: Entry): Place {
    const { initialBackoffMs = INITIAL_BACKOFF_MS, maxBackoffMs = MAX_BACKOFF_MS } = this.#settings
    const { attempts, attemptedAt, ticket } = entry
    const waitMs = attempts === 0 ? 0 : initialBackoffMs * 2 ** (attempts - 1)
    return { entry, ticket, dueAt: attemptedAt + Math.min(waitMs, maxBackoffMs) }
  }

  #serve(): void {
    if (!this.#taker || this.#isStopped) return
    const next = this.#next()
    if (!next) return
    const taker = this.#taker
    this.#taker = undefined
    taker(next)
  }

  #next(): Entry | undefined {
    const now = this.#settings.clock.monotonic()
    this.#ripen(now)
    const entry = popFresh(this.#active) ?? popFresh(this.#backoff)
    if (!entry) return undefined
    this.#move(entry, 'taken')
    entry.attempts++
    entry.attemptedAt = now
    return entry
  }

  /** Whoever has waited long enough may be taken. */
  #ripen(now: number): void {
    for (const heap of [this.#backoff, this.#failed]) {
      while (heap.first && (isOld(heap.first) || heap.first.dueAt <= now)) {
        const place = heap.pop()!
        if (isOld(place)) continue
        this.#move(place.entry, 'active')
        this.#active.push(this.#place(place.entry))
      }
    }
  }

  /** One timer, for what comes by itself. */
  #arm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#isStopped) return
    while (this.#failed.first && isOld(this.#failed.first)) this.#failed.pop()
    const [oldest] = this.#unschedulable.values()
    const dueAt = Math.min(
      this.#failed.first?.dueAt ?? Infinity,
      oldest ? oldest.attemptedAt + UNSCHEDULABLE_MAX_MS : Infinity,
    )
    if (dueAt === Infinity) return
    const { clock } = this.#settings
    this.#timer = clock.setTimeout(() => this.#wake(), dueAt - clock.monotonic())
  }

  #wake(): void {
    const now = this.#settings.clock.monotonic()
    for (const entry of this.#unschedulable.values()) {
      if (entry.attemptedAt + UNSCHEDULABLE_MAX_MS > now) break
      this.#return(entry)
    }
    // Also while nobody takes any: a timer for what is due already would fire without end.
    this.#ripen(now)
    this.#serve()
    this.#arm()
  }
}

const isOld = ({ entry, ticket }: Place): boolean => entry.ticket !== ticket

function popFresh(heap: Heap<Place>): Entry | undefined {
  for (let place = heap.pop(); place; place = heap.pop()) {
    if (!isOld(place)) return place.entry
  }
  return undefined
}

/** What the scheduler itself writes, the status, is no reason to look again. */
function isSpecChanged({ pod: now }: PodInfo, { pod: before }: PodInfo): boolean {
  if (now.metadata.generation !== before.metadata.generation) return true
  return JSON.stringify(now.metadata.labels) !== JSON.stringify(before.metadata.labels)
}
