/** Every rule about a template for pods. */
import { validateLabels } from '../../label-selector.ts'
import type { PodTemplateSpec } from '../../parts/core/pod-template.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateAnnotations } from '../object-meta.ts'
import { checkSeccompAgrees, validatePodAnnotations } from './annotations.ts'
import { validatePodSpec } from './spec.ts'

export function validatePodTemplateSpec(
  { metadata, spec }: PodTemplateSpec,
  at: Path,
  problems: Problems,
): void {
  // Upstream leaves `metadata` out of these two paths.
  validateLabels(metadata.labels, at.child('labels'), problems)
  const annotationsAt = at.child('annotations')
  validateAnnotations(metadata.annotations, annotationsAt, problems)
  validatePodAnnotations(metadata.annotations, spec, annotationsAt, problems)
  const specAt = at.child('spec')
  validatePodSpec(spec, specAt, problems)
  checkSeccompAgrees(metadata.annotations, spec, specAt, problems)
  if (spec.ephemeralContainers) {
    const detail = 'ephemeral containers not allowed in pod template'
    problems.forbidden(specAt.child('ephemeralContainers'), detail)
  }
}
