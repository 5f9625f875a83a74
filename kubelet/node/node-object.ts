/** A node as its kubelet registers it and reports its state, in upstream's words. */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '#api/conditions.ts'
import type { Node, Taint } from '#api/kinds/core/node.ts'
import type { NodeCondition, NodeStatus } from '#api/parts/core/node-status.ts'
import { LOCAL_PATH_DIRECTORY } from '#api/rules/local-path-volume.ts'
import { epochToTime } from '#api/time.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import type { NodeSettings, NodeState } from './node-facts.ts'

/** More would make every node a large object; upstream's default. */
const IMAGES_MAX = 50

/** For the API server; its status is reported apart from it. */
export function newNode(settings: NodeSettings, architecture: string) {
  const { name, labels, taints, providerId, localPathDirectory } = settings
  return {
    metadata: {
      name,
      labels: { ...ownLabels(name, architecture), ...labels },
      annotations: {
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        ...(localPathDirectory && { [LOCAL_PATH_DIRECTORY]: localPathDirectory }),
      },
    },
    spec: {
      ...(providerId && { providerID: providerId }),
      ...(taints.length > 0 && { taints: taints as Taint[] }),
    },
  }
}

/** Labels and the like that an older kubelet of this name has left otherwise. */
export function nodePatch(node: Node, settings: NodeSettings, architecture: string) {
  const wanted = newNode(settings, architecture).metadata
  const labels = changed(node.metadata.labels, wanted.labels)
  const annotations = changed(node.metadata.annotations, wanted.annotations)
  const { providerId } = settings
  const spec = providerId && !node.spec.providerID ? { providerID: providerId } : undefined
  if (!labels && !annotations && !spec) return undefined
  const metadata = { ...(labels && { labels }), ...(annotations && { annotations }) }
  return { metadata, ...(spec && { spec }) }
}

function changed(
  present: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const entries = Object.entries(wanted).filter(([key, value]) => present?.[key] !== value)
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

function ownLabels(name: string, architecture: string): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
  }
}

export interface Amounts {
  readonly capacity: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Record<string, string>>
}

export function nodeStatusOf(
  previous: NodeStatus | undefined,
  settings: NodeSettings,
  state: NodeState,
  { capacity, allocatable }: Amounts,
  nowMs: number,
): NodeStatus {
  const { info, ids, images } = state
  const now = epochToTime(Math.floor(nowMs / 1000))
  return {
    ...previous,
    capacity: { ...previous?.capacity, ...capacity },
    allocatable: { ...previous?.allocatable, ...allocatable },
    conditions: conditionsOf(previous?.conditions ?? [], state, now),
    addresses: [...settings.addresses],
    daemonEndpoints: { kubeletEndpoint: { Port: settings.port } },
    nodeInfo: {
      ...ids,
      kernelVersion: info.kernelVersion,
      osImage: info.osImage,
      containerRuntimeVersion: `${info.name}://${info.version}`,
      kubeletVersion: kubernetesVersion.text,
      kubeProxyVersion: '',
      operatingSystem: info.operatingSystem,
      architecture: info.architecture,
    },
    images: images
      .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, IMAGES_MAX)
      .map(({ digests, names, sizeBytes }) => ({ names: [...digests, ...names], sizeBytes })),
    runtimeHandlers: [
      { name: '', features: { recursiveReadOnlyMounts: false, userNamespaces: false } },
    ],
  }
}

function conditionsOf(
  earlier: readonly NodeCondition[],
  { problems, pressures }: NodeState,
  now: string,
): NodeCondition[] {
  const own = [
    pressure('MemoryPressure', pressures, {
      good: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
      bad: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
    }),
    pressure('DiskPressure', pressures, {
      good: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
      bad: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
    }),
    pressure('PIDPressure', pressures, {
      good: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
      bad: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
    }),
    readyCondition(problems),
  ].map((condition) => {
    const before = findCondition(earlier, condition.type)
    const isSame = before?.status === condition.status
    const since = (isSame && before?.lastTransitionTime) || now
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime: since }
  })
  const types = new Set<string>(own.map(({ type }) => type))
  return [...earlier.filter(({ type }) => !types.has(type)), ...own]
}

type Fact = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>

interface Words {
  readonly good: readonly [reason: string, message: string]
  readonly bad: readonly [reason: string, message: string]
}

function pressure(type: Fact['type'], pressures: ReadonlySet<string>, words: Words): Fact {
  const isUnder = pressures.has(type)
  const [reason, message] = isUnder ? words.bad : words.good
  return { type, status: isUnder ? 'True' : 'False', reason, message }
}

function readyCondition(problems: readonly string[]): Fact {
  if (problems.length === 0) {
    const message = 'kubelet is posting ready status'
    return { type: 'Ready', status: 'True', reason: 'KubeletReady', message }
  }
  const message = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`
  return { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message }
}

/** The events that upstream reports when a condition of a node has changed. */
export function conditionEvents(
  before: NodeStatus | undefined,
  after: NodeStatus,
): readonly string[] {
  const names: Record<string, readonly [whenTrue: string, whenFalse: string]> = {
    MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
    DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
    PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
    Ready: ['NodeReady', 'NodeNotReady'],
  }
  return (after.conditions ?? []).flatMap(({ type, status }) => {
    const [whenTrue, whenFalse] = names[type] ?? []
    if (!whenTrue || findCondition(before?.conditions, type)?.status === status) return []
    return [status === 'True' ? whenTrue : whenFalse!]
  })
}

/**
 * Whether anything but the time of the report has changed. The API has fields in its own order, and
 * leaves out lists that are empty.
 */
export function isNews(before: NodeStatus | undefined, after: NodeStatus): boolean {
  return !before || !isDeepStrictEqual(timeless(before), timeless(after))
}

function timeless({ conditions = [], ...rest }: NodeStatus): object {
  const facts = conditions.map(({ type, status, reason, message }) => {
    return { type, status, reason, message }
  })
  const isThere = ([, value]: [string, unknown]): boolean =>
    !(Array.isArray(value) && value.length === 0)
  return { ...Object.fromEntries(Object.entries(rest).filter(isThere)), conditions: facts }
}
