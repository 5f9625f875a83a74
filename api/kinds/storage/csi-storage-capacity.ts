/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import { always, optional, quantity, type Stored, string } from '../../schema.ts'

export const CSIStorageCapacity = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  doc: '',
  fields: {
    nodeTopology: optional(2, labelSelector, ''),
    storageClassName: always(3, string, ''),
    capacity: optional(4, quantity, ''),
    maximumVolumeSize: optional(5, quantity, ''),
  },
  // columns: Name, Created At
})
export interface CSIStorageCapacity extends Stored<typeof CSIStorageCapacity> {}
