/** Whether a change of a pod touches anything that the standards are about. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/'

/** Little of a pod can change: images, annotations of old, and its ephemeral containers. */
export function isSignificant(next: Pod, previous: Pod): boolean {
  const [after, before] = [next.metadata.annotations, previous.metadata.annotations]
  if (after?.[seccompOfPod] !== before?.[seccompOfPod]) return true
  return (['containers', 'initContainers', 'ephemeralContainers'] as const).some((list) => {
    const containers: readonly Container[] = next.spec[list] ?? []
    const known: readonly Container[] = previous.spec[list] ?? []
    if (list !== 'ephemeralContainers' && containers.length !== known.length) return true
    return containers.some(({ name, image }) => {
      const same = known.find((each) => each.name === name)
      const key = seccompOfContainer + name
      return !same || same.image !== image || after?.[key] !== before?.[key]
    })
  })
}
