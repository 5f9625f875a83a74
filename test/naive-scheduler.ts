/**
 * The rules of scheduling as the documentation tells them, without any preparation: for each node
 * all pods of the cluster are looked at anew. Slow, and easy to compare with the words.
 */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'

type Labels = Readonly<Record<string, string>>
type Affinity = NonNullable<Pod['spec']['affinity']>
type Term = NonNullable<
  NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number]
type Spread = NonNullable<Pod['spec']['topologySpreadConstraints']>[number]

export interface NaiveCluster {
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
}

const labelsOf = (object: Node | Pod): Labels => object.metadata.labels ?? {}
const millis = (text = '0'): number =>
  text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000
const megabytes = (text = '0'): number => Number(text.replace('Mi', ''))

function requests({ spec }: Pod, cpuDefault = 0, memoryDefault = 0) {
  let [cpu, memory] = [0, 0]
  for (const { resources } of spec.containers ?? []) {
    const { cpu: wantedCpu, memory: wantedMemory } = resources.requests ?? {}
    cpu += wantedCpu ? millis(wantedCpu) : cpuDefault
    memory += wantedMemory ? megabytes(wantedMemory) : memoryDefault
  }
  return { cpu, memory }
}

const total = (pods: readonly Pod[], of: (pod: Pod) => number): number =>
  pods.reduce((sum, pod) => sum + of(pod), 0)

function selects(selector: Term['labelSelector'], labels: Labels): boolean {
  if (!selector) return false
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
}

const isMeant = (term: Term, owner: Pod, other: Pod): boolean =>
  (term.namespaces ?? [owner.metadata.namespace]).includes(other.metadata.namespace) &&
  selects(term.labelSelector, labelsOf(other))

function samePlace(key: string, a: Node, b: Node): boolean {
  return labelsOf(a)[key] !== undefined && labelsOf(a)[key] === labelsOf(b)[key]
}

export class NaiveScheduler {
  readonly #cluster: NaiveCluster

  constructor(cluster: NaiveCluster) {
    this.#cluster = cluster
  }

