/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { condition } from '../../parts/meta/condition.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  always,
  enumOf,
  int32,
  int64,
  intOrString,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  struct,
  time,
} from '../../schema.ts'

export const podDisruptionBudgetSpec = struct('policy.v1.PodDisruptionBudgetSpec', '', {
  minAvailable: optional(1, intOrString, ''),
  selector: optional(2, labelSelector, '', { patch: 'replace' }),
  maxUnavailable: optional(3, intOrString, ''),
  unhealthyPodEvictionPolicy: optional(4, enumOf('IfHealthyBudget', 'AlwaysAllow'), ''),
})
export interface PodDisruptionBudgetSpec extends Stored<typeof podDisruptionBudgetSpec> {}

export const podDisruptionBudgetStatus = struct('policy.v1.PodDisruptionBudgetStatus', '', {
  observedGeneration: omitEmpty(1, int64, ''),
  disruptedPods: omitEmpty(2, mapOf(time), ''),
  disruptionsAllowed: always(3, int32, '', { mayOmit: true }),
  currentHealthy: always(4, int32, '', { mayOmit: true }),
  desiredHealthy: always(5, int32, '', { mayOmit: true }),
  expectedPods: always(6, int32, '', { mayOmit: true }),
  conditions: omitEmpty(
    7,
    listOf(condition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface PodDisruptionBudgetStatus extends Stored<typeof podDisruptionBudgetStatus> {}

export const PodDisruptionBudget = defineKind({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  generation: true,
  conditionalUpdates: true,
  doc: '',
  fields: {
    spec: omitEmpty(2, podDisruptionBudgetSpec, ''),
    status: omitEmpty(3, podDisruptionBudgetStatus, ''),
  },
  // columns: Name, Min Available, Max Unavailable, Allowed Disruptions, Age
})
export interface PodDisruptionBudget extends Stored<typeof PodDisruptionBudget> {}
