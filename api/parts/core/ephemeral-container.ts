/** FIXME: one sentence. */

import {
  always,
  boolean,
  enumOf,
  inline,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { containerPort, containerRestartRule, volumeDevice, volumeMount } from './container.ts'
import { envFromSource, envVar } from './env.ts'
import { lifecycle, probe } from './probe.ts'
import { containerResizePolicy, resourceRequirements } from './resources.ts'
import { securityContext } from './security-context.ts'

export const ephemeralContainerCommon = struct('core.v1.EphemeralContainerCommon', '', {
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
export interface EphemeralContainerCommon extends Stored<typeof ephemeralContainerCommon> {}

export const ephemeralContainer = struct('core.v1.EphemeralContainer', '', {
  ephemeralContainerCommon: inline(1, ephemeralContainerCommon),
  targetContainerName: omitEmpty(2, string, ''),
})
export interface EphemeralContainer extends Stored<typeof ephemeralContainer> {}
