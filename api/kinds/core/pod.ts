/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { podSpec } from '../../parts/core/pod-spec.ts'
import { podStatus } from '../../parts/core/pod-status.ts'
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
  doc: '',
  fields: {
    spec: omitEmpty(2, podSpec, ''),
    status: omitEmpty(3, podStatus, ''),
  },
  // columns: Name, Ready, Status, Restarts, Age, IP*, Node*, Nominated Node*, Readiness Gates*
})
export interface Pod extends Stored<typeof Pod> {}
