/**
 * What local plugins have said about nodes, for pods that are alike to them: most pods come from
 * templates, and between two decisions only a node or two have changed.
 */
import type { NodeInfo } from './node-info.ts'
import type { ClusterView, NodeFilter, NodeScorer, Refusal } from './plugin.ts'
import type { WeightedPlugin } from './plugins.ts'
import type { PodInfo } from './pod-info.ts'

/** Kinds of pods that are remembered; those that were not seen for longest go first. */
const TABLES_MAX = 64

export interface LocalScorer extends NodeScorer {
  readonly weight: number
}

/** All that can be said about pods of one kind. */
export class LocalTable {
  readonly filters: readonly NodeFilter[]
  readonly scorers: readonly LocalScorer[]
  readonly #testedAt: number[] = []
  readonly #verdicts: (Refusal | undefined)[] = []
  readonly #scoredAt: number[] = []
  readonly #scores: number[] = []

  constructor(filters: readonly NodeFilter[], scorers: readonly LocalScorer[]) {
    this.filters = filters
    this.scorers = scorers
  }

  verdictOn(node: NodeInfo): Refusal | undefined {
    const { slot, version } = node
    if (this.#testedAt[slot] === version) return this.#verdicts[slot]
    this.#testedAt[slot] = version
    const verdict = firstRefusal(node, this.filters)
    this.#verdicts[slot] = verdict
    return verdict
  }

  /** The score of one of the scorers, not normalized. */
  scoreOf(node: NodeInfo, which: number): number {
    const { slot, version } = node
    const { length } = this.scorers
    if (this.#scoredAt[slot] !== version) {
      this.#scoredAt[slot] = version
      for (const [at, { score }] of this.scorers.entries()) {
        this.#scores[slot * length + at] = score(node)
      }
    }
    return this.#scores[slot * length + which]!
  }
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
