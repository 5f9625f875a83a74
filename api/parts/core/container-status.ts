/** FIXME: one sentence. */

import {
  always,
  boolean,
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
  time,
  wordOf,
} from '../../schema.ts'
import { resourceRequirements } from './resources.ts'

export const containerStateWaiting = struct('core.v1.ContainerStateWaiting', '', {
  reason: omitEmpty(1, string, ''),
  message: omitEmpty(2, string, ''),
})
export interface ContainerStateWaiting extends Stored<typeof containerStateWaiting> {}

export const containerStateRunning = struct('core.v1.ContainerStateRunning', '', {
  startedAt: omitEmpty(1, time, ''),
})
export interface ContainerStateRunning extends Stored<typeof containerStateRunning> {}

export const containerStateTerminated = struct('core.v1.ContainerStateTerminated', '', {
  exitCode: always(1, int32, ''),
  signal: omitEmpty(2, int32, ''),
  reason: omitEmpty(3, string, ''),
  message: omitEmpty(4, string, ''),
  startedAt: omitEmpty(5, time, ''),
  finishedAt: omitEmpty(6, time, ''),
  containerID: omitEmpty(7, string, ''),
})
export interface ContainerStateTerminated extends Stored<typeof containerStateTerminated> {}

export const containerState = struct('core.v1.ContainerState', '', {
  waiting: optional(1, containerStateWaiting, ''),
  running: optional(2, containerStateRunning, ''),
  terminated: optional(3, containerStateTerminated, ''),
})
export interface ContainerState extends Stored<typeof containerState> {}

export const imageVolumeStatus = struct('core.v1.ImageVolumeStatus', '', {
  imageRef: omitEmpty(1, string, ''),
})
export interface ImageVolumeStatus extends Stored<typeof imageVolumeStatus> {}

export const volumeStatus = struct('core.v1.VolumeStatus', '', {
  image: optional(1, imageVolumeStatus, ''), // gate: ImageVolumeWithDigest
})
export interface VolumeStatus extends Stored<typeof volumeStatus> {}

export const volumeMountStatus = struct('core.v1.VolumeMountStatus', '', {
  name: always(1, string, ''),
  mountPath: always(2, string, ''),
  readOnly: omitEmpty(3, boolean, ''),
  recursiveReadOnly: optional(4, wordOf('Disabled', 'IfPossible', 'Enabled'), ''),
  volumeStatus: optional(5, volumeStatus, ''),
})
export interface VolumeMountStatus extends Stored<typeof volumeMountStatus> {}

export const linuxContainerUser = struct('core.v1.LinuxContainerUser', '', {
  uid: always(1, int64, ''),
  gid: always(2, int64, ''),
  supplementalGroups: omitEmpty(3, listOf(int64, { listType: 'atomic' }), ''),
})
export interface LinuxContainerUser extends Stored<typeof linuxContainerUser> {}

export const containerUser = struct('core.v1.ContainerUser', '', {
  linux: optional(1, linuxContainerUser, ''),
})
export interface ContainerUser extends Stored<typeof containerUser> {}

export const resourceHealth = struct('core.v1.ResourceHealth', '', {
  resourceID: always(1, string, ''),
  health: omitEmpty(2, wordOf('Healthy', 'Unhealthy', 'Unknown'), ''),
  message: optional(6, string, ''), // gate: ResourceHealthStatusMessage
})
export interface ResourceHealth extends Stored<typeof resourceHealth> {}

export const resourceStatus = struct('core.v1.ResourceStatus', '', {
  name: required(
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
  resources: omitEmpty(2, listOf(resourceHealth, { keys: ['resourceID'] }), ''),
})
export interface ResourceStatus extends Stored<typeof resourceStatus> {}

export const containerStatus = struct('core.v1.ContainerStatus', '', {
  name: always(1, string, ''),
  state: omitEmpty(2, containerState, ''),
  lastState: omitEmpty(3, containerState, ''),
  ready: always(4, boolean, ''),
  restartCount: always(5, int32, ''),
  image: always(6, string, ''),
  imageID: always(7, string, ''),
  containerID: omitEmpty(8, string, ''),
  started: optional(9, boolean, ''),
  allocatedResources: omitEmpty(10, mapOf(quantity), ''),
  resources: optional(11, resourceRequirements, ''), // gate: InPlacePodVerticalScaling
  volumeMounts: omitEmpty(
    12,
    listOf(volumeMountStatus, { keys: ['mountPath'], mergeKey: 'mountPath', patch: 'merge' }),
    '',
  ),
  user: optional(13, containerUser, ''), // gate: SupplementalGroupsPolicy
  allocatedResourcesStatus: omitEmpty(
    14,
    listOf(resourceStatus, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ), // gate: ResourceHealthStatus
  stopSignal: optional(15, string, ''), // gate: ContainerStopSignals
})
export interface ContainerStatus extends Stored<typeof containerStatus> {}

export const containerExtendedResourceRequest = struct(
  'core.v1.ContainerExtendedResourceRequest',
  '',
  {
    containerName: always(1, string, ''),
    resourceName: always(2, string, ''),
    requestName: always(3, string, ''),
  },
)
export interface ContainerExtendedResourceRequest
  extends Stored<typeof containerExtendedResourceRequest> {}
