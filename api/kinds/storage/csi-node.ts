/** CSINode: which CSI drivers run on a node, and what they call it. */
import { defineKind } from '../../kind.ts'
import { checkDriverChanges, checkDrivers } from '../../rules/csi-node.ts'
import { always, int32, listOf, optional, type Stored, string, struct } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const volumeNodeResources = struct(
  'storage.v1.VolumeNodeResources',
  'What a node has room for.',
  {
    count: optional(1, int32, 'How many volumes of the driver fit on the node; no limit if unset.'),
  },
)
export interface VolumeNodeResources extends Stored<typeof volumeNodeResources> {}

export const csiNodeDriver = struct('storage.v1.CSINodeDriver', 'A CSI driver on a node.', {
  name: always(1, string, 'Name of the driver, as it calls itself.'),
  nodeID: always(2, string, 'What the driver calls the node, at most 256 bytes.'),
  topologyKeys: always(
    3,
    listOf(string, { listType: 'atomic' }),
    'Labels of the node that say which volumes it can reach.',
    { mayOmit: true },
  ),
  allocatable: optional(4, volumeNodeResources, 'How many volumes the node has room for.'),
})
export interface CSINodeDriver extends Stored<typeof csiNodeDriver> {}

export const csiNodeSpec = struct('storage.v1.CSINodeSpec', 'The CSI drivers of a node.', {
  drivers: always(
    1,
    listOf(csiNodeDriver, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    'The drivers; all but the room of one stays as it is while it is there.',
    { check: checkDrivers },
  ),
})
export interface CSINodeSpec extends Stored<typeof csiNodeSpec> {}

export const CSINode = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  deletion: { returnsObject: true },
  doc: 'Which CSI drivers run on a node, and what they call it. It is named after the node.',
  fields: {
    spec: always(2, csiNodeSpec, 'The CSI drivers of the node.'),
  },
  conditionalUpdates: true,
  columns: [
    nameColumn,
    column('Drivers', 'integer', 'How many CSI drivers run on it.', driverCount),
    ageColumn,
  ],
  validateUpdate({ spec }, previous, at, problems) {
    const place = at.child('spec').child('drivers')
    checkDriverChanges(spec.drivers ?? [], previous.spec.drivers ?? [], place, problems)
  },
})
export interface CSINode extends Stored<typeof CSINode> {}

function driverCount({ spec }: { readonly spec: CSINodeSpec }): number {
  return spec.drivers?.length ?? 0
}
