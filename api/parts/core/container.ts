/** Containers of a pod: what runs, what it may use and how it is watched. */
import { defaultPullPolicy } from '../../rules/image-reference.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { envFromSource, envVar } from './env.ts'
import { lifecycle, probe } from './probe.ts'
import { containerResizePolicy, resourceRequirements } from './resources.ts'
import { securityContext } from './security-context.ts'

export const containerPort = struct(
  'core.v1.ContainerPort',
  'A port that a container listens on.',
  {
    name: omitEmpty(
      1,
      string,
      'Name of the port, unique in the pod, by which Services may refer to it.',
    ),
    hostPort: omitEmpty(
      2,
      int32,
      'Port of the node that leads here; on the host network it is the container port itself.',
    ),
    containerPort: always(3, int32, 'Port that the container listens on, 1 to 65535.'),
    protocol: omitEmpty(
      4,
      enumOf('TCP', 'UDP', 'SCTP'),
      'Transport protocol of the port. Defaults to TCP.',
      { default: 'TCP' },
    ),
    hostIP: omitEmpty(
      5,
      string,
      'Address of the node that the host port is bound to. All addresses when unset.',
    ),
  },
)
export interface ContainerPort extends Stored<typeof containerPort> {}

export const containerRestartRuleOnExitCodes = struct(
  'core.v1.ContainerRestartRuleOnExitCodes',
  'Which exit codes a restart rule is about.',
  {
    operator: omitEmpty(
      1,
      wordOf('In', 'NotIn'),
      'Whether the exit code must be among the values or must not.',
    ),
    values: omitEmpty(
      2,
      listOf(int32, { listType: 'set' }),
      'Exit codes to compare with, 255 at most.',
    ),
  },
)
export interface ContainerRestartRuleOnExitCodes
  extends Stored<typeof containerRestartRuleOnExitCodes> {}

export const containerRestartRule = struct(
  'core.v1.ContainerRestartRule',
  'What to do when a container exits in a certain way.',
  {
    action: omitEmpty(
      1,
      wordOf('Restart', 'RestartAllContainers'),
      'Restart starts this container again, RestartAllContainers every container of the pod.',
    ),
    exitCodes: optional(
      2,
      containerRestartRuleOnExitCodes,
      'The exit codes for which the rule applies.',
    ),
  },
)
export interface ContainerRestartRule extends Stored<typeof containerRestartRule> {}

export const volumeMount = struct(
  'core.v1.VolumeMount',
  'Where a volume of the pod appears inside a container.',
  {
    name: always(1, string, 'Name of a volume of the pod.'),
    readOnly: omitEmpty(
      2,
      boolean,
      'Whether the container may only read the volume. Defaults to false.',
    ),
    recursiveReadOnly: optional(
      7,
      wordOf('Disabled', 'IfPossible', 'Enabled'),
      'Whether mounts below a read-only mount are read-only too. Needs readOnly. Defaults to Disabled.',
    ),
    mountPath: always(3, string, 'Path inside the container, which must not contain a colon.'),
    subPath: omitEmpty(4, string, 'Relative path inside the volume to mount in place of its root.'),
    mountPropagation: optional(
      5,
      enumOf('None', 'HostToContainer', 'Bidirectional'),
      'Whether later mounts pass between host and container. Defaults to None.',
    ),
    subPathExpr: omitEmpty(
      6,
      string,
      'Like subPath, with $(NAME) replaced by environment variables of the container.',
    ),
  },
)
export interface VolumeMount extends Stored<typeof volumeMount> {}

export const volumeDevice = struct(
  'core.v1.VolumeDevice',
  'A raw block device inside a container.',
  {
    name: always(1, string, 'Name of a volume of the pod that is a persistent volume claim.'),
    devicePath: always(2, string, 'Path inside the container where the device appears.'),
  },
)
export interface VolumeDevice extends Stored<typeof volumeDevice> {}

