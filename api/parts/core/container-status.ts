/** What is known about each container of a pod. */
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
import { resourceName } from './resource-name.ts'
import { resourceRequirements } from './resources.ts'
import { stopSignal } from './stop-signal.ts'

export const containerStateWaiting = struct(
  'core.v1.ContainerStateWaiting',
  'A container that does not run yet or not again.',
  {
    reason: omitEmpty(1, string, 'Why, in one CamelCase word, such as ImagePullBackOff.'),
    message: omitEmpty(2, string, 'Why, in a sentence for people.'),
  },
)
export interface ContainerStateWaiting extends Stored<typeof containerStateWaiting> {}

export const containerStateRunning = struct(
  'core.v1.ContainerStateRunning',
  'A container that runs.',
  {
    startedAt: omitEmpty(1, time, 'When it was last started.'),
  },
)
export interface ContainerStateRunning extends Stored<typeof containerStateRunning> {}

export const containerStateTerminated = struct(
  'core.v1.ContainerStateTerminated',
  'A container that has ended.',
  {
    exitCode: always(1, int32, 'Exit code of the last run.'),
    signal: omitEmpty(2, int32, 'Signal that ended the last run.'),
    reason: omitEmpty(3, string, 'Why, in one CamelCase word, such as Completed or OOMKilled.'),
    message: omitEmpty(4, string, 'Last message of the container.'),
    startedAt: omitEmpty(5, time, 'When the last run started.'),
    finishedAt: omitEmpty(6, time, 'When the last run ended.'),
    containerID: omitEmpty(7, string, 'ID of the ended container, as runtime://id.'),
  },
)
export interface ContainerStateTerminated extends Stored<typeof containerStateTerminated> {}

export const containerState = struct(
  'core.v1.ContainerState',
  'State of a container: one of three.',
  {
    waiting: optional(1, containerStateWaiting, 'It waits.'),
    running: optional(2, containerStateRunning, 'It runs.'),
    terminated: optional(3, containerStateTerminated, 'It has ended.'),
  },
)
export interface ContainerState extends Stored<typeof containerState> {}

export const imageVolumeStatus = struct(
  'core.v1.ImageVolumeStatus',
  'What an image volume resolved to.',
  {
    imageRef: omitEmpty(1, string, 'Digest of the image in use.'),
  },
)
export interface ImageVolumeStatus extends Stored<typeof imageVolumeStatus> {}

export const volumeStatus = struct(
  'core.v1.VolumeStatus',
  'What is known about a volume, by its type.',
  {
    image: optional(1, imageVolumeStatus, 'Of an image volume.'),
  },
)
export interface VolumeStatus extends Stored<typeof volumeStatus> {}

export const volumeMountStatus = struct('core.v1.VolumeMountStatus', 'How a volume is mounted.', {
  name: always(1, string, 'Name of the mount.'),
  mountPath: always(2, string, 'Path inside the container.'),
  readOnly: omitEmpty(3, boolean, 'Whether the mount is read-only.'),
  recursiveReadOnly: optional(
    4,
    wordOf('Disabled', 'IfPossible', 'Enabled'),
    'Whether mounts below are read-only too: Disabled or Enabled.',
  ),
  volumeStatus: optional(5, volumeStatus, 'What is known about the volume.'),
})
export interface VolumeMountStatus extends Stored<typeof volumeMountStatus> {}

export const linuxContainerUser = struct(
  'core.v1.LinuxContainerUser',
  'User and groups of a Linux process.',
  {
    uid: always(1, int64, 'User ID of the first process.'),
    gid: always(2, int64, 'Primary group ID of the first process.'),
    supplementalGroups: omitEmpty(
      3,
      listOf(int64, { listType: 'atomic' }),
      'Further group IDs of the first process.',
    ),
  },
)
export interface LinuxContainerUser extends Stored<typeof linuxContainerUser> {}

export const containerUser = struct(
  'core.v1.ContainerUser',
  'User that the first process of a container started as.',
  {
    linux: optional(1, linuxContainerUser, 'On Linux.'),
  },
)
export interface ContainerUser extends Stored<typeof containerUser> {}

export const resourceHealth = struct(
  'core.v1.ResourceHealth',
  'Health of one device or other resource.',
  {
    resourceID: always(1, string, 'ID of the resource, as its driver gives it.'),
    health: omitEmpty(
      2,
      wordOf('Healthy', 'Unhealthy', 'Unknown'),
      'Healthy, Unhealthy or Unknown.',
    ),
    message: optional(6, string, 'More about the health, for people.'),
  },
)
export interface ResourceHealth extends Stored<typeof resourceHealth> {}

export const resourceStatus = struct(
  'core.v1.ResourceStatus',
  'Health of the resources of one name.',
  {
    name: required(1, resourceName, 'Name of the resource, or claim:<name>/<request>.'),
    resources: omitEmpty(
      2,
      listOf(resourceHealth, { keys: ['resourceID'] }),
      'Health of each of them.',
    ),
  },
)
export interface ResourceStatus extends Stored<typeof resourceStatus> {}

export const containerStatus = struct(
  'core.v1.ContainerStatus',
  'What is known about one container.',
  {
    name: always(1, string, 'Name of the container.'),
    state: omitEmpty(2, containerState, 'What it does now.'),
    lastState: omitEmpty(3, containerState, 'How its last run ended.'),
    ready: always(4, boolean, 'Whether it passes its readiness probe.'),
    restartCount: always(
      5,
      int32,
      'How often it was restarted; old runs that are cleaned up may be forgotten.',
    ),
    image: always(6, string, 'Image that it runs, as the runtime names it.'),
    imageID: always(7, string, 'ID of the image, with its digest.'),
    containerID: omitEmpty(8, string, 'ID of the container, as runtime://id.'),
    started: optional(9, boolean, 'Whether its startup probe and start hook have succeeded.'),
    allocatedResources: omitEmpty(
      10,
      mapOf(quantity),
      'Resources that the node has set aside for it.',
    ),
    resources: optional(11, resourceRequirements, 'Requests and limits that are in effect.'),
    volumeMounts: omitEmpty(
      12,
      listOf(volumeMountStatus, { keys: ['mountPath'], mergeKey: 'mountPath', patch: 'merge' }),
      'How its volumes are mounted.',
    ),
    user: optional(13, containerUser, 'User that its first process started as.'),
    allocatedResourcesStatus: omitEmpty(
      14,
      listOf(resourceStatus, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Health of its devices and other resources.',
    ),
    stopSignal: optional(15, stopSignal, 'Signal that asks it to stop.'),
  },
)
export interface ContainerStatus extends Stored<typeof containerStatus> {}

export const containerExtendedResourceRequest = struct(
  'core.v1.ContainerExtendedResourceRequest',
  'Which request of a claim stands for an extended resource of a container.',
  {
    containerName: always(1, string, 'Name of the container.'),
    resourceName: always(2, string, 'Name of the extended resource.'),
    requestName: always(3, string, 'Name of the request in the claim.'),
  },
)
export interface ContainerExtendedResourceRequest
  extends Stored<typeof containerExtendedResourceRequest> {}
