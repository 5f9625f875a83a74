/** The figures of kubelets, fetched when somebody asks, and kept for a few seconds. */
import type { Node } from '#api/kinds/core/node.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { fetchFrom } from '../streams/backend.ts'
import type { Kubelets } from '../streams/kubelets.ts'
import { readLimited } from '../streams/read-limited.ts'
import { type NodeSummary, readSummary } from './node-summary.ts'

export interface NodeUsageParts {
  readonly kubelets: Kubelets
  readonly clock: Clock
  readonly log: Log
}

export interface Measured {
  /** From which on rates are counted; not there for the first time. */
  readonly before: NodeSummary | undefined
  readonly now: NodeSummary
}

/** Who asks again within this time hears the same. */
const FRESH_MS = 10_000
/** What is older says nothing about now. */
const BEFORE_MS = 120_000
const FETCH_MS = 10_000
const SUMMARY_BYTES_MAX = 32 * 1024 * 1024
const PATH = '/stats/summary?only_cpu_and_memory=true'

interface Kept {
  readonly uid: string
  readonly atMs: number
  readonly measured: Promise<Measured | undefined>
}

export class NodeUsage {
  readonly #parts: NodeUsageParts
  readonly #kept = new Map<string, Kept>()
  #cleanedAtMs = 0

  constructor(parts: NodeUsageParts) {
    this.#parts = parts
  }

  /** Undefined for a node whose kubelet does not answer, which the log tells. */
  of(node: Node): Promise<Measured | undefined> {
    const { name, uid } = node.metadata
    const nowMs = this.#parts.clock.monotonic()
    this.#forgetOld(nowMs)
    const kept = this.#kept.get(name)
    if (kept?.uid === uid && nowMs - kept.atMs < FRESH_MS) return kept.measured
    const before = kept?.uid === uid && nowMs - kept.atMs <= BEFORE_MS ? kept.measured : undefined
    const measured = this.#measure(node, before)
    this.#kept.set(name, { uid, atMs: nowMs, measured })
    return measured
  }

  /** Nodes that are gone, and those that nobody asks about. */
  #forgetOld(nowMs: number): void {
    if (nowMs - this.#cleanedAtMs < BEFORE_MS) return
    this.#cleanedAtMs = nowMs
    for (const [name, { atMs }] of this.#kept) {
      if (nowMs - atMs > BEFORE_MS) this.#kept.delete(name)
    }
  }

  async #measure(
    node: Node,
    before: Promise<Measured | undefined> | undefined,
  ): Promise<Measured | undefined> {
    const last = await before
    try {
      return { before: last?.now, now: await this.#fetch(node) }
    } catch (error) {
      this.#parts.log.warn('figures of a node not read', { node: node.metadata.name, error })
      return undefined
    }
  }

  async #fetch(node: Node): Promise<NodeSummary> {
    const { kubelets, clock } = this.#parts
    const late = new AbortController()
    const giveUp = (): void => late.abort(new Error('the kubelet took too long to answer'))
    using _timer = clock.setTimeout(giveUp, FETCH_MS, { background: true })
    const request = { method: 'GET', path: PATH, signal: late.signal }
    const answer = await fetchFrom(kubelets.backendOf(node), request, clock)
    const body = await readLimited(answer, SUMMARY_BYTES_MAX)
    if (answer.statusCode === 200) return readSummary(JSON.parse(body.toString()))
    throw new Error(`the kubelet answered ${answer.statusCode}: ${body.toString('utf8', 0, 200)}`)
  }
}
