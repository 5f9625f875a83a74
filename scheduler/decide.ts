/** Where a pod goes: nodes that every plugin accepts, the best of them, or why there is none. */
import type { Random } from '#daemon/random.ts'
import { failureMessage, NO_NODES } from './failure-message.ts'
import type { NodeInfo } from './node-info.ts'
import { NodeTests, type PluginSplit } from './node-tests.ts'
import {
  type ClusterView,
  EXTENDER,
  type Refusal,
  type Rescue,
  type RescueResult,
  type Reservation,
  refusal,
} from './plugin.ts'
import type { WeightedPlugin } from './plugins.ts'
import type { PodInfo } from './pod-info.ts'
import { bestOf, totalScores } from './scores.ts'
import { SharedWork } from './shared-work.ts'

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
  /** A node that will do once others have left it. */
  readonly rescue: Rescue | undefined
  /** Whether a node that was promised to the pod may still come true. */
  readonly keepsPromise: boolean
}

export type Decision = Placement | Failure

/** As upstream: up to so many nodes all are looked at, and of more never fewer. */
const FEASIBLE_MIN = 100
const SHARE_MAX_PERCENT = 50
const SHARE_MIN_PERCENT = 5
const NODES_PER_PERCENT = 125

/**
 * How many feasible nodes are enough, for large clusters: more would cost time and gain little.
 * Unless told which share of them, the larger the cluster the smaller it is.
 */
export function feasibleWanted(nodes: number, percentage = 0): number {
  if (nodes < FEASIBLE_MIN) return nodes
  const adapted = SHARE_MAX_PERCENT - Math.floor(nodes / NODES_PER_PERCENT)
  const percent = percentage > 0 ? percentage : Math.max(SHARE_MIN_PERCENT, adapted)
  return Math.max(FEASIBLE_MIN, Math.floor((nodes * percent) / 100))
}

/** What somebody outside has said about the nodes that were feasible a moment ago. */
export interface Advice {
  readonly allowed: ReadonlySet<string>
  readonly refusals: ReadonlyMap<string, Refusal>
  /** To be added to our own. */
  readonly scores: ReadonlyMap<string, number>
}

const notAsked = refusal(EXTENDER, 'node(s) were not shown to the extender yet', false)

export interface DeciderParts {
  readonly plugins: readonly WeightedPlugin[]
  readonly view: ClusterView
  readonly random: Random
  readonly percentageOfNodesToScore?: number | undefined
}

export class Decider {
  readonly #parts: DeciderParts
  readonly #split: PluginSplit
  readonly #otherScorers: readonly WeightedPlugin[]
  readonly #hasScores: boolean
  /** Where the next search begins, so that all nodes have their turn. */
  #start = 0

  constructor(parts: DeciderParts) {
    const { plugins, view } = parts
    this.#parts = parts
    const filtering = plugins.filter(({ filter }) => filter)
    const firstOther = filtering.findIndex(({ isLocal }) => !isLocal)
    const leading = firstOther < 0 ? filtering.length : firstOther
    const scoring = plugins.filter(({ scorer }) => scorer)
    const local = scoring.filter(({ isLocal }) => isLocal)
    const shared = new SharedWork(filtering.slice(0, leading), local, view)
    this.#split = { shared, others: filtering.slice(leading) }
    this.#otherScorers = scoring.filter(({ isLocal }) => !isLocal)
    this.#hasScores = scoring.length > 0
  }

