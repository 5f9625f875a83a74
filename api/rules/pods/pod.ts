/** Every rule about a pod that holds at any time, and those for new pods. */
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { PodStatus } from '../../parts/core/pod-status.ts'
import type { ObjectMeta } from '../../parts/meta/object-meta.ts'
import { Path, type Problems } from '../../problems.ts'
import { checkAppArmorAgrees, checkSeccompAgrees, validatePodAnnotations } from './annotations.ts'
import { checkImagePadding } from './containers.ts'
import { validatePodSpec } from './spec.ts'

/** The kind itself cannot be named here: it is made of these rules. */
export interface PodLike {
  readonly metadata: ObjectMeta
  spec: PodSpec
  status: PodStatus
}

const specPath = Path.root.child('spec')

export function validatePod({ metadata, spec }: PodLike, at: Path, problems: Problems): void {
  const annotationsAt = at.child('metadata').child('annotations')
  validatePodAnnotations(metadata.annotations, spec, annotationsAt, problems)
  const specAt = at.child('spec')
  validatePodSpec(spec, specAt, problems, { isPod: true, podName: metadata.name })
  if (!spec.serviceAccountName) checkTokenVolumes(spec, specAt.child('volumes'), problems)
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [position, container] of (spec[list] ?? []).entries()) {
      checkImagePadding(container, specAt.child(list).index(position), problems)
    }
  }
}

function checkTokenVolumes({ volumes }: PodSpec, at: Path, problems: Problems): void {
  for (const [position, { projected }] of (volumes ?? []).entries()) {
    for (const [sourcePosition, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
      if (!serviceAccountToken) continue
      const sources = at.index(position).child('projected').child('sources')
      const place = sources.index(sourcePosition).child('serviceAccountToken')
      problems.forbidden(place, 'must not be specified when serviceAccountName is not set')
    }
  }
}

export function validateNewPod({ metadata, spec }: PodLike, problems: Problems): void {
  if (spec.ephemeralContainers) {
    problems.forbidden(specPath.child('ephemeralContainers'), 'cannot be set on create')
  }
  if (spec.nodeName && spec.schedulingGates) {
    const detail = 'cannot be set until all schedulingGates have been cleared'
    problems.forbidden(specPath.child('nodeName'), detail)
  }
  checkSeccompAgrees(metadata.annotations, spec, specPath, problems)
  checkAppArmorAgrees(metadata.annotations, spec, specPath, problems)
}
