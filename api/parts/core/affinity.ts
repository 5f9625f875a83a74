/** FIXME: one sentence. */

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

export const preferredSchedulingTerm = struct('core.v1.PreferredSchedulingTerm', '', {
  weight: always(1, int32, ''),
  preference: always(2, nodeSelectorTerm, ''),
})
export interface PreferredSchedulingTerm extends Stored<typeof preferredSchedulingTerm> {}

export const nodeAffinity = struct('core.v1.NodeAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, nodeSelector, ''),
  preferredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    2,
    listOf(preferredSchedulingTerm, { listType: 'atomic' }),
    '',
  ),
})
export interface NodeAffinity extends Stored<typeof nodeAffinity> {}

export const podAffinityTerm = struct('core.v1.PodAffinityTerm', '', {
  labelSelector: optional(1, labelSelector, ''),
  namespaces: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
  topologyKey: always(3, string, ''),
  namespaceSelector: optional(4, labelSelector, ''),
  matchLabelKeys: omitEmpty(5, listOf(string, { listType: 'atomic' }), ''),
  mismatchLabelKeys: omitEmpty(6, listOf(string, { listType: 'atomic' }), ''),
})
export interface PodAffinityTerm extends Stored<typeof podAffinityTerm> {}

export const weightedPodAffinityTerm = struct('core.v1.WeightedPodAffinityTerm', '', {
  weight: always(1, int32, ''),
  podAffinityTerm: always(2, podAffinityTerm, ''),
})
export interface WeightedPodAffinityTerm extends Stored<typeof weightedPodAffinityTerm> {}

export const podAffinity = struct('core.v1.PodAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    1,
    listOf(podAffinityTerm, { listType: 'atomic' }),
    '',
  ),
  preferredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    2,
    listOf(weightedPodAffinityTerm, { listType: 'atomic' }),
    '',
  ),
})
export interface PodAffinity extends Stored<typeof podAffinity> {}

export const podAntiAffinity = struct('core.v1.PodAntiAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    1,
    listOf(podAffinityTerm, { listType: 'atomic' }),
    '',
  ),
  preferredDuringSchedulingIgnoredDuringExecution: omitEmpty(
    2,
    listOf(weightedPodAffinityTerm, { listType: 'atomic' }),
    '',
  ),
})
export interface PodAntiAffinity extends Stored<typeof podAntiAffinity> {}

export const affinity = struct('core.v1.Affinity', '', {
  nodeAffinity: optional(1, nodeAffinity, ''),
  podAffinity: optional(2, podAffinity, ''),
  podAntiAffinity: optional(3, podAntiAffinity, ''),
})
export interface Affinity extends Stored<typeof affinity> {}

export const volumeNodeAffinity = struct('core.v1.VolumeNodeAffinity', '', {
  required: optional(1, nodeSelector, ''),
})
export interface VolumeNodeAffinity extends Stored<typeof volumeNodeAffinity> {}
