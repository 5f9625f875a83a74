/** PodStatusResult: the status of a pod by itself, as kubelets once sent it. */
import { defineKind } from '../../kind.ts'
import { podStatus } from '../../parts/core/pod-status.ts'
import { omitEmpty, type Stored } from '../../schema.ts'

export const PodStatusResult = defineKind({
  group: '',
  version: 'v1',
  kind: 'PodStatusResult',
  doc: 'The status of a pod as a document of its own.',
  fields: {
    status: omitEmpty(2, podStatus, 'What is known about the pod.'),
  },
})
export interface PodStatusResult extends Stored<typeof PodStatusResult> {}