  /** Nodes that would do as far as we can say; the one that was promised among them. */
  candidates(pod: PodInfo): readonly NodeInfo[] {
    const { nodes } = this.#parts.view.snapshot
    const tests = NodeTests.prepare(pod, this.#parts.view, this.#split)
    if (nodes.length === 0 || 'reasons' in tests) return []
    const promised = this.#promised(pod, tests)
    const { feasible } = this.#search(nodes, tests)
    return promised && !feasible.includes(promised) ? [promised, ...feasible] : feasible
  }

  /** Advice may be older than the cluster is now: what we say ourselves is asked anew. */
  decide(pod: PodInfo, advice?: Advice): Decision {
    const { view } = this.#parts
    const { nodes } = view.snapshot
    if (nodes.length === 0) return nowhere
    const tests = NodeTests.prepare(pod, view, this.#split)
    if ('reasons' in tests) {
      const verdicts = new Map(nodes.map(({ name }) => [name, tests]))
      // Of what is refused everywhere, nobody's leaving would change anything.
      return this.#failure(pod, nodes, verdicts, undefined, tests)
    }
    const promised = this.#promised(pod, tests)
    if (promised && (!advice || advice.allowed.has(promised.name)))
      return { type: 'placed', nodeName: promised.name, evaluated: 1, feasible: 1 }
    const { feasible, verdicts, evaluated } = advice
      ? advised(nodes, tests, advice)
      : this.#search(nodes, tests)
    if (feasible.length === 0) return this.#failure(pod, nodes, verdicts, tests)
    const { name } = this.#best(pod, feasible, tests, advice)
    return { type: 'placed', nodeName: name, evaluated, feasible: feasible.length }
  }

  /** What the pod needs on the node that was chosen for it. */
  reserve(pod: PodInfo, nodeName: string): readonly Reservation[] {
    const { plugins, view } = this.#parts
    const node = view.snapshot.node(nodeName)!
    const made = plugins.map((plugin) => plugin.reserve?.(pod, node, view))
    return made.filter((each) => each !== undefined)
  }

  /** The node that others have left for it goes before better ones. */
  #promised(pod: PodInfo, tests: NodeTests): NodeInfo | undefined {
    const { snapshot, nominations } = this.#parts.view
    const name = nominations.nodeOf(pod)
    const node = name === undefined ? undefined : snapshot.node(name)
    if (!node || (tests.only && !tests.only.has(node.name))) return undefined
    return tests.test(node) ? undefined : node
  }

  #search(nodes: readonly NodeInfo[], tests: NodeTests) {
    const { only, elsewhere } = tests
    const verdicts = new Map<string, Refusal>()
    const pool = only ? nodes.filter(({ name }) => only.has(name)) : nodes
    const wanted = this.#hasScores ? this.#wanted(pool.length) : 1
    const feasible: NodeInfo[] = []
    let evaluated = 0
    while (evaluated < pool.length && feasible.length < wanted) {
      const node = pool[(this.#start + evaluated) % pool.length]!
      evaluated++
      const verdict = tests.test(node)
      if (verdict) verdicts.set(node.name, verdict)
      else feasible.push(node)
    }
    if (!only) this.#start = (this.#start + evaluated) % nodes.length
    else if (feasible.length === 0 && elsewhere) {
      for (const { name } of nodes) if (!only.has(name)) verdicts.set(name, elsewhere)
    }
    return { feasible, verdicts, evaluated }
  }

  #wanted(nodes: number): number {
    return feasibleWanted(nodes, this.#parts.percentageOfNodesToScore)
  }

  #best(
    pod: PodInfo,
    feasible: readonly NodeInfo[],
    tests: NodeTests,
    advice: Advice | undefined,
  ): NodeInfo {
    if (feasible.length === 1) return feasible[0]!
    const { view, random } = this.#parts
    const own = totalScores(pod, feasible, tests.table, this.#otherScorers, view)
    if (!advice) return bestOf(feasible, own, random)
    const totals = own.map((total, at) => total + (advice.scores.get(feasible[at]!.name) ?? 0))
    return bestOf(feasible, totals, random)
  }

  #failure(
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    verdicts: ReadonlyMap<string, Refusal>,
    tests: NodeTests | undefined,
    ofAll?: Refusal,
  ): Failure {
    const result = this.#rescued(pod, nodes, verdicts, tests)
    const text = result?.type === 'none' ? result.message : undefined
    return {
      type: 'refused',
      message: failureMessage(nodes.length, verdicts, ofAll, text),
      rejectors: new Set([...verdicts.values()].map(({ plugin }) => plugin)),
      verdicts,
      rescue: result?.type === 'found' ? result.rescue : undefined,
      keepsPromise: !result || (result.type === 'none' && result.keeps),
    }
  }

  #rescued(
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    verdicts: ReadonlyMap<string, Refusal>,
    tests: NodeTests | undefined,
  ): RescueResult | undefined {
    const { plugins, view, random } = this.#parts
    const test = tests ? tests.test.bind(tests) : (node: NodeInfo) => verdicts.get(node.name)
    const attempt = {
      ...{ pod, nodes, verdicts, view, random, test },
      add: (other: PodInfo, node: NodeInfo) => tests?.add(other, node),
      remove: (other: PodInfo, node: NodeInfo) => tests?.remove(other, node),
    }
    let last: RescueResult | undefined
    for (const { rescue } of plugins) {
      if (!rescue) continue
      last = rescue(attempt)
      if (last.type === 'found') return last
    }
    return last
  }
}

function advised(nodes: readonly NodeInfo[], tests: NodeTests, advice: Advice) {
  const { only, elsewhere } = tests
  const feasible: NodeInfo[] = []
  const verdicts = new Map<string, Refusal>()
  for (const node of nodes) {
    const { name } = node
    const outside = only && !only.has(name) ? elsewhere : undefined
    const verdict = outside ?? advice.refusals.get(name) ?? tests.test(node)
    if (verdict) verdicts.set(name, verdict)
    else if (advice.allowed.has(name)) feasible.push(node)
    else verdicts.set(name, notAsked)
  }
  return { feasible, verdicts, evaluated: nodes.length }
}

const nowhere: Failure = {
  type: 'refused',
  message: NO_NODES,
  rejectors: new Set(),
  verdicts: new Map(),
  rescue: undefined,
  keepsPromise: true,
}
