/** Affinity: where pods prefer, need or refuse to run. */
import {
  always,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { nodeSelector, nodeSelectorTerm } from './node-selector.ts'

export const preferredSchedulingTerm = struct(
  'core.v1.PreferredSchedulingTerm',
  'A preference for nodes.',
  {
    weight: always(
      1,
      int32,
      "How much the preference counts, 1 to 100; a node's score is the sum of those it meets.",
    ),
    preference: always(2, nodeSelectorTerm, 'The nodes that are preferred.'),
  },
)
export interface PreferredSchedulingTerm extends Stored<typeof preferredSchedulingTerm> {}

export const nodeAffinity = struct(
  'core.v1.NodeAffinity',
  'Which nodes a pod may or would rather run on.',
  {
    requiredDuringSchedulingIgnoredDuringExecution: optional(
      1,
      nodeSelector,
      'Nodes that the scheduler may choose. Later changes of a node do not move the pod.',
    ),
    preferredDuringSchedulingIgnoredDuringExecution: omitEmpty(
      2,
      listOf(preferredSchedulingTerm, { listType: 'atomic' }),
      'Nodes that the scheduler would rather choose.',
    ),
  },
)
export interface NodeAffinity extends Stored<typeof nodeAffinity> {}

export const podAffinityTerm = struct(
  'core.v1.PodAffinityTerm',
  'A group of pods, and the topology inside which to be with them or apart from them.',
  {
    labelSelector: optional(1, labelSelector, 'Pods of the group. Matches no pod when unset.'),
    namespaces: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      "Namespaces of the pods, beside those of namespaceSelector. The pod's own when both are unset.",
    ),
    topologyKey: always(
      3,
      string,
      'Label of nodes whose value makes nodes one place, such as kubernetes.io/hostname.',
    ),
    namespaceSelector: optional(
      4,
      labelSelector,
      'Namespaces of the pods by label. Empty selects all namespaces.',
    ),
    matchLabelKeys: omitEmpty(
      5,
      listOf(string, { listType: 'atomic' }),
      'Labels of the new pod whose values pods of the group must share. Needs labelSelector.',
    ),
    mismatchLabelKeys: omitEmpty(
      6,
      listOf(string, { listType: 'atomic' }),
      'Labels of the new pod whose values pods of the group must not share. Needs labelSelector.',
    ),
  },
)
export interface PodAffinityTerm extends Stored<typeof podAffinityTerm> {}

export const weightedPodAffinityTerm = struct(
  'core.v1.WeightedPodAffinityTerm',
  'A preference to be with pods or apart from them.',
  {
    weight: always(1, int32, 'How much the preference counts, 1 to 100.'),
    podAffinityTerm: always(2, podAffinityTerm, 'The pods and the topology.'),
  },
)
export interface WeightedPodAffinityTerm extends Stored<typeof weightedPodAffinityTerm> {}

export const podAffinity = struct('core.v1.PodAffinity', 'Which pods to be with.', {
  requiredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    1,
    listOf(podAffinityTerm, { listType: 'atomic' }),
    'Groups of which each must have a pod in the same place.',
  ),
  preferredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    2,
    listOf(weightedPodAffinityTerm, { listType: 'atomic' }),
    'Groups whose company is preferred.',
  ),
})
export interface PodAffinity extends Stored<typeof podAffinity> {}

export const podAntiAffinity = struct('core.v1.PodAntiAffinity', 'Which pods to be apart from.', {
  requiredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    1,
    listOf(podAffinityTerm, { listType: 'atomic' }),
    'Groups that must have no pod in the same place.',
  ),
  preferredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    2,
    listOf(weightedPodAffinityTerm, { listType: 'atomic' }),
    'Groups to avoid where possible.',
  ),
})
export interface PodAntiAffinity extends Stored<typeof podAntiAffinity> {}

export const affinity = struct('core.v1.Affinity', 'All rules about where a pod runs.', {
  nodeAffinity: optional(1, nodeAffinity, 'Rules about nodes.'),
  podAffinity: optional(2, podAffinity, 'Rules about pods to be with.'),
  podAntiAffinity: optional(3, podAntiAffinity, 'Rules about pods to be apart from.'),
})
export interface Affinity extends Stored<typeof affinity> {}

export const volumeNodeAffinity = struct(
  'core.v1.VolumeNodeAffinity',
  'The nodes from which a volume can be reached.',
  {
    required: optional(1, nodeSelector, 'What a node must be like.'),
  },
)
export interface VolumeNodeAffinity extends Stored<typeof volumeNodeAffinity> {}
