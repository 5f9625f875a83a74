/**
 * What local plugins have said about nodes, for pods that are alike to them: most pods come from
 * templates, and between two decisions only a node or two have changed.
 */
import type { NodeInfo } from './node-info.ts'
import type { ClusterView, NodeFilter, NodeScorer, Refusal } from './plugin.ts'
import type { WeightedPlugin } from './plugins.ts'
import type { PodInfo } from './pod-info.ts'

const SLOTS_MIN = 64
/** Kinds of pods that are remembered; those that were not seen for longest go first. */
const TABLES_MAX = 64

export interface LocalScorer extends NodeScorer {
  readonly weight: number
}

/** All that can be said about pods of one kind; by the slots of nodes. */
export class LocalTable {
  readonly filters: readonly NodeFilter[]
  /** Those whose scores can be added up node by node come in one sum, without a name. */
  readonly #summed: readonly LocalScorer[]
  readonly #normalized: readonly LocalScorer[]
  readonly #areAlike: boolean[]
  #testedAt = new Float64Array()
  #scoredAt = new Float64Array()
  #sums = new Float64Array()
  #scores = new Float64Array()
  readonly #verdicts: (Refusal | undefined)[] = []

  constructor(filters: readonly NodeFilter[], scorers: readonly LocalScorer[]) {
    this.filters = filters
    this.#summed = scorers.filter(({ normalize }) => !normalize)
    this.#normalized = scorers.filter(({ normalize }) => normalize)
    this.#areAlike = this.#normalized.map(() => true)
  }

  verdictOn(node: NodeInfo): Refusal | undefined {
    const { slot, version } = node
    if (slot >= this.#testedAt.length) this.#grow(slot)
    if (this.#testedAt[slot] === version) return this.#verdicts[slot]
    this.#testedAt[slot] = version
    const verdict = firstRefusal(node, this.filters)
    this.#verdicts[slot] = verdict
    return verdict
  }

  /** The weighted sum of all scores of each node, but for what is the same for all nodes. */
  totals(nodes: readonly NodeInfo[]): number[] {
    const totals = new Array<number>(nodes.length)
    for (let at = 0; at < totals.length; at++) {
      const node = nodes[at]!
      if (this.#scoredAt[node.slot] !== node.version) this.#score(node)
      totals[at] = this.#sums[node.slot]!
    }
    const { length } = this.#normalized
    for (const [which, { normalize, weight }] of this.#normalized.entries()) {
      // Where no node has ever had a score, normalizing makes them all alike.
      if (this.#areAlike[which]) continue
      const scores = nodes.map(({ slot }) => this.#scores[slot * length + which]!)
      normalize?.(scores, nodes)
      for (let at = 0; at < totals.length; at++) totals[at]! += scores[at]! * weight
    }
    return totals
  }

  #score(node: NodeInfo): void {
    const { slot, version } = node
    if (slot >= this.#testedAt.length) this.#grow(slot)
    this.#scoredAt[slot] = version
    let sum = 0
    for (const { score, weight } of this.#summed) sum += score(node) * weight
    this.#sums[slot] = sum
    const { length } = this.#normalized
    for (let which = 0; which < length; which++) {
      const score = this.#normalized[which]!.score(node)
      if (score !== 0) this.#areAlike[which] = false
      this.#scores[slot * length + which] = score
    }
  }

  #grow(slot: number): void {
    const size = Math.max(SLOTS_MIN, 2 * (slot + 1))
    this.#testedAt = grown(this.#testedAt, size)
    this.#scoredAt = grown(this.#scoredAt, size)
    this.#sums = grown(this.#sums, size)
    this.#scores = grown(this.#scores, size * this.#normalized.length)
  }
}

function grown(before: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const after = new Float64Array(size)
  after.set(before)
  return after
}

export function firstRefusal(node: NodeInfo, filters: readonly NodeFilter[]): Refusal | undefined {
  for (const { test } of filters) {
    const verdict = test(node)
    if (verdict) return verdict
  }
  return undefined
}

export class SharedWork {
  readonly #filtering: readonly WeightedPlugin[]
  readonly #scoring: readonly WeightedPlugin[]
  readonly #view: ClusterView
  readonly #tables = new Map<string, LocalTable | Refusal>()

  /** Of filters only those that come before all others: the first that refuses is the reason. */
  constructor(
    filtering: readonly WeightedPlugin[],
    scoring: readonly WeightedPlugin[],
    view: ClusterView,
  ) {
    this.#filtering = filtering
    this.#scoring = scoring
    this.#view = view
  }

  /** A refusal when one of them refuses all nodes. */
  tableFor(pod: PodInfo): LocalTable | Refusal {
    const key = signatureOf(pod)
    const known = this.#tables.get(key)
    const table = known ?? this.#tableFrom(pod)
    if (known) this.#tables.delete(key)
    this.#tables.set(key, table)
    if (this.#tables.size > TABLES_MAX) this.#tables.delete(this.#tables.keys().next().value!)
    return table
  }

  #tableFrom(pod: PodInfo): LocalTable | Refusal {
    const filters: NodeFilter[] = []
    for (const { filter } of this.#filtering) {
      const prepared = filter?.(pod, this.#view)
      if (prepared && 'reasons' in prepared) return prepared
      if (prepared) filters.push(prepared)
    }
    const scorers = this.#scoring.flatMap(({ scorer, weight }) => {
      const prepared = scorer?.(pod, this.#view, [])
      return prepared ? [{ ...prepared, weight }] : []
    })
    return new LocalTable(filters, scorers)
  }
}

/** Everything of the spec that local plugins look at. */
function signatureOf({ spec, requests, scored, hostPorts }: PodInfo): string {
  return JSON.stringify([
    requests.cpu,
    requests.memory,
    requests.ephemeralStorage,
    [...requests.others],
    scored.cpu,
    scored.memory,
    hostPorts,
    spec.nodeName,
    spec.nodeSelector,
    spec.affinity?.nodeAffinity,
    spec.tolerations,
  ])
}
