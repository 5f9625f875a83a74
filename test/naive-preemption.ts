/** Preemption as the documentation tells it: tries on copies of the cluster, nothing is shared. */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { type NaiveCluster, NaiveScheduler } from './naive-scheduler.ts'

interface NaiveCandidate {
  readonly node: string
  readonly victims: readonly Pod[]
  readonly violations: number
}

const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0
const startOf = ({ status }: Pod): number =>
  status.startTime ? Date.parse(status.startTime) : Infinity

export class NaivePreemption {
  readonly #cluster: NaiveCluster
  readonly #budgets: readonly PodDisruptionBudget[]

  constructor(cluster: NaiveCluster, budgets: readonly PodDisruptionBudget[]) {
    this.#cluster = cluster
    this.#budgets = budgets
  }

  candidates(pod: Pod, nodes: readonly Node[]): NaiveCandidate[] {
    return nodes.flatMap((node) => this.#candidateOn(pod, node) ?? [])
  }

  /** Those that are equally good, with the names of the victims. */
  best(candidates: readonly NaiveCandidate[]) {
    const rank = ({ violations, victims }: NaiveCandidate): number[] => {
      const highest = Math.max(...victims.map(priorityOf))
      const important = victims.filter((each) => priorityOf(each) === highest)
      const sum = victims.reduce((all, each) => all + priorityOf(each) + 2 ** 31, 0)
      const earliest = Math.min(...important.map(startOf))
      return [violations, highest, sum, victims.length, -earliest]
    }
    const isBetter = (a: readonly number[], b: readonly number[]): boolean => {
      const at = a.findIndex((value, index) => value !== b[index])
      return at >= 0 && a[at]! < b[at]!
    }
    return candidates
      .filter((each) => !candidates.some((other) => isBetter(rank(other), rank(each))))
      .map(({ node, victims }) => ({
        node,
        victims: victims.map(({ metadata }) => metadata.name).sort(),
      }))
  }

  #candidateOn(pod: Pod, node: Node): NaiveCandidate | undefined {
    const { name } = node.metadata
    const lower = this.#cluster.pods
      .filter((each) => each.spec.nodeName === name && priorityOf(each) < priorityOf(pod))
      .toSorted((a, b) => priorityOf(b) - priorityOf(a) || compare(startOf(a), startOf(b)))
    const gone = new Set(lower)
    if (lower.length === 0 || !this.#fits(pod, name, gone)) return undefined
    const violating = this.#violating(lower)
    const order = [...violating, ...lower.filter((each) => !violating.includes(each))]
    for (const each of order) {
      gone.delete(each)
      if (!this.#fits(pod, name, gone)) gone.add(each)
    }
    if (gone.size === 0) return undefined
    const violations = violating.filter((each) => gone.has(each)).length
    return { node: name, victims: [...gone], violations }
  }

  #fits(pod: Pod, nodeName: string, gone: ReadonlySet<Pod>): boolean {
    const { nodes, pods } = this.#cluster
    const left = new NaiveScheduler({ nodes, pods: pods.filter((each) => !gone.has(each)) })
    return left.feasible(pod).some(({ metadata }) => metadata.name === nodeName)
  }

  #violating(pods: readonly Pod[]): Pod[] {
    const left = this.#budgets.map(({ status }) => status.disruptionsAllowed)
    return pods.filter(({ metadata }) => {
      let isViolating = false
      for (const [at, { metadata: of, spec, status }] of this.#budgets.entries()) {
        const wanted = Object.entries(spec.selector?.matchLabels ?? {})
        const isMeant = wanted.every(([key, value]) => metadata.labels?.[key] === value)
        if (of.namespace !== metadata.namespace || !isMeant) continue
        if (status.disruptedPods?.[metadata.name]) continue
        left[at]!--
        isViolating ||= left[at]! < 0
      }
      return isViolating
    })
  }
}

const compare = (a: number, b: number): number => (a === b ? 0 : a - b)
