/** Compute resources: what containers, pods and volume claims ask for and may use. */
import { roundResources } from '../../rules/resource-list.ts'
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
import { resourceName } from './resource-name.ts'

export const volumeResourceRequirements = struct(
  'core.v1.VolumeResourceRequirements',
  'Storage that a claim asks for.',
  {
    limits: omitEmpty(1, mapOf(quantity), 'Upper bound of the size.'),
    requests: omitEmpty(2, mapOf(quantity), 'Size that is needed.'),
  },
)
export interface VolumeResourceRequirements extends Stored<typeof volumeResourceRequirements> {}

export const resourceClaim = struct(
  'core.v1.ResourceClaim',
  'A resource claim of the pod that a container uses.',
  {
    name: always(1, string, "Name of an entry of the pod's resource claims."),
    request: omitEmpty(2, string, 'One request of the claim. All of its results when unset.'),
  },
)
export interface ResourceClaim extends Stored<typeof resourceClaim> {}

export const resourceRequirements = struct(
  'core.v1.ResourceRequirements',
  'Compute resources asked for and limited to.',
  {
    limits: omitEmpty(1, mapOf(quantity), 'What may be used at most, by resource name.'),
    requests: omitEmpty(
      2,
      mapOf(quantity),
      'What is needed and reserved, by resource name. Defaults to the limits in pods.',
    ),
    claims: omitEmpty(
      3,
      listOf(resourceClaim, { keys: ['name'] }),
      'Resource claims of the pod that the container uses.',
    ),
  },
  {
    defaults({ limits, requests }): void {
      roundResources(limits)
      roundResources(requests)
    },
  },
)
export interface ResourceRequirements extends Stored<typeof resourceRequirements> {}

export const containerResizePolicy = struct(
  'core.v1.ContainerResizePolicy',
  'What a change of one resource does to a running container.',
  {
    resourceName: always(1, resourceName, 'Resource that the policy is about: cpu or memory.'),
    restartPolicy: always(
      2,
      wordOf('NotRequired', 'RestartContainer'),
      'NotRequired changes the running container, RestartContainer restarts it.',
    ),
  },
)
export interface ContainerResizePolicy extends Stored<typeof containerResizePolicy> {}
