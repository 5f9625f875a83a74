/** Lease: who holds something, for how long, and since when. */
import { defineKind } from '../../kind.ts'
import { validateLeaseSpec } from '../../rules/lease.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'

export const leaseSpec = struct(
  'coordination.v1.LeaseSpec',
  'Who holds the lease, and until when.',
  {
    holderIdentity: optional(1, string, 'Who holds the lease.'),
    leaseDurationSeconds: optional(
      2,
      int32,
      'Seconds after the last renewal when others may take the lease.',
    ),
    acquireTime: optional(3, microTime, 'When the holder took the lease.'),
    renewTime: optional(4, microTime, 'When the holder last renewed it.'),
    leaseTransitions: optional(5, int32, 'How often the lease has changed hands.'),
    strategy: optional(
      6,
      wordOf('OldestEmulationVersion'),
      'How the holder is chosen when the control plane elects it, as CoordinatedLeaderElection does.',
    ),
    preferredHolder: optional(
      7,
      string,
      'Who should hold the lease next: the holder gives it up. Only with a strategy.',
    ),
  },
  {
    validateWhole(spec, at, problems) {
      validateLeaseSpec(spec, at, problems)
    },
  },
)
export interface LeaseSpec extends Stored<typeof leaseSpec> {}

export const Lease = defineKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  conditionalUpdates: true,
  createOnUpdate: true,
  doc: 'Says who holds something, for leader election and for the heartbeats of nodes.',
  fields: {
    spec: omitEmpty(2, leaseSpec, 'Who holds the lease, and until when.'),
  },
  columns: [
    nameColumn,
    column('Holder', 'string', 'Who holds the lease.', ({ spec }) => spec.holderIdentity ?? ''),
    ageColumn,
  ],
})
export interface Lease extends Stored<typeof Lease> {}