/** Ephemeral containers have the same fields. */
export const containerFields = {
  name: always(
    1,
    string,
    'Name of the container, a DNS label unique in the pod. Cannot be changed.',
  ),
  image: omitEmpty(2, string, 'Image to run, such as registry/name:tag or registry/name@digest.'),
  command: omitEmpty(
    3,
    listOf(string, { listType: 'atomic' }),
    'Program and leading arguments, in place of the entry point of the image. $(NAME) is expanded.',
  ),
  args: omitEmpty(
    4,
    listOf(string, { listType: 'atomic' }),
    'Arguments of the program, in place of the command of the image. $(NAME) is expanded.',
  ),
  workingDir: omitEmpty(
    5,
    string,
    'Directory that the program starts in. The one of the image when unset.',
  ),
  ports: omitEmpty(
    6,
    listOf(containerPort, {
      keys: ['containerPort', 'protocol'],
      mergeKey: 'containerPort',
      patch: 'merge',
    }),
    'Ports that the container listens on. Leaving one out does not close it.',
  ),
  envFrom: omitEmpty(
    19,
    listOf(envFromSource, { listType: 'atomic' }),
    'Sources whose every key becomes an environment variable; later sources win.',
  ),
  env: omitEmpty(
    7,
    listOf(envVar, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    'Environment variables, which win over those of envFrom.',
  ),
  resources: omitEmpty(
    8,
    resourceRequirements,
    'Compute resources that the container asks for and is limited to.',
  ),
  resizePolicy: omitEmpty(
    23,
    listOf(containerResizePolicy, { listType: 'atomic' }),
    'What a change of each resource does to a running container.',
  ),
  restartPolicy: optional(
    24,
    wordOf('Always', 'Never', 'OnFailure'),
    "When this container restarts, in place of the pod's policy. Always makes an init container a sidecar.",
  ),
  restartPolicyRules: omitEmpty(
    25,
    listOf(containerRestartRule, { listType: 'atomic' }),
    'Rules tried in order when the container exits; the restart policy applies when none matches.',
  ),
  volumeMounts: omitEmpty(
    9,
    listOf(volumeMount, { keys: ['mountPath'], mergeKey: 'mountPath', patch: 'merge' }),
    'Volumes of the pod that the container sees in its file system.',
  ),
  volumeDevices: omitEmpty(
    21,
    listOf(volumeDevice, { keys: ['devicePath'], mergeKey: 'devicePath', patch: 'merge' }),
    'Volumes of the pod that the container sees as block devices.',
  ),
  livenessProbe: optional(10, probe, 'Restarts the container when it fails. Not used when unset.'),
  readinessProbe: optional(
    11,
    probe,
    'Takes the pod out of Services while it fails. Not used when unset.',
  ),
  startupProbe: optional(
    22,
    probe,
    'Holds back the other probes until it succeeds once. Not used when unset.',
  ),
  lifecycle: optional(12, lifecycle, 'Actions right after start and before stop.'),
  terminationMessagePath: omitEmpty(
    13,
    string,
    'File that the container writes its last message to. Defaults to /dev/termination-log.',
    { default: '/dev/termination-log' },
  ),
  terminationMessagePolicy: omitEmpty(
    20,
    enumOf('File', 'FallbackToLogsOnError'),
    'Where the last message comes from. Defaults to File.',
    { default: 'File' },
  ),
  imagePullPolicy: omitEmpty(
    14,
    enumOf('Always', 'Never', 'IfNotPresent'),
    'When to pull the image. Defaults to Always for the tag latest, otherwise to IfNotPresent.',
  ),
  securityContext: optional(
    15,
    securityContext,
    'Privileges and identity of the container; its fields win over those of the pod.',
  ),
  stdin: omitEmpty(
    16,
    boolean,
    'Whether to keep standard input open for clients that attach. Defaults to false.',
  ),
  stdinOnce: omitEmpty(
    17,
    boolean,
    'Whether to close standard input when the first client detaches. Defaults to false.',
  ),
  tty: omitEmpty(
    18,
    boolean,
    'Whether to allocate a terminal, which needs stdin. Defaults to false.',
  ),
}

export const container = struct('core.v1.Container', 'One container of a pod.', containerFields, {
  defaults: defaultContainer,
})
export interface Container extends Stored<typeof container> {}

export function defaultContainer(value: { image?: string; imagePullPolicy?: string }): void {
  value.imagePullPolicy ??= defaultPullPolicy(value.image ?? '')
}
