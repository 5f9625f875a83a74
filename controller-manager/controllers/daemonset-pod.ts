/** Pods of DaemonSets: on which nodes they belong, and what they are made from. Pure. */
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import type { Node, Taint } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Affinity } from '#api/parts/core/affinity.ts'
import type { Toleration } from '#api/parts/core/pod-scheduling.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { namedNodes, requiredNodeTest } from '#api/rules/node-selection.ts'
import { untoleratedTaint } from '#api/rules/taint-toleration.ts'
import { REVISION_HASH } from '../controller-revisions.ts'
import { podFor } from '../pods.ts'

/** How often the template has changed, as clients of older versions tell revisions apart. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
const POD_TEMPLATE_GENERATION = 'pod-template-generation'

/** Agents stay on nodes in trouble: to find out about that is often what they are for. */
const ownTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]
const networkToleration: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
}

export interface NodeFit {
  /** A node without a pod gets one. */
  readonly shouldRun: boolean
  /** A pod that is there already may stay. */
  readonly mayStay: boolean
}

const nowhere: NodeFit = { shouldRun: false, mayStay: false }
const fits = new WeakMap<PodSpec, (node: Node) => NodeFit>()

/** Whether a node is one for the pods of a template; templates in caches do not change. */
export function nodeFit(spec: PodSpec, node: Node): NodeFit {
  const known = fits.get(spec) ?? compiledFit(spec)
  fits.set(spec, known)
  return known(node)
}

function compiledFit(spec: PodSpec): (node: Node) => NodeFit {
  const selects = requiredNodeTest(spec)
  const tolerations = daemonTolerations(spec)
  return (node) => {
    if (spec.nodeName && spec.nodeName !== node.metadata.name) return nowhere
    if (selects && !selects(node)) return nowhere
    const { taints } = node.spec
    const shouldRun = !untoleratedTaint(taints, tolerations)
    return { shouldRun, mayStay: shouldRun || !untoleratedTaint(taints, tolerations, evicts) }
  }
}

const evicts = ({ effect }: Taint): boolean => effect === 'NoExecute'

/** Those of the template, and ours in place of any that is about the very same taint. */
function daemonTolerations({ tolerations, hostNetwork }: PodSpec): Toleration[] {
  const added = hostNetwork ? [...ownTolerations, networkToleration] : ownTolerations
  const own = new Map(added.map((each) => [aboutWhat(each), each]))
  const given = tolerations ?? []
  const replaced = given.map((each) => own.get(aboutWhat(each)) ?? each)
  const missing = added.filter((each) => !replaced.includes(each))
  return [...replaced, ...missing]
}

/** For how long it tolerates does not matter. */
const aboutWhat = ({ key, operator, value, effect }: Toleration): string =>
  [key ?? '', operator ?? '', value ?? '', effect ?? ''].join('\n')

/** The node that a pod is on, or that it waits for; undefined for a pod that names none. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const [name] = namedNodes(required) ?? []
  return name
}

/** Whether a pod is of the present template. */
export function isUpdated({ metadata }: DaemonSet, { metadata: { labels } }: Pod, hash: string) {
  const generation = metadata.annotations?.[TEMPLATE_GENERATION]
  const isOfGeneration =
    generation !== undefined && labels?.[POD_TEMPLATE_GENERATION] === generation
  return isOfGeneration || labels?.[REVISION_HASH] === hash
}

/** The pod of a node, to be created; the scheduler brings it there. */
export function daemonPod(daemonSet: DaemonSet, hash: string, nodeName: string) {
  const { metadata, spec } = daemonSet.spec.template
  const generation = daemonSet.metadata.annotations?.[TEMPLATE_GENERATION]
  const labels = {
    ...metadata.labels,
    ...(generation !== undefined && { [POD_TEMPLATE_GENERATION]: generation }),
    [REVISION_HASH]: hash,
  }
  const affinity = affinityTo(nodeName, spec.affinity)
  return podFor(DaemonSet, daemonSet, {
    metadata: { ...metadata, labels },
    spec: { ...spec, affinity, tolerations: daemonTolerations(spec) },
  })
}

/** What the template required of nodes is known to hold for this one. */
function affinityTo(nodeName: string, affinity: Affinity | undefined): Affinity {
  const byName = { key: 'metadata.name', operator: 'In' as const, values: [nodeName] }
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [byName] }],
      },
    },
  }
}
