/** FIXME: one sentence. */
import {
  always,
  listOf,
  mapOf,
  omitEmpty,
  quantity,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const volumeResourceRequirements = struct('core.v1.VolumeResourceRequirements', '', {
  limits: omitEmpty(1, mapOf(quantity), ''),
  requests: omitEmpty(2, mapOf(quantity), ''),
})
export interface VolumeResourceRequirements extends Stored<typeof volumeResourceRequirements> {}

export const resourceClaim = struct('core.v1.ResourceClaim', '', {
  name: always(1, string, ''),
  request: omitEmpty(2, string, ''),
})
export interface ResourceClaim extends Stored<typeof resourceClaim> {}

export const resourceRequirements = struct('core.v1.ResourceRequirements', '', {
  limits: omitEmpty(1, mapOf(quantity), ''),
  requests: omitEmpty(2, mapOf(quantity), ''),
  claims: omitEmpty(3, listOf(resourceClaim, { keys: ['name'] }), ''), // gate: DynamicResourceAllocation
})
export interface ResourceRequirements extends Stored<typeof resourceRequirements> {}

export const containerResizePolicy = struct('core.v1.ContainerResizePolicy', '', {
  resourceName: always(
    1,
    wordOf(
      'cpu',
      'memory',
      'storage',
      'ephemeral-storage',
      'pods',
      'services',
      'replicationcontrollers',
      'resourcequotas',
      'secrets',
      'configmaps',
      'persistentvolumeclaims',
      'services.nodeports',
      'services.loadbalancers',
      'requests.cpu',
      'requests.memory',
      'requests.storage',
      'requests.ephemeral-storage',
      'limits.cpu',
      'limits.memory',
      'limits.ephemeral-storage',
    ),
    '',
  ),
  restartPolicy: always(2, wordOf('NotRequired', 'RestartContainer'), ''),
})
export interface ContainerResizePolicy extends Stored<typeof containerResizePolicy> {}
