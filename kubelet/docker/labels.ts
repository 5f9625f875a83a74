/** The labels on everything of ours that lies on an Engine: whose it is, and what it is for. */
import type { ContainerSpec, ObservedSandbox, PodIdentity, SandboxSpec } from '../runtime.ts'

/** An address of a pod, and the node's own in the same range. */
export interface PodAddress {
  readonly ip: string
  readonly gateway: string
}

/** Several kubelets share one Engine; each sees only what carries both of its names. */
export interface Scope {
  readonly cluster: string
  readonly node: string
}

export const labelNames = {
  cluster: 'io.nanokube.cluster',
  node: 'io.nanokube.node',
  type: 'io.nanokube.type',
  podUid: 'io.kubernetes.pod.uid',
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  container: 'io.kubernetes.container.name',
  attempt: 'io.nanokube.attempt',
  hash: 'io.nanokube.hash',
  image: 'io.nanokube.image',
  sandboxId: 'io.nanokube.sandbox.id',
  ips: 'io.nanokube.sandbox.ips',
  gateways: 'io.nanokube.sandbox.gateways',
  network: 'io.nanokube.sandbox.network',
  ipc: 'io.nanokube.sandbox.ipc',
  processes: 'io.nanokube.sandbox.processes',
} as const

/** What carries the labels of a scope; given to the Engine, which then shows nothing else. */
export function ofScope({ cluster, node }: Scope, ...more: readonly string[]): readonly string[] {
  return [`${labelNames.cluster}=${cluster}`, `${labelNames.node}=${node}`, ...more]
}

export function isOfScope(
  labels: Readonly<Record<string, string>> | null,
  { cluster, node }: Scope,
): boolean {
  return labels?.[labelNames.cluster] === cluster && labels[labelNames.node] === node
}

/** The container of a node carries the names of its cluster and node too, and is no pod's. */
export function isOfPod({ Labels: labels }: { readonly Labels: Readonly<Record<string, string>> }) {
  const type = labels[labelNames.type]
  return type === 'sandbox' || type === 'container'
}

export function podOf(labels: Readonly<Record<string, string>>): PodIdentity {
  return {
    uid: labels[labelNames.podUid] ?? '',
    name: labels[labelNames.podName] ?? '',
    namespace: labels[labelNames.podNamespace] ?? '',
  }
}

function podLabels({ cluster, node }: Scope, pod: PodIdentity): Record<string, string> {
  return {
    [labelNames.cluster]: cluster,
    [labelNames.node]: node,
    [labelNames.podUid]: pod.uid,
    [labelNames.podName]: pod.name,
    [labelNames.podNamespace]: pod.namespace,
  }
}

/** What later containers have to know of a sandbox is kept on it, not in a memory that may end. */
export function sandboxLabels(
  scope: Scope,
  spec: SandboxSpec,
  addresses: readonly PodAddress[],
): Record<string, string> {
  return {
    ...spec.labels,
    ...podLabels(scope, spec.pod),
    [labelNames.type]: 'sandbox',
    [labelNames.attempt]: String(spec.attempt),
    [labelNames.ips]: addresses.map(({ ip }) => ip).join(','),
    [labelNames.gateways]: addresses.map(({ gateway }) => gateway).join(','),
    [labelNames.network]: spec.network,
    [labelNames.ipc]: spec.ipc,
    [labelNames.processes]: spec.processes,
  }
}

export function containerLabels(
  scope: Scope,
  spec: ContainerSpec,
  sandbox: Pick<ObservedSandbox, 'id'>,
): Record<string, string> {
  return {
    ...spec.labels,
    ...podLabels(scope, spec.pod),
    [labelNames.type]: 'container',
    [labelNames.container]: spec.name,
    [labelNames.attempt]: String(spec.attempt),
    [labelNames.hash]: spec.hash,
    [labelNames.image]: spec.image,
    [labelNames.sandboxId]: sandbox.id,
  }
}

export function volumeLabels(scope: Scope, pod: PodIdentity): Record<string, string> {
  return { ...podLabels(scope, pod), [labelNames.type]: 'memory-volume' }
}

/** What the sandbox of a pod is called where containers have names of the pod's own choice. */
const SANDBOX_NAME = 'POD'

/** Made of pod and attempt, so that the Engine refuses to make the same one twice. */
export function sandboxName({ pod, attempt }: Pick<SandboxSpec, 'pod' | 'attempt'>): string {
  return containerName({ pod, name: SANDBOX_NAME, attempt })
}

export function containerName(spec: Pick<ContainerSpec, 'pod' | 'name' | 'attempt'>): string {
  const { pod, name, attempt } = spec
  return `k8s_${name}_${pod.name}_${pod.namespace}_${pod.uid}_${attempt}`
}

export function memoryVolumeName(pod: PodIdentity, attempt: number, volume: string): string {
  return `nanokube_${pod.uid}_${attempt}_${volume}`
}
