/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, int32, listOf, optional, type Stored, string, struct } from '../../schema.ts'

export const volumeNodeResources = struct('storage.v1.VolumeNodeResources', '', {
  count: optional(1, int32, ''),
})
export interface VolumeNodeResources extends Stored<typeof volumeNodeResources> {}

export const csiNodeDriver = struct('storage.v1.CSINodeDriver', '', {
  name: always(1, string, ''),
  nodeID: always(2, string, ''),
  topologyKeys: always(3, listOf(string, { listType: 'atomic' }), '', { mayOmit: true }),
  allocatable: optional(4, volumeNodeResources, ''),
})
export interface CSINodeDriver extends Stored<typeof csiNodeDriver> {}

export const csiNodeSpec = struct('storage.v1.CSINodeSpec', '', {
  drivers: always(
    1,
    listOf(csiNodeDriver, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
})
export interface CSINodeSpec extends Stored<typeof csiNodeSpec> {}

export const CSINode = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  doc: '',
  fields: {
    spec: always(2, csiNodeSpec, ''),
  },
  // columns: Name, Drivers, Age
})
export interface CSINode extends Stored<typeof CSINode> {}
