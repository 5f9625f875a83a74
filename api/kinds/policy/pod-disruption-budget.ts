/** PodDisruptionBudget: how many pods of a group may be taken away on purpose at a time. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { validateLabelSelector } from '../../label-selector.ts'
import { condition } from '../../parts/meta/condition.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateAtMost100Percent, validateIntOrPercent } from '../../rules/int-or-percent.ts'
import { validateCounters } from '../../rules/workload.ts'
import {
  always,
  int32,
  int64,
  intOrString,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  struct,
  time,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const podDisruptionBudgetSpec = struct(
  'policy.v1.PodDisruptionBudgetSpec',
  'Which pods are protected, and how far. One of both bounds is set.',
  {
    minAvailable: optional(
      1,
      intOrString,
      'Pods that must stay available, as a number or percentage. Goes without maxUnavailable.',
    ),
    selector: optional(
      2,
      labelSelector,
      'Selects the pods. An empty one selects all pods of the namespace, none selects no pod.',
      { patch: 'replace' },
    ),
    maxUnavailable: optional(
      3,
      intOrString,
      'Pods that may be unavailable, as a number or percentage. Goes without minAvailable.',
    ),
    unhealthyPodEvictionPolicy: optional(
      4,
      publishedEnum('IfHealthyBudget', 'AlwaysAllow'),
      'When pods that are not ready may go: with a budget to spare (IfHealthyBudget, the default), or always.',
    ),
  },
  {
    validateWhole(spec, at, problems) {
      const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
      if (minAvailable !== undefined && maxUnavailable !== undefined) {
        problems.invalid(at, shown(spec), 'minAvailable and maxUnavailable cannot be both set')
      }
      checkBound(minAvailable, at.child('minAvailable'), problems)
      checkBound(maxUnavailable, at.child('maxUnavailable'), problems)
      validateLabelSelector(selector, at.child('selector'), problems)
      if (policy === undefined || policies.includes(policy)) return
      problems.notSupported(at.child('unhealthyPodEvictionPolicy'), policy, policies)
    },
  },
)
export interface PodDisruptionBudgetSpec extends Stored<typeof podDisruptionBudgetSpec> {}

const policies = ['AlwaysAllow', 'IfHealthyBudget']

function checkBound(value: number | string | undefined, at: Path, problems: Problems): void {
  if (value === undefined) return
  validateIntOrPercent(value, at, problems)
  validateAtMost100Percent(value, at, problems)
}

/** As upstream shows it: under the names of its Go fields. */
function shown(spec: Partial<PodDisruptionBudgetSpec>): object {
  return {
    MinAvailable: spec.minAvailable ?? null,
    Selector: spec.selector ?? null,
    MaxUnavailable: spec.maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
  }
}

export const podDisruptionBudgetStatus = struct(
  'policy.v1.PodDisruptionBudgetStatus',
  'How many pods there are, and how many may go.',
  {
    observedGeneration: omitEmpty(1, int64, 'Generation that the controller has seen.'),
    disruptedPods: omitEmpty(
      2,
      mapOf(time),
      'Pods whose eviction was granted but that are not yet gone, by name, with the time of it.',
    ),
    disruptionsAllowed: always(3, int32, 'Pods that may go now.', { mayOmit: true }),
    currentHealthy: always(4, int32, 'Pods that are healthy.', { mayOmit: true }),
    desiredHealthy: always(5, int32, 'Pods that must be healthy.', { mayOmit: true }),
    expectedPods: always(6, int32, 'Pods that the budget is about.', { mayOmit: true }),
    conditions: omitEmpty(
      7,
      listOf(condition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'Aspects of the state, such as DisruptionAllowed.',
    ),
  },
  {
    validateUpdate(next, _previous, at, problems) {
      const counters = [
        'disruptionsAllowed',
        'currentHealthy',
        'desiredHealthy',
        'expectedPods',
      ] as const
      validateCounters(next, counters, at, problems)
    },
  },
)
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
  doc: 'Bounds how many pods of a group may be evicted at a time, as when nodes are drained.',
  fields: {
    spec: omitEmpty(2, podDisruptionBudgetSpec, 'Which pods are protected, and how far.'),
    status: omitEmpty(3, podDisruptionBudgetStatus, 'How many pods there are and may go.'),
  },
  columns: [
    nameColumn,
    column('Min Available', 'string', 'Pods that must stay available.', ({ spec }) =>
      String(spec.minAvailable ?? 'N/A'),
    ),
    column('Max Unavailable', 'string', 'Pods that may be unavailable.', ({ spec }) =>
      String(spec.maxUnavailable ?? 'N/A'),
    ),
    column(
      'Allowed Disruptions',
      'integer',
      'Pods that may go now.',
      ({ status }) => status.disruptionsAllowed,
    ),
    ageColumn,
  ],
})
export interface PodDisruptionBudget extends Stored<typeof PodDisruptionBudget> {}
