/** Environment variables of containers and where their values come from. */
import {
  always,
  boolean,
  inline,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { localObjectReference } from './references.ts'

export const objectFieldSelector = struct(
  'core.v1.ObjectFieldSelector',
  'Selects a field of the pod.',
  {
    apiVersion: omitEmpty(
      1,
      string,
      'Version of the schema that the path is written in. Defaults to v1.',
      { default: 'v1' },
    ),
    fieldPath: always(2, string, 'Path of the field, such as metadata.name or status.podIP.'),
  },
  { atomic: true },
)
export interface ObjectFieldSelector extends Stored<typeof objectFieldSelector> {}

export const resourceFieldSelector = struct(
  'core.v1.ResourceFieldSelector',
  'Selects a resource limit or request of a container.',
  {
    containerName: omitEmpty(
      1,
      string,
      'Name of the container. Required in volumes, optional for environment variables.',
    ),
    resource: always(2, string, 'Which resource, such as limits.cpu or requests.memory.'),
    divisor: omitEmpty(
      3,
      quantity,
      'Unit that the value is divided by, rounding up. Defaults to 1.',
    ),
  },
  { atomic: true },
)
export interface ResourceFieldSelector extends Stored<typeof resourceFieldSelector> {}

export const configMapEnvSource = struct(
  'core.v1.ConfigMapEnvSource',
  'A ConfigMap whose every key becomes an environment variable.',
  {
    localObjectReference: inline(1, localObjectReference),
    optional: optional(2, boolean, 'Whether the container may start without the ConfigMap.'),
  },
)
export interface ConfigMapEnvSource extends Stored<typeof configMapEnvSource> {}

export const secretEnvSource = struct(
  'core.v1.SecretEnvSource',
  'A Secret whose every key becomes an environment variable.',
  {
    localObjectReference: inline(1, localObjectReference),
    optional: optional(2, boolean, 'Whether the container may start without the Secret.'),
  },
)
export interface SecretEnvSource extends Stored<typeof secretEnvSource> {}

export const envFromSource = struct(
  'core.v1.EnvFromSource',
  'A source of many environment variables at once.',
  {
    prefix: omitEmpty(1, string, 'Text put in front of each key.'),
    configMapRef: optional(2, configMapEnvSource, 'The ConfigMap to read.'),
    secretRef: optional(3, secretEnvSource, 'The Secret to read.'),
  },
)
export interface EnvFromSource extends Stored<typeof envFromSource> {}

export const configMapKeySelector = struct(
  'core.v1.ConfigMapKeySelector',
  'Selects one key of a ConfigMap.',
  {
    localObjectReference: inline(1, localObjectReference),
    key: always(2, string, 'The key to select.'),
    optional: optional(3, boolean, 'Whether the ConfigMap or the key may be missing.'),
  },
  { atomic: true },
)
export interface ConfigMapKeySelector extends Stored<typeof configMapKeySelector> {}

export const secretKeySelector = struct(
  'core.v1.SecretKeySelector',
  'Selects one key of a Secret.',
  {
    localObjectReference: inline(1, localObjectReference),
    key: always(2, string, 'The key to select.'),
    optional: optional(3, boolean, 'Whether the Secret or the key may be missing.'),
  },
  { atomic: true },
)
export interface SecretKeySelector extends Stored<typeof secretKeySelector> {}

export const fileKeySelector = struct(
  'core.v1.FileKeySelector',
  'Selects one variable of an environment file in a volume.',
  {
    volumeName: required(1, string, 'Name of the emptyDir volume that holds the file.'),
    path: required(2, string, 'Path of the file inside the volume, relative and without ..'),
    key: required(3, string, 'Name of the variable inside the file.'),
    optional: optional(
      4,
      boolean,
      'Whether the file or the variable may be missing. Defaults to false.',
      { default: false },
    ),
  },
  { atomic: true },
)
export interface FileKeySelector extends Stored<typeof fileKeySelector> {}

export const envVarSource = struct(
  'core.v1.EnvVarSource',
  'Where the value of an environment variable comes from; exactly one field is set.',
  {
    fieldRef: optional(
      1,
      objectFieldSelector,
      'A field of the pod: name, namespace, UID, labels, annotations, node, account or addresses.',
    ),
    resourceFieldRef: optional(
      2,
      resourceFieldSelector,
      'A limit or request of a container: cpu, memory, ephemeral storage or huge pages.',
    ),
    configMapKeyRef: optional(
      3,
      configMapKeySelector,
      'A key of a ConfigMap in the same namespace.',
    ),
    secretKeyRef: optional(4, secretKeySelector, 'A key of a Secret in the same namespace.'),
    fileKeyRef: optional(
      5,
      fileKeySelector,
      'A variable of a file that an earlier container wrote.',
    ),
  },
)
export interface EnvVarSource extends Stored<typeof envVarSource> {}

export const envVar = struct('core.v1.EnvVar', 'An environment variable.', {
  name: always(1, string, 'Name of the variable: printable ASCII without an equals sign.'),
  value: omitEmpty(
    2,
    string,
    'The value. $(NAME) refers to earlier variables and $$ stands for one dollar sign.',
  ),
  valueFrom: optional(3, envVarSource, 'Where the value comes from, in place of value.'),
})
export interface EnvVar extends Stored<typeof envVar> {}
