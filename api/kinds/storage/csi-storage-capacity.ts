/** CSIStorageCapacity: space that a CSI driver has left for a class in a part of the cluster. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind } from '../../kind.ts'
import { validateLabelSelector } from '../../label-selector.ts'
import { dnsSubdomainName } from '../../names.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import { checkNonNegative } from '../../rules/resource-names.ts'
import { always, optional, quantity, type Stored, string } from '../../schema.ts'
import { immutableMessage } from '../../validate-update.ts'

export const CSIStorageCapacity = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  doc: 'How much space a CSI driver has left for a class in one part of the cluster.',
  fields: {
    nodeTopology: optional(
      2,
      labelSelector,
      'The nodes that can reach the space: none when unset, all when empty. Never changes.',
    ),
    storageClassName: always(3, string, 'The class that the space is for. Never changes.'),
    capacity: optional(4, quantity, 'The space that is left; unknown unless set.'),
    maximumVolumeSize: optional(5, quantity, 'The largest volume that can be made of it.'),
  },
  conditionalUpdates: true,
  validate({ nodeTopology, storageClassName, capacity }, at, problems) {
    validateLabelSelector(nodeTopology, at.child('nodeTopology'), problems)
    const place = at.child('storageClassName')
    for (const message of dnsSubdomainName(storageClassName)) {
      problems.invalid(place, storageClassName, message)
    }
    if (capacity !== undefined) checkNonNegative(capacity, at.child('capacity'), problems)
  },
  validateUpdate(next, previous, at, problems) {
    for (const name of ['nodeTopology', 'storageClassName'] as const) {
      if (isDeepStrictEqual(next[name], previous[name])) continue
      problems.invalid(at.child(name), next[name] ?? null, immutableMessage)
    }
  },
})
export interface CSIStorageCapacity extends Stored<typeof CSIStorageCapacity> {}
