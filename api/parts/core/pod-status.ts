/** What is known about a pod: phase, conditions, addresses and containers. */
import { agreeOnAddresses } from '../../rules/pods/status.ts'
import {
  always,
  enumOf,
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
  time,
  wordOf,
} from '../../schema.ts'
import { changeFields, conditionStatus } from '../meta/condition-fields.ts'
import { containerExtendedResourceRequest, containerStatus } from './container-status.ts'
import { resourceRequirements } from './resources.ts'

export const podCondition = struct(
  'core.v1.PodCondition',
  'A fact about a pod, such as that it is ready.',
  {
    type: always(
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
      'Type of the condition.',
    ),
    observedGeneration: omitEmpty(
      7,
      int64,
      'Generation of the pod that the condition was computed from.',
    ),
    status: conditionStatus,
    lastProbeTime: omitEmpty(3, time, 'When the condition was last checked.'),
    ...changeFields(4),
  },
)
export interface PodCondition extends Stored<typeof podCondition> {}

export const hostIP = struct('core.v1.HostIP', 'An address of the node of a pod.', {
  ip: required(1, string, 'The IP address.'),
})
export interface HostIP extends Stored<typeof hostIP> {}

export const podIP = struct('core.v1.PodIP', 'An address of a pod.', {
  ip: required(1, string, 'The IP address.'),
})
export interface PodIP extends Stored<typeof podIP> {}

export const podResourceClaimStatus = struct(
  'core.v1.PodResourceClaimStatus',
  "The claim made for an entry of the pod's resource claims.",
  {
    name: always(1, string, 'Name of that entry.'),
    resourceClaimName: optional(
      2,
      string,
      'Name of the claim. Not set when the template did not ask for one.',
    ),
  },
)
export interface PodResourceClaimStatus extends Stored<typeof podResourceClaimStatus> {}

export const podExtendedResourceClaimStatus = struct(
  'core.v1.PodExtendedResourceClaimStatus',
  'The claim made for extended resources that drivers provide.',
  {
    requestMappings: always(
      1,
      listOf(containerExtendedResourceRequest, { listType: 'atomic' }),
      'Which request of the claim each container uses.',
    ),
    resourceClaimName: always(2, string, 'Name of the claim.'),
  },
)
export interface PodExtendedResourceClaimStatus
  extends Stored<typeof podExtendedResourceClaimStatus> {}

export const nodeAllocatableResourceClaimStatus = struct(
  'core.v1.NodeAllocatableResourceClaimStatus',
  "What a claim takes of the node's own resources.",
  {
    resourceClaimName: required(1, string, 'Name of the claim.'),
    containers: omitEmpty(
      2,
      listOf(string, { listType: 'set' }),
      'Containers that the claim is for.',
    ),
    resources: required(3, mapOf(quantity), 'Amount taken, by resource name.'),
  },
)
export interface NodeAllocatableResourceClaimStatus
  extends Stored<typeof nodeAllocatableResourceClaimStatus> {}

export const podStatus = struct(
  'core.v1.PodStatus',
  'What is known about a pod.',
  {
    observedGeneration: omitEmpty(
      17,
      int64,
      'Generation of the spec that the kubelet has acted on.',
    ),
    phase: omitEmpty(
      1,
      enumOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
      'Where the pod stands in its life, in one word.',
    ),
    conditions: omitEmpty(
      2,
      listOf(podCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'Facts about the pod, one of each type.',
    ),
    message: omitEmpty(3, string, 'Why the pod is in this state, in a sentence for people.'),
    reason: omitEmpty(
      4,
      string,
      'Why the pod is in this state, in one CamelCase word, such as Evicted.',
    ),
    nominatedNodeName: omitEmpty(
      11,
      string,
      'Node on which pods are being displaced to make room; the pod may end up elsewhere.',
    ),
    hostIP: omitEmpty(5, string, 'Address of the node of the pod.'),
    hostIPs: omitEmpty(
      16,
      listOf(hostIP, { listType: 'atomic', mergeKey: 'ip', patch: 'merge' }),
      'Addresses of the node, at most one of each family; the first is hostIP.',
    ),
    podIP: omitEmpty(6, string, 'Address of the pod.'),
    podIPs: omitEmpty(
      12,
      listOf(podIP, { keys: ['ip'], mergeKey: 'ip', patch: 'merge' }),
      'Addresses of the pod, at most one of each family; the first is podIP.',
    ),
    startTime: optional(7, time, 'When the kubelet accepted the pod, before any image was pulled.'),
    initContainerStatuses: omitEmpty(
      10,
      listOf(containerStatus, { listType: 'atomic' }),
      'Status of each init container, in the order they run.',
    ),
    containerStatuses: omitEmpty(
      8,
      listOf(containerStatus, { listType: 'atomic' }),
      'Status of each container.',
    ),
    qosClass: omitEmpty(
      9,
      enumOf('Guaranteed', 'Burstable', 'BestEffort'),
      'Quality of service that follows from requests and limits.',
    ),
    ephemeralContainerStatuses: omitEmpty(
      13,
      listOf(containerStatus, { listType: 'atomic' }),
      'Status of each ephemeral container that has run.',
    ),
    resize: omitEmpty(
      14,
      wordOf('InProgress', 'Deferred', 'Infeasible'),
      'Older word on a resize under way; conditions say it now.',
    ),
    resourceClaimStatuses: omitEmpty(
      15,
      listOf(podResourceClaimStatus, {
        keys: ['name'],
        mergeKey: 'name',
        patch: 'merge,retainKeys',
      }),
      "The claims made for the pod's resource claims.",
    ),
    extendedResourceClaimStatus: optional(
      18,
      podExtendedResourceClaimStatus,
      'The claim made for extended resources.',
    ),
    allocatedResources: omitEmpty(
      19,
      mapOf(quantity),
      'Resources that the node has set aside for the pod as a whole.',
    ),
    resources: optional(
      20,
      resourceRequirements,
      'Requests and limits of the pod as a whole that are in effect.',
    ),
    nodeAllocatableResourceClaimStatuses: omitEmpty(
      21,
      listOf(nodeAllocatableResourceClaimStatus, { listType: 'atomic' }),
      "What claims take of the node's own resources.",
    ),
  },
  {
    defaults(status): void {
      agreeOnAddresses(status)
    },
  },
)
export interface PodStatus extends Stored<typeof podStatus> {}
