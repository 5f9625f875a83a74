/** Pod: containers that run together on one node, sharing network and volumes. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { podSpec } from '../../parts/core/pod-spec.ts'
import { podStatus } from '../../parts/core/pod-status.ts'
import { podColumns, podRowConditions } from '../../rules/pods/columns.ts'
import { prepareNewPod } from '../../rules/pods/create.ts'
import { defaultPod } from '../../rules/pods/defaults.ts'
import { podGraceSeconds } from '../../rules/pods/deletion.ts'
import { validateNewPod, validatePod } from '../../rules/pods/pod.ts'
import { validatePodUpdate } from '../../rules/pods/update.ts'
import { warningsForPod } from '../../rules/pods/warnings.ts'
import { omitEmpty, type Stored } from '../../schema.ts'

export const Pod = defineKind({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: {
    attach: { group: '', version: 'v1', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    binding: { group: '', version: 'v1', kind: 'Binding', verbs: ['create'] },
    ephemeralcontainers: { verbs: ['get', 'patch', 'update'] },
    eviction: { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
    exec: { group: '', version: 'v1', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    log: { verbs: ['get'] },
    portforward: {
      group: '',
      version: 'v1',
      kind: 'PodPortForwardOptions',
      verbs: ['create', 'get'],
    },
    proxy: {
      group: '',
      version: 'v1',
      kind: 'PodProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
    resize: { verbs: ['get', 'patch', 'update'] },
    ...statusSubresource,
  },
  generation: true,
  deletion: { returnsObject: true, graceSeconds: podGraceSeconds },
  doc: 'Containers that run together on one node, sharing network and volumes.',
  fields: {
    spec: omitEmpty(2, podSpec, 'What the pod should be; little of it can be changed later.'),
    status: omitEmpty(3, podStatus, 'What is known about the pod, reported by its kubelet.'),
  },
  selectable: {
    'spec.hostNetwork': ({ spec }) => `${spec.hostNetwork ?? false}`,
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy,
    'spec.schedulerName': ({ spec }) => spec.schedulerName,
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'status.nominatedNodeName': ({ status }) => status.nominatedNodeName ?? '',
    'status.phase': ({ status }) => status.phase ?? '',
    'status.podIP': ({ status }) => status.podIPs?.[0]?.ip ?? '',
    'status.podIPs': ({ status }) => status.podIPs?.[0]?.ip ?? '',
  },
  columns: podColumns,
  rowConditions: podRowConditions,
  prepareCreate: prepareNewPod,
  defaults({ spec }): void {
    defaultPod(spec)
  },
  validateWhole(pod, at, problems): void {
    validatePod(pod, at, problems)
  },
  validateCreate(pod, problems): void {
    validateNewPod(pod, problems)
  },
  validateUpdate(next, previous, at, problems): void {
    validatePodUpdate(next, previous, at, problems)
  },
  warnings: warningsForPod,
})
export interface Pod extends Stored<typeof Pod> {}
