/** Pure: what the Engine says about containers, as a kubelet sees it. */

import type { ContainerDetails } from '#engine/types.ts'
import type {
  NamespaceMode,
  ObservedContainer,
  ObservedPod,
  ObservedSandbox,
  SandboxSpec,
} from '../runtime.ts'
import { labelNames, type PodAddress, podOf } from './labels.ts'

/** What containers have to know of the sandbox that they join. */
export interface SandboxFacts extends ObservedSandbox {
  readonly network: NamespaceMode
  readonly ipc: NamespaceMode
  readonly processes: SandboxSpec['processes']
  readonly cgroupParent: string | undefined
  /** As the machine counts; 0 when it does not run. */
  readonly processId: number
  /** Where its network is the pod's own. */
  readonly addresses: readonly PodAddress[]
  readonly volumes: readonly string[]
}

export function isSandbox({ Config: config }: ContainerDetails): boolean {
  return config.Labels[labelNames.type] === 'sandbox'
}

/** `isReady` as far as the Engine knows: that its process runs. */
export function sandboxFrom(details: ContainerDetails): SandboxFacts {
  const { Labels: labels } = details.Config
  const { State: state, HostConfig: host } = details
  const ips = listFrom(labels[labelNames.ips])
  const gateways = listFrom(labels[labelNames.gateways])
  const processes = labels[labelNames.processes]
  return {
    id: details.Id,
    attempt: attemptOf(labels),
    isReady: state.Running,
    createdAtMs: Date.parse(details.Created),
    ips,
    addresses: ips.map((ip, index) => ({ ip, gateway: gateways[index] ?? '' })),
    volumes: (host.Mounts ?? []).flatMap(({ Type: type, Source: source }) =>
      type === 'volume' ? [source] : [],
    ),
    network: labels[labelNames.network] === 'node' ? 'node' : 'pod',
    ipc: labels[labelNames.ipc] === 'node' ? 'node' : 'pod',
    processes: processes === 'pod' || processes === 'node' ? processes : 'container',
    cgroupParent: host.CgroupParent || undefined,
    processId: state.Running ? state.Pid : 0,
  }
}

export function containerFrom(details: ContainerDetails): ObservedContainer {
  const { Labels: labels } = details.Config
  const { State: state } = details
  const condition = conditionOf(details)
  const hasEnded = condition === 'exited' || condition === 'failed'
  return {
    id: details.Id,
    sandboxId: labels[labelNames.sandboxId] ?? '',
    name: labels[labelNames.container] ?? '',
    attempt: attemptOf(labels),
    hash: labels[labelNames.hash] ?? '',
    image: labels[labelNames.image] ?? details.Config.Image,
    imageId: details.Image,
    state: condition,
    createdAtMs: Date.parse(details.Created),
    startedAtMs: timeFrom(state.StartedAt),
    finishedAtMs: hasEnded ? timeFrom(state.FinishedAt) : undefined,
    exitCode: hasEnded ? state.ExitCode : undefined,
    isOutOfMemory: hasEnded && state.OOMKilled,
    error: condition === 'failed' ? state.Error : undefined,
    labels,
  }
}

/** A start that failed leaves a container as if nobody had tried, but for its error. */
function conditionOf({ State: state }: ContainerDetails): ObservedContainer['state'] {
  if (state.Running) return 'running'
  if (timeFrom(state.StartedAt) !== undefined) return 'exited'
  return state.Error === '' ? 'created' : 'failed'
}

/** By pod, newest attempts first. */
export function podsFrom(
  all: readonly ContainerDetails[],
  sandboxes: ReadonlyMap<string, ObservedSandbox>,
): readonly ObservedPod[] {
  const pods = new Map<string, ContainerDetails[]>()
  for (const details of all) {
    const { uid } = podOf(details.Config.Labels)
    const known = pods.get(uid)
    if (known) known.push(details)
    else pods.set(uid, [details])
  }
  return [...pods.values()].map((members) => ({
    pod: podOf(members[0]?.Config.Labels ?? {}),
    sandboxes: members.flatMap(({ Id: id }) => sandboxes.get(id) ?? []).toSorted(newestFirst),
    containers: members
      .filter((details) => !isSandbox(details))
      .map(containerFrom)
      .toSorted(newestFirst),
  }))
}

type Dated = { readonly attempt: number; readonly createdAtMs: number }

function newestFirst(left: Dated, right: Dated): number {
  return right.attempt - left.attempt || right.createdAtMs - left.createdAtMs
}

function attemptOf(labels: Readonly<Record<string, string>>): number {
  return Number(labels[labelNames.attempt] ?? 0)
}

function listFrom(text: string | undefined): readonly string[] {
  return text ? text.split(',') : []
}

/** Go's zero time stands for "never". */
function timeFrom(text: string): number | undefined {
  const timeMs = Date.parse(text)
  return timeMs > 0 ? timeMs : undefined
}
