/** FIXME: one sentence. */

import { omitEmpty, type Stored, struct } from '../../schema.ts'
import { templateMeta } from '../meta/object-meta.ts'
import { podSpec } from './pod-spec.ts'

export const podTemplateSpec = struct('core.v1.PodTemplateSpec', '', {
  metadata: omitEmpty(1, templateMeta, ''),
  spec: omitEmpty(2, podSpec, ''),
})
export interface PodTemplateSpec extends Stored<typeof podTemplateSpec> {}
