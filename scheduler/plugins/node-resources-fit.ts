/** A pod needs what it asks for to be free; nodes with more left over are better. */
import { NodeInfo as Info, type NodeInfo } from '../node-info.ts'
import type { ClusterEvent, ClusterView, Plugin, Refusal } from '../plugin.ts'
import type { PodInfo, Requests } from '../pod-info.ts'
import { addTo } from '../tallies.ts'
import { type FitStrategy, leastAllocated } from './fit-strategies.ts'
import { cpuAndMemory, shareOf, type WeightedResource } from './resource-shares.ts'

const NAME = 'NodeResourcesFit'
/** Few combinations occur, each on many nodes. */
const refusals = new Map<string, Refusal>()

export interface NodeResourcesFitArgs {
  readonly strategy: FitStrategy
  readonly resources: readonly WeightedResource[]
  /** Resources, and groups of them, that somebody else watches over. */
  readonly ignoredResources: ReadonlySet<string>
  readonly ignoredResourceGroups: ReadonlySet<string>
}

const usual: NodeResourcesFitArgs = {
  strategy: leastAllocated,
  resources: cpuAndMemory,
  ignoredResources: new Set(),
  ignoredResourceGroups: new Set(),
}

export function nodeResourcesFitWith(args: NodeResourcesFitArgs): Plugin {
  const checked = ({ requests }: PodInfo): Requests => withoutIgnored(requests, args)
  return {
    name: NAME,
    isLocal: true,
    hopes: ['node', 'pod changed', 'pod removed'],
    filter: (pod) => {
      const requests = checked(pod)
      return { test: (node) => shortage(requests, node) }
    },
    scorer: (pod) => ({ score: (node) => scoreOf(pod, node, args) }),
    helps: (event, pod, view) => helps(event, pod, checked(pod), view),
  }
}

export const nodeResourcesFit = nodeResourcesFitWith(usual)

function withoutIgnored(requests: Requests, args: NodeResourcesFitArgs): Requests {
  const { ignoredResources, ignoredResourceGroups } = args
  if (ignoredResources.size + ignoredResourceGroups.size === 0) return requests
  const others = [...requests.others].filter(
    ([name]) => !ignoredResources.has(name) && !ignoredResourceGroups.has(name.split('/')[0]!),
  )
  return { ...requests, others: new Map(others) }
}

function scoreOf(pod: PodInfo, node: NodeInfo, args: NodeResourcesFitArgs): number {
  const { strategy, resources } = args
  const scores: { score: number; weight: number }[] = []
  for (const resource of resources) {
    const share = shareOf(resource, pod, node, true)
    if (share.all === 0) continue
    scores.push({ score: strategy.score(share), weight: resource.weight })
  }
  return strategy.combine(scores)
}

function helps(event: ClusterEvent, pod: PodInfo, requests: Requests, view: ClusterView): boolean {
  switch (event.type) {
    case 'self':
      return isLess(pod.requests, event.previous.requests)
    case 'pod':
      return event.previous !== undefined && isLess(event.pod.requests, event.previous.requests)
    case 'pod removed': {
      const node = view.snapshot.node(event.node)
      return node !== undefined && !shortage(requests, atBest(node, pod, view))
    }
    case 'node': {
      const { node, previous } = event
      if (previous && !isMore(infoOf(node), infoOf(previous))) return false
      return shortage(requests, infoOf(node)) === undefined
    }
    default:
      return false
  }
}

/** The node as it would be without all that the pod might replace, and with all that it may not. */
function atBest(node: NodeInfo, pod: PodInfo, { nominations }: ClusterView): Room {
  const requested = { cpu: 0, memory: 0, ephemeralStorage: 0 }
  const requestedOthers = new Map<string, number>()
  let size = 0
  for (const other of [...node.pods.values(), ...(nominations.on(node.name) ?? [])]) {
    if (other.priority < pod.priority || other.key === pod.key) continue
    const { cpu, memory, ephemeralStorage, others } = other.requests
    size++
    requested.cpu += cpu
    requested.memory += memory
    requested.ephemeralStorage += ephemeralStorage
    for (const [name, amount] of others) addTo(requestedOthers, name, amount)
  }
  return { allocatable: node.allocatable, requested, requestedOthers, pods: { size } }
}

type Room = Pick<NodeInfo, 'allocatable' | 'requested' | 'requestedOthers'> & {
  readonly pods: { readonly size: number }
}

/** What is lacking, in a fixed order: the number of pods, the usual resources, all others. */
function shortage(requests: Requests, node: Room): Refusal | undefined {
  const { allocatable, requested, requestedOthers } = node
  const { cpu, memory, ephemeralStorage, others } = requests
  let reasons: string[] | undefined
  let isUnresolvable = false
  const check = (reason: string, wanted: number, used: number, all: number): void => {
    if (wanted + used <= all) return
    reasons ??= []
    reasons.push(reason)
    if (wanted > all) isUnresolvable = true
  }
  check('Too many pods', 1, node.pods.size, allocatable.pods)
  if (cpu) check('Insufficient cpu', cpu, requested.cpu, allocatable.cpu)
  if (memory) check('Insufficient memory', memory, requested.memory, allocatable.memory)
  if (ephemeralStorage) {
    const { ephemeralStorage: used } = requested
    check('Insufficient ephemeral-storage', ephemeralStorage, used, allocatable.ephemeralStorage)
  }
  for (const [name, amount] of others) {
    if (!amount) continue
    const all = allocatable.others.get(name) ?? 0
    check(`Insufficient ${name}`, amount, requestedOthers.get(name) ?? 0, all)
  }
  return reasons && shared(reasons, isUnresolvable)
}

/** Names of resources are chosen by users, so that the number of combinations has a bound. */
const REFUSALS_MAX = 1000

function shared(reasons: readonly string[], isUnresolvable: boolean): Refusal {
  const key = `${isUnresolvable} ${reasons.join('\n')}`
  const known = refusals.get(key)
  if (known) return known
  if (refusals.size === REFUSALS_MAX) refusals.clear()
  const made = { plugin: NAME, reasons, isUnresolvable }
  refusals.set(key, made)
  return made
}

function isLess(now: PodInfo['requests'], before: PodInfo['requests']): boolean {
  if (now.cpu < before.cpu || now.memory < before.memory) return true
  if (now.ephemeralStorage < before.ephemeralStorage) return true
  return [...before.others].some(([name, amount]) => (now.others.get(name) ?? 0) < amount)
}

/** Only what the node could give to an otherwise empty machine. */
function infoOf(node: NodeInfo['node']): NodeInfo {
  const info = new Info(node.metadata.name)
  info.setNode(node)
  return info
}

function isMore({ allocatable: now }: NodeInfo, { allocatable: before }: NodeInfo): boolean {
  if (now.cpu > before.cpu || now.memory > before.memory || now.pods > before.pods) return true
  if (now.ephemeralStorage > before.ephemeralStorage) return true
  return [...now.others].some(([name, amount]) => amount > (before.others.get(name) ?? 0))
}
