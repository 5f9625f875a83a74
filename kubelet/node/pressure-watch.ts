/** Watches what a node has left, says when it is little, and makes pods leave one after another. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Failed } from '../ending.ts'
import {
  chooseEviction,
  type PodUse,
  pressureOf,
  storageProblem,
  volumeProblem,
} from './eviction.ts'
import { crossed, type Supplies, type Threshold } from './thresholds.ts'

export interface NodeUse {
  readonly supplies: Supplies
  readonly pods: readonly PodUse[]
  /** Usage of volumes, by pod and name. */
  readonly volumes: ReadonlyMap<string, ReadonlyMap<string, number>>
}

export interface PressureWatchParts {
  readonly clock: Clock
  readonly log: Log
  readonly events: EventRecorder
  readonly thresholds: readonly Threshold[]
  /** How long a pressure goes on after its cause. */
  readonly transitionMs: number
  /** What is left; asked so often that it has to be cheap. */
  supplies(): Promise<Supplies>
  /** What pods use; asked when some have to leave, or have limits of their own. */
  use(): Promise<NodeUse>
  pods(): readonly Pod[]
  fail(uid: string, failed: Failed): void
  /** Frees what can be had without any pod; true when it was enough. */
  reclaim(threshold: Threshold): Promise<boolean>
  onChange(): void
}

/** As upstream looks. */
const PERIOD_MS = 10_000

export class PressureWatch implements AsyncDisposable {
  readonly #parts: PressureWatchParts
  /** When each pressure was felt last. */
  readonly #felt = new Map<string, number>()
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #isOver = false

  constructor(parts: PressureWatchParts) {
    this.#parts = parts
  }

  start(): void {
    this.#schedule(0)
  }

  /** Pressures that the node is under. */
  get pressures(): ReadonlySet<string> {
    return new Set(this.#felt.keys())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#timer?.cancel()
    await this.#looking
  }

  #schedule(delayMs: number): void {
    if (this.#isOver) return
    const { clock, log } = this.#parts
    this.#timer = clock.setTimeout(
      () => {
        this.#looking = this.#look()
          .catch((error) => log.warn('supplies of the node not known', { error }))
          .finally(() => this.#schedule(PERIOD_MS))
      },
      delayMs,
      { background: true },
    )
  }

  async #look(): Promise<void> {
    const { thresholds, clock } = this.#parts
    const supplies = thresholds.length > 0 ? await this.#parts.supplies() : {}
    const met = crossed(thresholds, supplies)
    this.#note(met, clock.monotonic())
    await this.#enforceLimits()
    const [first] = met
    if (!first || (await this.#parts.reclaim(first))) return
    const { pods } = await this.#parts.use()
    const chosen = chooseEviction(met, supplies, pods)
    if (chosen) this.#evict(chosen.uid, chosen.failed)
  }

  #note(met: readonly Threshold[], now: number): void {
    const { transitionMs, log, onChange } = this.#parts
    const before = [...this.#felt.keys()].join()
    for (const threshold of met) {
      const name = pressureOf(threshold)
      if (!this.#felt.has(name)) log.warn('node runs out', { signal: threshold.signal })
      this.#felt.set(name, now)
    }
    for (const [name, at] of this.#felt) if (now - at >= transitionMs) this.#felt.delete(name)
    if ([...this.#felt.keys()].join() !== before) onChange()
  }

  /** Pods that were granted so much of the disk and use more. */
  async #enforceLimits(): Promise<void> {
    const { pods, use } = this.#parts
    if (!pods().some(hasStorageLimit)) return
    const { pods: uses, volumes } = await use()
    for (const each of uses) {
      const message = storageProblem(each) ?? fullVolume(each.pod, volumes)
      if (message)
        this.#evict(each.pod.metadata.uid, { reason: 'Evicted', message, graceSeconds: 0 })
    }
  }

  #evict(uid: string, failed: Failed): void {
    const { pods, events, fail } = this.#parts
    const pod = pods().find(({ metadata }) => metadata.uid === uid)
    if (!pod || pod.status.reason === failed.reason) return
    events.warning(pod, failed.reason, failed.message)
    fail(uid, failed)
  }
}

function hasStorageLimit({ spec, status }: Pod): boolean {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return false
  const isLimited = (spec.containers ?? []).some(
    ({ resources }) => resources.limits?.['ephemeral-storage'] !== undefined,
  )
  return isLimited || limitedVolumes(spec).length > 0
}

const limitedVolumes = ({ volumes }: Pod['spec']) =>
  (volumes ?? []).filter(({ emptyDir }) => emptyDir?.sizeLimit && emptyDir.medium !== 'Memory')

function fullVolume(pod: Pod, volumes: NodeUse['volumes']): string | undefined {
  const used = volumes.get(pod.metadata.uid)
  for (const { name, emptyDir } of limitedVolumes(pod.spec)) {
    const problem = volumeProblem(name, used?.get(name) ?? 0, emptyDir!.sizeLimit!)
    if (problem) return problem
  }
  return undefined
}
