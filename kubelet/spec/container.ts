/** What the runtime is told about a container, from the spec of its pod. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { containerHash } from '../container-hash.ts'
import { expandAll, type Variable } from '../environment.ts'
import type { PodContainer } from '../pod-containers.ts'
import type { ContainerSpec, Image, Mount } from '../runtime.ts'
import { containerResources, type NodeFacts } from './resources.ts'
import { containerSecurity, type SecuritySettings } from './security.ts'

export interface ContainerFacts {
  readonly attempt: number
  readonly image: Image
  readonly environment: readonly Variable[]
  readonly mounts: readonly Mount[]
  readonly devices: ContainerSpec['devices']
  readonly node: NodeFacts
  readonly security: SecuritySettings
  /** Container whose processes it sees. */
  readonly targetContainerId: string | undefined
}

/** Read back by a kubelet that has to end a pod of which nothing else is known. */
export const GRACE_LABEL = 'io.kubernetes.pod.terminationGracePeriod'

/** Throws ConfigError. */
export function containerSpec(
  pod: Pod,
  { container }: PodContainer,
  facts: ContainerFacts,
): ContainerSpec {
  const { attempt, image, environment, mounts, devices, node, targetContainerId } = facts
  const { uid, name, namespace = '' } = pod.metadata
  const { terminationGracePeriodSeconds: graceSeconds } = pod.spec
  const security = containerSecurity(pod, container, image, facts.security)
  const isPrivileged = container.securityContext?.privileged ?? false
  return {
    pod: { uid, name, namespace },
    name: container.name,
    attempt,
    hash: containerHash(container),
    imageId: image.id,
    image: container.image ?? '',
    command: expandAll(container.command, environment),
    args: expandAll(container.args, environment),
    workingDirectory: container.workingDir,
    environment,
    mounts,
    devices,
    resources: containerResources(pod, container, node),
    // Privileged containers may always gain what they have already.
    security: { ...security, ...(isPrivileged && { mayGainPrivileges: true }) },
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    stopSignal: container.lifecycle?.stopSignal,
    targetContainerId,
    labels: graceSeconds === undefined ? {} : { [GRACE_LABEL]: `${graceSeconds}` },
  }
}
