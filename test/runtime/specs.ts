/** Pods and containers for tests of runtimes: the least that says what is wanted. */
import type {
  ContainerSecurity,
  ContainerSpec,
  Image,
  ObservedSandbox,
  PodIdentity,
  Runtime,
  SandboxSpec,
} from '#kubelet/runtime.ts'

export function podIdentity(name: string): PodIdentity {
  const digits = Buffer.from(name).toString('hex').padEnd(12, '0').slice(-12)
  return { uid: `00000000-0000-4000-8000-${digits}`, name, namespace: 'default' }
}

export function sandboxSpec(pod: PodIdentity, more: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    pod,
    attempt: 0,
    hostname: pod.name,
    network: 'pod',
    ipc: 'pod',
    processes: 'container',
    sysctls: {},
    memoryVolumes: [],
    labels: {},
    ...more,
  }
}

export const plainSecurity: ContainerSecurity = {
  groups: [],
  isPrivileged: false,
  isReadOnlyRoot: false,
  mayGainPrivileges: true,
  addedCapabilities: [],
  droppedCapabilities: [],
  isProcUnmasked: false,
}

export function containerSpec(
  pod: PodIdentity,
  image: Image,
  more: Partial<ContainerSpec> = {},
): ContainerSpec {
  return {
    pod,
    name: 'app',
    attempt: 0,
    hash: 'first',
    imageId: image.id,
    image: image.names[0] ?? image.id,
    environment: [],
    mounts: [],
    devices: [],
    resources: {},
    security: plainSecurity,
    stdin: false,
    stdinOnce: false,
    tty: false,
    labels: {},
    ...more,
  }
}

/** Runs until it is told to stop, and then ends at once. */
export const untilStopped = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.05; done']

/** A running container in a new sandbox. */
export async function startPod(
  runtime: Runtime,
  imageName: string,
  pod: PodIdentity,
  more: Partial<ContainerSpec> = {},
  sandboxMore: Partial<SandboxSpec> = {},
): Promise<{ sandbox: ObservedSandbox; id: string }> {
  const image = await runtime.images.find(imageName)
  if (!image) throw new Error(`image ${imageName}: not there, wanted it for a test`)
  const sandbox = await runtime.startSandbox(sandboxSpec(pod, sandboxMore))
  const spec = containerSpec(pod, image, { command: untilStopped, ...more })
  const id = await runtime.createContainer(sandbox, spec)
  await runtime.startContainer(id)
  return { sandbox, id }
}

/** As a kubelet ends a pod. */
export async function removePod(runtime: Runtime, pod: PodIdentity): Promise<void> {
  const { containers, sandboxes } = await runtime.observe(pod)
  await Promise.all(containers.map(({ id }) => runtime.stopContainer(id, 0)))
  await Promise.all(containers.map(({ id }) => runtime.removeContainer(id)))
  await Promise.all(sandboxes.map(({ id }) => runtime.stopSandbox(id)))
  await Promise.all(sandboxes.map(({ id }) => runtime.removeSandbox(id)))
}
