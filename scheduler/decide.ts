/** Where a pod goes: nodes that every plugin accepts, the best of them, or why there is none. */
import type { Random } from '#daemon/random.ts'
import { failureMessage, NO_NODES } from './failure-message.ts'
import type { NodeInfo } from './node-info.ts'
import type { ClusterView, NodeFilter, Refusal, Reservation } from './plugin.ts'
import type { WeightedPlugin } from './plugins.ts'
import type { PodInfo } from './pod-info.ts'

export interface Placement {
  readonly type: 'placed'
  readonly nodeName: string
  /** How many nodes were looked at, and how many would do. */
  readonly evaluated: number
  readonly feasible: number
}

export interface Failure {
  readonly type: 'refused'
  readonly message: string
  /** Plugins with a part in it; none when there is no node at all. */
  readonly rejectors: ReadonlySet<string>
  /** The verdict about each node, by its name. */
  readonly verdicts: ReadonlyMap<string, Refusal>
}

export type Decision = Placement | Failure

/** As upstream: up to so many nodes all are looked at, and of more never fewer. */
const FEASIBLE_MIN = 100
const SHARE_MAX_PERCENT = 50
const SHARE_MIN_PERCENT = 5
const NODES_PER_PERCENT = 125

/** How many feasible nodes are enough, for large clusters: more would cost time and gain little. */
export function feasibleWanted(nodes: number): number {
  if (nodes < FEASIBLE_MIN) return nodes
  const percent = Math.max(
    SHARE_MIN_PERCENT,
    SHARE_MAX_PERCENT - Math.floor(nodes / NODES_PER_PERCENT),
  )
  return Math.max(FEASIBLE_MIN, Math.floor((nodes * percent) / 100))
}

export class Decider {
  readonly #plugins: readonly WeightedPlugin[]
  readonly #view: ClusterView
  readonly #random: Random
  /** Where the next search begins, so that all nodes have their turn. */
  #start = 0

  constructor(plugins: readonly WeightedPlugin[], view: ClusterView, random: Random) {
    this.#plugins = plugins
    this.#view = view
    this.#random = random
  }

  decide(pod: PodInfo): Decision {
    const { nodes } = this.#view.snapshot
    if (nodes.length === 0) return failure(NO_NODES, new Map())
    const prepared = this.#filters(pod)
    if ('reasons' in prepared) {
      const verdicts = new Map(nodes.map(({ name }) => [name, prepared]))
      return failure(failureMessage(nodes.length, verdicts, prepared), verdicts)
    }
    const { feasible, verdicts, evaluated } = this.#search(nodes, prepared)
    if (feasible.length === 0) return failure(failureMessage(nodes.length, verdicts), verdicts)
    const { name } = this.#best(pod, feasible)
    return { type: 'placed', nodeName: name, evaluated, feasible: feasible.length }
  }

  /** What the pod needs on the node that was chosen for it. */
  reserve(pod: PodInfo, nodeName: string): readonly Reservation[] {
    const node = this.#view.snapshot.node(nodeName)!
    const made = this.#plugins.map((plugin) => plugin.reserve?.(pod, node, this.#view))
    return made.filter((each) => each !== undefined)
  }

  #filters(pod: PodInfo): readonly NodeFilter[] | Refusal {
    const filters: NodeFilter[] = []
    const restricting: string[] = []
    let only: ReadonlySet<string> | undefined
    for (const plugin of this.#plugins) {
      const prepared = plugin.filter?.(pod, this.#view)
      if (!prepared) continue
      if ('reasons' in prepared) return prepared
      filters.push(prepared)
      if (!prepared.only) continue
      restricting.push(plugin.name)
      only = only ? only.intersection(prepared.only) : prepared.only
    }
    if (!only) return filters
    return [restriction(only, restricting), ...filters]
  }

  #search(nodes: readonly NodeInfo[], filters: readonly NodeFilter[]) {
    const wanted = feasibleWanted(nodes.length)
    const feasible: NodeInfo[] = []
    const verdicts = new Map<string, Refusal>()
    let evaluated = 0
    while (evaluated < nodes.length && feasible.length < wanted) {
      const node = nodes[(this.#start + evaluated) % nodes.length]!
      evaluated++
      const verdict = firstRefusal(node, filters)
      if (verdict) verdicts.set(node.name, verdict)
      else feasible.push(node)
    }
    this.#start = (this.#start + evaluated) % nodes.length
    return { feasible, verdicts, evaluated }
  }

  /** Of equally good ones a random one. */
  #best(pod: PodInfo, feasible: readonly NodeInfo[]): NodeInfo {
    if (feasible.length === 1) return feasible[0]!
    const totals = totalScores(this.#plugins, pod, this.#view, feasible)
    const most = totals.reduce((a, b) => Math.max(a, b), -Infinity)
    const best = feasible.filter((_, at) => totals[at] === most)
    return best[this.#random.below(best.length)]!
  }
}

function totalScores(
  plugins: readonly WeightedPlugin[],
  pod: PodInfo,
  view: ClusterView,
  nodes: readonly NodeInfo[],
): number[] {
  const totals = new Array<number>(nodes.length).fill(0)
  for (const { scorer, weight } of plugins) {
    const prepared = scorer?.(pod, view, nodes)
    if (!prepared) continue
    const scores = nodes.map(prepared.score)
    prepared.normalize?.(scores, nodes)
    for (const [at, score] of scores.entries()) totals[at]! += score * weight
  }
  return totals
}

function firstRefusal(node: NodeInfo, filters: readonly NodeFilter[]): Refusal | undefined {
  for (const { test } of filters) {
    const verdict = test(node)
    if (verdict) return verdict
  }
  return undefined
}

/** Nodes that a plugin has ruled out by name are not looked at any further. */
function restriction(only: ReadonlySet<string>, names: readonly string[]): NodeFilter {
  const listed = names.toSorted().join(' ')
  const reasons = [`node(s) didn't satisfy plugin(s) [${listed}]`]
  const elsewhere = { plugin: names[0]!, reasons, isUnresolvable: true }
  return { test: ({ name }) => (only.has(name) ? undefined : elsewhere) }
}

function failure(message: string, verdicts: ReadonlyMap<string, Refusal>): Failure {
  const rejectors = new Set([...verdicts.values()].map(({ plugin }) => plugin))
  return { type: 'refused', message, rejectors, verdicts }
}
