/** A walk over the containers of a pod: first init containers, last ephemeral ones. */
import type { Container } from '../../parts/core/container.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { Path } from '../../problems.ts'

export interface PlacedContainer {
  readonly container: Container
  readonly path: Path
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const

export function* eachContainer(spec: PodSpec, at: Path): Generator<PlacedContainer> {
  for (const list of lists) {
    const containers: readonly Container[] = spec[list] ?? []
    for (const [position, container] of containers.entries()) {
      yield { container, path: at.child(list).index(position) }
    }
  }
}

/** An init container that keeps running beside the others. */
export function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always'
}
