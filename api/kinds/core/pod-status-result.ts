/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { podStatus } from '../../parts/core/pod-status.ts'
import { omitEmpty, type Stored } from '../../schema.ts'

export const PodStatusResult = defineKind({
  group: '',
  version: 'v1',
  kind: 'PodStatusResult',
  doc: '',
  fields: {
    status: omitEmpty(2, podStatus, ''),
  },
})
export interface PodStatusResult extends Stored<typeof PodStatusResult> {}
