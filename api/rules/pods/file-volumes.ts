/** Where environment files may come from. */
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { Path, Problems } from '../../problems.ts'
import { eachContainer } from './each-container.ts'
import type { Volumes } from './mounts.ts'

/** Only another container of the pod can have written the file, which takes an empty directory. */
export function checkFileVolumes(
  spec: PodSpec,
  volumes: Volumes,
  at: Path,
  problems: Problems,
): void {
  for (const { container, path } of eachContainer(spec, at)) {
    for (const [position, { valueFrom }] of (container.env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName
      if (!name) continue
      const source = path.child('env').index(position).child('valueFrom').child('fileKeyRef')
      const volume = volumes.get(name)
      if (!volume) problems.notFound(source.child('volumeName'), name)
      else if (!volume.emptyDir) {
        const detail = 'referenced volume must be of type emptyDir'
        problems.invalid(source.child('volumeName'), name, detail)
      }
    }
  }
}