  feasible(pod: Pod): Node[] {
    return this.#cluster.nodes.filter(
      (node) =>
        this.#isAllowed(pod, node) &&
        this.#hasRoom(pod, node) &&
        this.#isEven(pod, node) &&
        this.#isGoodCompany(pod, node),
    )
  }

  totals(pod: Pod, nodes: readonly Node[]): Map<string, number> {
    const sums = new Map(nodes.map(({ metadata }) => [metadata.name, 0]))
    const add = (weight: number, scores: readonly number[]): void => {
      for (const [at, { metadata }] of nodes.entries()) {
        sums.set(metadata.name, sums.get(metadata.name)! + weight * scores[at]!)
      }
    }
    add(3, reversed(shares(nodes.map((node) => softTaints(pod, node)))))
    add(2, shares(nodes.map((node) => preferredNode(pod, node))))
    add(
      1,
      nodes.map((node) => this.#leastAllocated(pod, node)),
    )
    add(2, this.#spreadScores(pod, nodes))
    add(2, this.#affinityScores(pod, nodes))
    add(
      1,
      nodes.map((node) => this.#balance(pod, node)),
    )
    return sums
  }

  #podsOn({ metadata }: Node): Pod[] {
    return this.#cluster.pods.filter(({ spec }) => spec.nodeName === metadata.name)
  }

  #nodeOf({ spec }: Pod): Node | undefined {
    return this.#cluster.nodes.find(({ metadata }) => metadata.name === spec.nodeName)
  }

  #isAllowed({ spec }: Pod, node: Node): boolean {
    const tolerated = (key: string): boolean =>
      (spec.tolerations ?? []).some((each) => each.key === key && each.operator === 'Exists')
    if (node.spec.unschedulable && !tolerated('node.kubernetes.io/unschedulable')) return false
    const hard = (node.spec.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule')
    if (!hard.every(({ key }) => tolerated(key))) return false
    return Object.entries(spec.nodeSelector ?? {}).every(
      ([key, value]) => labelsOf(node)[key] === value,
    )
  }

  #hasRoom(pod: Pod, node: Node): boolean {
    const others = this.#podsOn(node)
    const { cpu, memory, pods } = node.status.allocatable!
    if (others.length + 1 > Number(pods)) return false
    const wanted = requests(pod)
    const isShort = (amount: number, used: number, all: number): boolean =>
      amount > 0 && amount + used > all
    if (
      isShort(
        wanted.cpu,
        total(others, (each) => requests(each).cpu),
        millis(cpu),
      )
    )
      return false
    const usedMemory = total(others, (each) => requests(each).memory)
    if (isShort(wanted.memory, usedMemory, megabytes(memory))) return false
    const ports = ({ spec }: Pod): (number | undefined)[] =>
      (spec.containers ?? []).flatMap((each) => (each.ports ?? []).map(({ hostPort }) => hostPort))
    return !others.some((other) => ports(other).some((port) => ports(pod).includes(port)))
  }

  #countIn(
    pod: Pod,
    { labelSelector, topologyKey }: Spread,
    value: string,
    nodes: readonly Node[],
  ) {
    return total(this.#cluster.pods, (other) => {
      const node = this.#nodeOf(other)
      if (!node || !nodes.includes(node) || labelsOf(node)[topologyKey] !== value) return 0
      if (other.metadata.namespace !== pod.metadata.namespace) return 0
      if (other.metadata.deletionTimestamp) return 0
      return Number(selects(labelSelector, labelsOf(other)))
    })
  }

  /** Nodes that have every key, and that the node selector allows. */
  #counted({ spec }: Pod, constraints: readonly Spread[]): Node[] {
    return this.#cluster.nodes.filter(
      (node) =>
        constraints.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined) &&
        Object.entries(spec.nodeSelector ?? {}).every(([k, value]) => labelsOf(node)[k] === value),
    )
  }

  #isEven(pod: Pod, node: Node): boolean {
    const constraints = spreads(pod, 'DoNotSchedule')
    const counted = this.#counted(pod, constraints)
    return constraints.every((constraint) => {
      const { topologyKey, maxSkew, minDomains = 1, labelSelector } = constraint
      const value = labelsOf(node)[topologyKey]
      if (value === undefined) return false
      const domains = new Set(counted.map((each) => labelsOf(each)[topologyKey]!))
      const counts = [...domains].map((each) => this.#countIn(pod, constraint, each, counted))
      const least = domains.size < minDomains ? 0 : Math.min(...counts)
      const own = Number(selects(labelSelector, labelsOf(pod)))
      return this.#countIn(pod, constraint, value, counted) + own - least <= maxSkew
    })
  }

  #isGoodCompany(pod: Pod, node: Node): boolean {
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
    const wanted = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const unwanted = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const isNear = (other: Pod, key: string): boolean => {
      const there = this.#nodeOf(other)
      return there !== undefined && samePlace(key, node, there)
    }
    const all = this.#cluster.pods.filter((each) => this.#nodeOf(each))
    const friends = all.filter((other) => wanted.every((term) => isMeant(term, pod, other)))
    const hasKeys = wanted.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined)
    const hasFriends = wanted.every(({ topologyKey }) =>
      friends.some((other) => isNear(other, topologyKey)),
    )
    const hasPlaces = friends.some((friend) =>
      wanted.some(({ topologyKey }) => labelsOf(this.#nodeOf(friend)!)[topologyKey] !== undefined),
    )
    const isFirst = !hasPlaces && wanted.every((term) => isMeant(term, pod, pod))
    if (!hasKeys || !(hasFriends || isFirst)) return false
    const isRival = (other: Pod): boolean =>
      unwanted.some((term) => isMeant(term, pod, other) && isNear(other, term.topologyKey))
    const isRefused = (other: Pod): boolean =>
      (
        other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
      ).some((term) => isMeant(term, other, pod) && isNear(other, term.topologyKey))
    return !all.some((other) => isRival(other) || isRefused(other))
  }

  #leastAllocated(pod: Pod, node: Node): number {
    const all = [...this.#podsOn(node), pod].map((each) => requests(each, 100, 200))
    const free = (used: number, of: number): number =>
      used > of ? 0 : Math.floor(((of - used) * 100) / of)
    const { cpu, memory } = node.status.allocatable!
    const cpuFree = free(
      all.reduce((sum, each) => sum + each.cpu, 0),
      millis(cpu),
    )
    const memoryFree = free(
      all.reduce((sum, each) => sum + each.memory, 0),
      megabytes(memory),
    )
    return Math.floor((cpuFree + memoryFree) / 2)
  }

  #balance(pod: Pod, node: Node): number {
    const own = requests(pod)
    if (own.cpu + own.memory === 0) return 0
    const all = [...this.#podsOn(node), pod].map((each) => requests(each))
    const { cpu, memory } = node.status.allocatable!
    const cpuShare = Math.min(1, all.reduce((sum, each) => sum + each.cpu, 0) / millis(cpu))
    const memoryShare = Math.min(
      1,
      all.reduce((sum, each) => sum + each.memory, 0) / megabytes(memory),
    )
    return Math.trunc((1 - Math.abs((cpuShare - memoryShare) / 2)) * 100)
  }

  #spreadScores(pod: Pod, nodes: readonly Node[]): number[] {
    const constraints = spreads(pod, 'ScheduleAnyway')
    if (constraints.length === 0) return nodes.map(() => 0)
    const counted = this.#counted(pod, constraints)
    const hasKeys = (node: Node): boolean =>
      constraints.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined)
    const scored = nodes.filter(hasKeys)
    const raw = scored.map((node) => {
      let sum = 0
      for (const constraint of constraints) {
        const { topologyKey, maxSkew } = constraint
        const domains = new Set(scored.map((each) => labelsOf(each)[topologyKey]))
        const count = this.#countIn(pod, constraint, labelsOf(node)[topologyKey]!, counted)
        sum += count * Math.log(domains.size + 2) + maxSkew - 1
      }
      return Math.round(sum)
    })
    const [most, least] = [Math.max(0, ...raw), Math.min(...raw)]
    return nodes.map((node) => {
      if (!hasKeys(node)) return 0
      if (most === 0) return 100
      return Math.floor((100 * (most + least - raw[scored.indexOf(node)]!)) / most)
    })
  }

  #affinityScores(pod: Pod, nodes: readonly Node[]): number[] {
    const raw = nodes.map((node) =>
      total(this.#cluster.pods, (other) => {
        const there = this.#nodeOf(other)
        if (!there) return 0
        let sum = 0
        const weigh = (weight: number, term: Term, owner: Pod, about: Pod): void => {
          if (isMeant(term, owner, about) && samePlace(term.topologyKey, node, there)) sum += weight
        }
        for (const [owner, about] of [
          [pod, other],
          [other, pod],
        ] as const) {
          const { podAffinity, podAntiAffinity } = owner.spec.affinity ?? {}
          const liked = podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
          const disliked = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
          for (const each of liked) weigh(each.weight, each.podAffinityTerm, owner, about)
          for (const each of disliked) weigh(-each.weight, each.podAffinityTerm, owner, about)
        }
        const insisting =
          other.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
        for (const term of insisting) weigh(1, term, other, pod)
        return sum
      }),
    )
    const [most, least] = [Math.max(...raw), Math.min(...raw)]
    return raw.map((sum) => (most > least ? Math.trunc(100 * ((sum - least) / (most - least))) : 0))
  }
}

const spreads = ({ spec }: Pod, action: string): Spread[] =>
  (spec.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === action)

function softTaints({ spec }: Pod, node: Node): number {
  return (node.spec.taints ?? []).filter(
    ({ key, effect }) =>
      effect === 'PreferNoSchedule' && !(spec.tolerations ?? []).some((each) => each.key === key),
  ).length
}

function preferredNode({ spec }: Pod, node: Node): number {
  const terms = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return terms.reduce((sum, { weight, preference }) => {
    const isMet = (preference.matchExpressions ?? []).every(({ key, values }) =>
      values?.includes(labelsOf(node)[key] ?? ''),
    )
    return sum + (isMet ? weight : 0)
  }, 0)
}

function shares(scores: readonly number[]): number[] {
  const most = Math.max(0, ...scores)
  return scores.map((score) => (most === 0 ? 0 : Math.floor((100 * score) / most)))
}

const reversed = (scores: readonly number[]): number[] => scores.map((score) => 100 - score)
