/** The template from which workloads make pods. */
import { validatePodTemplateSpec } from '../../rules/pods/template.ts'
import { omitEmpty, type Stored, struct } from '../../schema.ts'
import { templateMeta } from '../meta/object-meta.ts'
import { podSpec } from './pod-spec.ts'

export const podTemplateSpec = struct(
  'core.v1.PodTemplateSpec',
  'A template of a pod.',
  {
    metadata: omitEmpty(1, templateMeta, 'Labels and annotations of the pods.'),
    spec: omitEmpty(2, podSpec, 'What the pods should be.'),
  },
  {
    validateWhole(template, at, problems): void {
      validatePodTemplateSpec(template, at, problems)
    },
  },
)
export interface PodTemplateSpec extends Stored<typeof podTemplateSpec> {}
