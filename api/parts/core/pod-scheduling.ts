/** What a pod says about where and when it is scheduled, beside its affinity. */
import { validateToleration } from '../../rules/tolerations.ts'
import {
  always,
  enumOf,
  int32,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'

export const toleration = struct(
  'core.v1.Toleration',
  'Lets a pod onto nodes with a taint, or lets it stay there.',
  {
    key: omitEmpty(
      1,
      string,
      'Taint that is tolerated. Empty, with operator Exists, tolerates every taint.',
    ),
    operator: omitEmpty(
      2,
      enumOf('Exists', 'Equal', 'Lt', 'Gt'),
      'How the value compares; Lt and Gt compare integers. Defaults to Equal.',
    ),
    value: omitEmpty(3, string, 'Value of the taint; empty for Exists.'),
    effect: omitEmpty(
      4,
      enumOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
      'Effect that is tolerated. Empty tolerates all effects.',
    ),
    tolerationSeconds: optional(
      5,
      int64,
      'Seconds to stay after a NoExecute taint appears. Forever when unset.',
    ),
  },
  {
    validateWhole(value, at, problems): void {
      validateToleration(value, at, problems)
    },
  },
)
export interface Toleration extends Stored<typeof toleration> {}

export const topologySpreadConstraint = struct(
  'core.v1.TopologySpreadConstraint',
  'How evenly matching pods are spread over zones, nodes or other domains.',
  {
    maxSkew: always(
      1,
      int32,
      'Greatest difference allowed between the fullest and the emptiest domain.',
    ),
    topologyKey: always(2, string, 'Label of nodes whose value names their domain.'),
    whenUnsatisfiable: always(
      3,
      enumOf('DoNotSchedule', 'ScheduleAnyway'),
      'Whether to leave the pod pending or to schedule it anyway.',
    ),
    labelSelector: optional(4, labelSelector, 'Pods to count. Matches no pod when unset.'),
    minDomains: optional(
      5,
      int32,
      'Number of domains below which every domain counts as empty. Only with DoNotSchedule.',
    ),
    nodeAffinityPolicy: optional(
      6,
      enumOf('Ignore', 'Honor'),
      'Whether to count only nodes that node affinity and selector allow. Defaults to Honor.',
    ),
    nodeTaintsPolicy: optional(
      7,
      enumOf('Ignore', 'Honor'),
      'Whether to leave out nodes with taints that are not tolerated. Defaults to Ignore.',
    ),
    matchLabelKeys: omitEmpty(
      8,
      listOf(string, { listType: 'atomic' }),
      'Labels of the new pod whose values counted pods must share. Needs labelSelector.',
    ),
  },
)
export interface TopologySpreadConstraint extends Stored<typeof topologySpreadConstraint> {}

export const podSchedulingGate = struct(
  'core.v1.PodSchedulingGate',
  'Something that must be removed before the pod is scheduled.',
  {
    name: always(1, string, 'Name of the gate, unique in the pod.'),
  },
)
export interface PodSchedulingGate extends Stored<typeof podSchedulingGate> {}

export const podSchedulingGroup = struct(
  'core.v1.PodSchedulingGroup',
  'The group of pods to schedule together with.',
  {
    podGroupName: optional(1, string, 'Name of the PodGroup in the same namespace.'),
  },
  { union: {} },
)
export interface PodSchedulingGroup extends Stored<typeof podSchedulingGroup> {}
