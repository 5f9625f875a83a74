/** A pod with everything about it that decisions ask for again and again, worked out once. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { type LabelSelector, type Labels, selectorFromObject } from '#api/label-selector.ts'
import type { PodAffinityTerm, WeightedPodAffinityTerm } from '#api/parts/core/affinity.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { milliValue, quantityValue } from '#api/quantity.ts'
import { type Amounts, podRequests } from '#api/rules/pod-resources.ts'

/** Thousandths of CPUs, whole units of everything else. */
export interface Requests {
  readonly cpu: number
  readonly memory: number
  readonly ephemeralStorage: number
  readonly others: ReadonlyMap<string, number>
}

export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

/** A term of pod affinity, ready to be asked. */
export interface AffinityTerm {
  /** Terms with the same key mean the same pods. */
  readonly key: string
  readonly topologyKey: string
  readonly namespaces: ReadonlySet<string>
  readonly namespaceSelector: LabelSelector | undefined
  readonly selector: LabelSelector
}

export interface WeightedTerm extends AffinityTerm {
  readonly weight: number
}

export interface PodAffinityTerms {
  readonly required: readonly AffinityTerm[]
  readonly preferred: readonly WeightedTerm[]
}

export interface PodInfo {
  readonly key: string
  readonly pod: Pod
  readonly uid: string
  readonly namespace: string
  readonly labels: Labels
  readonly spec: PodSpec
  readonly priority: number
  readonly requests: Requests
  /** With something for containers that ask for none, so that these are spread too. */
  readonly scored: Pick<Requests, 'cpu' | 'memory'>
  readonly hostPorts: readonly HostPort[]
  readonly affinity: PodAffinityTerms
  readonly antiAffinity: PodAffinityTerms
  readonly hasAffinity: boolean
  readonly isTerminating: boolean
  /** Since when it runs; one that does not yet is younger than all that do. */
  readonly startTime: string
}

/** As upstream: what a container counts for that does not say what it needs. */
const ASSUMED_MILLI_CPU = 100
const ASSUMED_MEMORY_BYTES = 200 * 1024 * 1024
const noTerms: PodAffinityTerms = { required: [], preferred: [] }
const noLabels: Labels = {}
/** Sorts after every time. */
const NOT_YET = '~'

export function podInfo(pod: Pod): PodInfo {
  const { metadata, spec } = pod
  const namespace = metadata.namespace ?? ''
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  const affinity = termsOf(podAffinity, namespace)
  const antiAffinity = termsOf(podAntiAffinity, namespace)
  const requests = requestsOf(podRequests(spec))
  return {
    key: `${namespace}/${metadata.name}`,
    pod,
    uid: metadata.uid,
    namespace,
    labels: metadata.labels ?? noLabels,
    spec,
    priority: spec.priority ?? 0,
    requests,
    scored: scoredRequests(spec, requests),
    hostPorts: hostPortsOf(spec),
    affinity,
    antiAffinity,
    hasAffinity: podAffinity !== undefined || podAntiAffinity !== undefined,
    isTerminating: Boolean(metadata.deletionTimestamp),
    startTime: pod.status?.startTime || NOT_YET,
  }
}

/** The same pod in another state: what only its spec decides is not worked out again. */
export function podInfoAfter(previous: PodInfo | undefined, pod: Pod): PodInfo {
  const { metadata } = pod
  const { generation } = metadata
  const isSame = previous?.uid === metadata.uid && previous.pod.metadata.generation === generation
  if (!isSame || generation === undefined) return podInfo(pod)
  return {
    ...previous,
    pod,
    labels: metadata.labels ?? noLabels,
    spec: pod.spec,
    isTerminating: Boolean(metadata.deletionTimestamp),
    startTime: pod.status.startTime || NOT_YET,
  }
}

function requestsOf(amounts: Amounts): Requests {
  const others = new Map<string, number>()
  let [cpu, memory, ephemeralStorage] = [0, 0, 0]
  for (const [name, amount] of amounts) {
    if (name === 'cpu') cpu = Number(milliValue(amount))
    else if (name === 'memory') memory = Number(quantityValue(amount))
    else if (name === 'ephemeral-storage') ephemeralStorage = Number(quantityValue(amount))
    else others.set(name, Number(quantityValue(amount)))
  }
  return { cpu, memory, ephemeralStorage, others }
}

function scoredRequests(spec: PodSpec, { cpu, memory }: Requests): PodInfo['scored'] {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  if (all.every(({ resources }) => resources.requests?.cpu && resources.requests.memory)) {
    return { cpu, memory }
  }
  const containers = (spec.containers ?? []).map(withAssumed)
  const initContainers = spec.initContainers?.map(withAssumed)
  const filled = { ...spec, containers, ...(initContainers && { initContainers }) }
  const scored = requestsOf(podRequests(filled))
  return { cpu: scored.cpu, memory: scored.memory }
}

function withAssumed(container: Container): Container {
  const assumed = { cpu: `${ASSUMED_MILLI_CPU}m`, memory: `${ASSUMED_MEMORY_BYTES}` }
  const { resources } = container
  return {
    ...container,
    resources: { ...resources, requests: { ...assumed, ...resources.requests } },
  }
}

/** Sidecars hold their ports as long as the containers do; other init containers end before. */
function hostPortsOf({ containers, initContainers }: PodSpec): HostPort[] {
  const sidecars = (initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...sidecars, ...(containers ?? [])].flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostIP, protocol, hostPort }) =>
      hostPort ? [{ ip: hostIP || ANY_IP, protocol: protocol || 'TCP', port: hostPort }] : [],
    ),
  )
}

export const ANY_IP = '0.0.0.0'

interface AffinityObject {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[]
}

function termsOf(affinity: AffinityObject | undefined, namespace: string): PodAffinityTerms {
  if (!affinity) return noTerms
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return {
    required: required.map((term) => compiledTerm(term, namespace)),
    preferred: preferred.map(({ weight, podAffinityTerm }) => ({
      ...compiledTerm(podAffinityTerm, namespace),
      weight,
    })),
  }
}

/** The pod's own namespace stands in where the term names none at all. */
function compiledTerm(term: PodAffinityTerm, own: string): AffinityTerm {
  const { labelSelector, namespaces = [], namespaceSelector, topologyKey } = term
  const isOwn = namespaces.length === 0 && !namespaceSelector
  const named = isOwn ? [own] : namespaces
  return {
    key: JSON.stringify([named, namespaceSelector, labelSelector]),
    topologyKey,
    namespaces: new Set(named),
    namespaceSelector: namespaceSelector ? selectorFromObject(namespaceSelector) : undefined,
    selector: selectorFromObject(labelSelector),
  }
}

/** Labels of a namespace, as far as it is known. */
export type NamespaceLabels = (namespace: string) => Labels

export function termMatches(
  { namespaces, namespaceSelector, selector }: AffinityTerm,
  { namespace, labels }: PodInfo,
  labelsOf: NamespaceLabels,
): boolean {
  const isThere = namespaces.has(namespace) || namespaceSelector?.matches(labelsOf(namespace))
  return Boolean(isThere) && selector.matches(labels)
}
