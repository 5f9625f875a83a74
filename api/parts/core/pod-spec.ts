/** FIXME: one sentence. */

import {
  always,
  boolean,
  enumOf,
  int32,
  int64,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { affinity } from './affinity.ts'
import { container } from './container.ts'
import { ephemeralContainer } from './ephemeral-container.ts'
import { localObjectReference } from './references.ts'
import { resourceRequirements } from './resources.ts'
import { podSecurityContext } from './security-context.ts'
import { volume } from './volume.ts'

export const toleration = struct('core.v1.Toleration', '', {
  key: omitEmpty(1, string, ''),
  operator: omitEmpty(2, enumOf('Exists', 'Equal', 'Lt', 'Gt'), ''),
  value: omitEmpty(3, string, ''),
  effect: omitEmpty(4, enumOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'), ''),
  tolerationSeconds: optional(5, int64, ''),
})
export interface Toleration extends Stored<typeof toleration> {}

export const hostAlias = struct('core.v1.HostAlias', '', {
  ip: required(1, string, ''),
  hostnames: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
})
export interface HostAlias extends Stored<typeof hostAlias> {}

export const podDNSConfigOption = struct('core.v1.PodDNSConfigOption', '', {
  name: omitEmpty(1, string, ''),
  value: optional(2, string, ''),
})
export interface PodDNSConfigOption extends Stored<typeof podDNSConfigOption> {}

export const podDNSConfig = struct('core.v1.PodDNSConfig', '', {
  nameservers: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
  searches: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
  options: omitEmpty(3, listOf(podDNSConfigOption, { listType: 'atomic' }), ''),
})
export interface PodDNSConfig extends Stored<typeof podDNSConfig> {}

export const podReadinessGate = struct('core.v1.PodReadinessGate', '', {
  conditionType: always(
    1,
    wordOf(
      'ContainersReady',
      'Initialized',
      'Ready',
      'PodScheduled',
      'DisruptionTarget',
      'PodReadyToStartContainers',
      'PodResizePending',
      'PodResizeInProgress',
      'AllContainersRestarting',
    ),
    '',
  ),
})
export interface PodReadinessGate extends Stored<typeof podReadinessGate> {}

export const topologySpreadConstraint = struct('core.v1.TopologySpreadConstraint', '', {
  maxSkew: always(1, int32, ''),
  topologyKey: always(2, string, ''),
  whenUnsatisfiable: always(3, enumOf('DoNotSchedule', 'ScheduleAnyway'), ''),
  labelSelector: optional(4, labelSelector, ''),
  minDomains: optional(5, int32, ''),
  nodeAffinityPolicy: optional(6, enumOf('Ignore', 'Honor'), ''),
  nodeTaintsPolicy: optional(7, enumOf('Ignore', 'Honor'), ''),
  matchLabelKeys: omitEmpty(8, listOf(string, { listType: 'atomic' }), ''),
})
export interface TopologySpreadConstraint extends Stored<typeof topologySpreadConstraint> {}

export const podOS = struct('core.v1.PodOS', '', {
  name: always(1, wordOf('linux', 'windows'), ''),
})
export interface PodOS extends Stored<typeof podOS> {}

export const podSchedulingGate = struct('core.v1.PodSchedulingGate', '', {
  name: always(1, string, ''),
})
export interface PodSchedulingGate extends Stored<typeof podSchedulingGate> {}

export const podResourceClaim = struct('core.v1.PodResourceClaim', '', {
  name: always(1, string, ''),
  resourceClaimName: optional(3, string, ''),
  resourceClaimTemplateName: optional(4, string, ''),
})
export interface PodResourceClaim extends Stored<typeof podResourceClaim> {}

export const podSchedulingGroup = struct('core.v1.PodSchedulingGroup', '', {
  podGroupName: optional(1, string, ''),
})
export interface PodSchedulingGroup extends Stored<typeof podSchedulingGroup> {}

export const podSpec = struct('core.v1.PodSpec', '', {
  volumes: omitEmpty(
    1,
    listOf(volume, { keys: ['name'], mergeKey: 'name', patch: 'merge,retainKeys' }),
    '',
  ),
  initContainers: omitEmpty(
    20,
    listOf(container, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
  containers: always(
    2,
    listOf(container, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
  ephemeralContainers: omitEmpty(
    34,
    listOf(ephemeralContainer, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
  restartPolicy: omitEmpty(3, enumOf('Always', 'OnFailure', 'Never'), ''),
  terminationGracePeriodSeconds: optional(4, int64, ''),
  activeDeadlineSeconds: optional(5, int64, ''),
  dnsPolicy: omitEmpty(6, enumOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'), ''),
  nodeSelector: omitEmpty(7, mapOf(string), '', { atomic: true }),
  serviceAccountName: omitEmpty(8, string, ''),
  serviceAccount: omitEmpty(9, string, ''),
  automountServiceAccountToken: optional(21, boolean, ''),
  nodeName: omitEmpty(10, string, ''),
  hostNetwork: omitEmpty(11, boolean, ''),
  hostPID: omitEmpty(12, boolean, ''),
  hostIPC: omitEmpty(13, boolean, ''),
  shareProcessNamespace: optional(27, boolean, ''),
  securityContext: optional(14, podSecurityContext, ''),
  imagePullSecrets: omitEmpty(
    15,
    listOf(localObjectReference, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
  hostname: omitEmpty(16, string, ''),
  subdomain: omitEmpty(17, string, ''),
  affinity: optional(18, affinity, ''),
  schedulerName: omitEmpty(19, string, ''),
  tolerations: omitEmpty(22, listOf(toleration, { listType: 'atomic' }), ''),
  hostAliases: omitEmpty(
    23,
    listOf(hostAlias, { keys: ['ip'], mergeKey: 'ip', patch: 'merge' }),
    '',
  ),
  priorityClassName: omitEmpty(24, string, ''),
  priority: optional(25, int32, ''),
  dnsConfig: optional(26, podDNSConfig, ''),
  readinessGates: omitEmpty(28, listOf(podReadinessGate, { listType: 'atomic' }), ''),
  runtimeClassName: optional(29, string, ''),
  enableServiceLinks: optional(30, boolean, ''),
  preemptionPolicy: optional(31, enumOf('PreemptLowerPriority', 'Never'), ''),
  overhead: omitEmpty(32, mapOf(quantity), ''),
  topologySpreadConstraints: omitEmpty(
    33,
    listOf(topologySpreadConstraint, {
      keys: ['topologyKey', 'whenUnsatisfiable'],
      mergeKey: 'topologyKey',
      patch: 'merge',
    }),
    '',
  ),
  setHostnameAsFQDN: optional(35, boolean, ''),
  os: optional(36, podOS, ''),
  hostUsers: optional(37, boolean, ''),
  schedulingGates: omitEmpty(
    38,
    listOf(podSchedulingGate, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
  resourceClaims: omitEmpty(
    39,
    listOf(podResourceClaim, { keys: ['name'], mergeKey: 'name', patch: 'merge,retainKeys' }),
    '',
  ), // gate: DynamicResourceAllocation
  resources: optional(40, resourceRequirements, ''), // gate: PodLevelResources
  hostnameOverride: optional(41, string, ''), // gate: HostnameOverride
  schedulingGroup: optional(43, podSchedulingGroup, ''), // gate: GenericWorkload
})
export interface PodSpec extends Stored<typeof podSpec> {}
