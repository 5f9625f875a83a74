/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  int32,
  microTime,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const leaseSpec = struct('coordination.v1.LeaseSpec', '', {
  holderIdentity: optional(1, string, ''),
  leaseDurationSeconds: optional(2, int32, ''),
  acquireTime: optional(3, microTime, ''),
  renewTime: optional(4, microTime, ''),
  leaseTransitions: optional(5, int32, ''),
  strategy: optional(6, wordOf('OldestEmulationVersion'), ''), // gate: CoordinatedLeaderElection
  preferredHolder: optional(7, string, ''), // gate: CoordinatedLeaderElection
})
export interface LeaseSpec extends Stored<typeof leaseSpec> {}

export const Lease = defineKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  conditionalUpdates: true,
  createOnUpdate: true,
  doc: '',
  fields: {
    spec: omitEmpty(2, leaseSpec, ''),
  },
  // columns: Name, Holder, Age
})
export interface Lease extends Stored<typeof Lease> {}
