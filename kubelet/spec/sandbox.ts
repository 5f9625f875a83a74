/** What a pod's containers share, from the spec of the pod. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { sandboxHostname } from '../hosts-file.ts'
import type { SandboxSpec } from '../runtime.ts'

export interface SandboxFacts {
  readonly nodeName: string
  readonly clusterDomain: string
  /** Path below which the cgroups of all pods lie; none where the engine decides. */
  readonly cgroupRoot?: string | undefined
}

export function sandboxSpec(
  pod: Pod,
  attempt: number,
  memoryVolumes: SandboxSpec['memoryVolumes'],
  facts: SandboxFacts,
): SandboxSpec {
  const { spec, metadata } = pod
  const { uid, name, namespace = '' } = metadata
  const cgroupParent = facts.cgroupRoot && `${facts.cgroupRoot}/pod${uid}`
  return {
    pod: { uid, name, namespace },
    attempt,
    hostname: spec.hostNetwork ? facts.nodeName : sandboxHostname(pod, facts.clusterDomain),
    network: spec.hostNetwork ? 'node' : 'pod',
    ipc: spec.hostIPC ? 'node' : 'pod',
    processes: processesOf(pod),
    sysctls: Object.fromEntries(
      (spec.securityContext?.sysctls ?? []).map((each) => [
        each.name.replaceAll('/', '.'),
        each.value,
      ]),
    ),
    ...(cgroupParent && { cgroupParent }),
    memoryVolumes,
    labels: {},
  }
}

function processesOf({ spec }: Pod): SandboxSpec['processes'] {
  if (spec.hostPID) return 'node'
  return spec.shareProcessNamespace ? 'pod' : 'container'
}
