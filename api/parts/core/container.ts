/** FIXME: one sentence. */

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

export const containerPort = struct('core.v1.ContainerPort', '', {
  name: omitEmpty(1, string, ''),
  hostPort: omitEmpty(2, int32, ''),
  containerPort: always(3, int32, ''),
  protocol: omitEmpty(4, enumOf('TCP', 'UDP', 'SCTP'), '', { default: 'TCP' }),
  hostIP: omitEmpty(5, string, ''),
})
export interface ContainerPort extends Stored<typeof containerPort> {}

export const containerRestartRuleOnExitCodes = struct(
  'core.v1.ContainerRestartRuleOnExitCodes',
  '',
  {
    operator: omitEmpty(1, wordOf('In', 'NotIn'), ''),
    values: omitEmpty(2, listOf(int32, { listType: 'set' }), ''),
  },
)
export interface ContainerRestartRuleOnExitCodes
  extends Stored<typeof containerRestartRuleOnExitCodes> {}

export const containerRestartRule = struct('core.v1.ContainerRestartRule', '', {
  action: omitEmpty(1, wordOf('Restart', 'RestartAllContainers'), ''),
  exitCodes: optional(2, containerRestartRuleOnExitCodes, ''),
})
export interface ContainerRestartRule extends Stored<typeof containerRestartRule> {}

export const volumeMount = struct('core.v1.VolumeMount', '', {
  name: always(1, string, ''),
  readOnly: omitEmpty(2, boolean, ''),
  recursiveReadOnly: optional(7, wordOf('Disabled', 'IfPossible', 'Enabled'), ''),
  mountPath: always(3, string, ''),
  subPath: omitEmpty(4, string, ''),
  mountPropagation: optional(5, enumOf('None', 'HostToContainer', 'Bidirectional'), ''),
  subPathExpr: omitEmpty(6, string, ''),
})
export interface VolumeMount extends Stored<typeof volumeMount> {}

export const volumeDevice = struct('core.v1.VolumeDevice', '', {
  name: always(1, string, ''),
  devicePath: always(2, string, ''),
})
export interface VolumeDevice extends Stored<typeof volumeDevice> {}

export const container = struct('core.v1.Container', '', {
  name: always(1, string, ''),
  image: omitEmpty(2, string, ''),
  command: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
  args: omitEmpty(4, listOf(string, { listType: 'atomic' }), ''),
  workingDir: omitEmpty(5, string, ''),
  ports: omitEmpty(
    6,
    listOf(containerPort, {
      keys: ['containerPort', 'protocol'],
      mergeKey: 'containerPort',
      patch: 'merge',
    }),
    '',
  ),
  envFrom: omitEmpty(19, listOf(envFromSource, { listType: 'atomic' }), ''),
  env: omitEmpty(7, listOf(envVar, { keys: ['name'], mergeKey: 'name', patch: 'merge' }), ''),
  resources: omitEmpty(8, resourceRequirements, ''),
  resizePolicy: omitEmpty(23, listOf(containerResizePolicy, { listType: 'atomic' }), ''), // gate: InPlacePodVerticalScaling
  restartPolicy: optional(24, wordOf('Always', 'Never', 'OnFailure'), ''),
  restartPolicyRules: omitEmpty(25, listOf(containerRestartRule, { listType: 'atomic' }), ''), // gate: ContainerRestartRules
  volumeMounts: omitEmpty(
    9,
    listOf(volumeMount, { keys: ['mountPath'], mergeKey: 'mountPath', patch: 'merge' }),
    '',
  ),
  volumeDevices: omitEmpty(
    21,
    listOf(volumeDevice, { keys: ['devicePath'], mergeKey: 'devicePath', patch: 'merge' }),
    '',
  ),
  livenessProbe: optional(10, probe, ''),
  readinessProbe: optional(11, probe, ''),
  startupProbe: optional(22, probe, ''),
  lifecycle: optional(12, lifecycle, ''),
  terminationMessagePath: omitEmpty(13, string, ''),
  terminationMessagePolicy: omitEmpty(20, enumOf('File', 'FallbackToLogsOnError'), ''),
  imagePullPolicy: omitEmpty(14, enumOf('Always', 'Never', 'IfNotPresent'), ''),
  securityContext: optional(15, securityContext, ''),
  stdin: omitEmpty(16, boolean, ''),
  stdinOnce: omitEmpty(17, boolean, ''),
  tty: omitEmpty(18, boolean, ''),
})
export interface Container extends Stored<typeof container> {}
