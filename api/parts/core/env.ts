/** FIXME: one sentence. */

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
  '',
  {
    apiVersion: omitEmpty(1, string, ''),
    fieldPath: always(2, string, ''),
  },
  { atomic: true },
)
export interface ObjectFieldSelector extends Stored<typeof objectFieldSelector> {}

export const resourceFieldSelector = struct(
  'core.v1.ResourceFieldSelector',
  '',
  {
    containerName: omitEmpty(1, string, ''),
    resource: always(2, string, ''),
    divisor: omitEmpty(3, quantity, ''),
  },
  { atomic: true },
)
export interface ResourceFieldSelector extends Stored<typeof resourceFieldSelector> {}

export const configMapEnvSource = struct('core.v1.ConfigMapEnvSource', '', {
  localObjectReference: inline(1, localObjectReference),
  optional: optional(2, boolean, ''),
})
export interface ConfigMapEnvSource extends Stored<typeof configMapEnvSource> {}

export const secretEnvSource = struct('core.v1.SecretEnvSource', '', {
  localObjectReference: inline(1, localObjectReference),
  optional: optional(2, boolean, ''),
})
export interface SecretEnvSource extends Stored<typeof secretEnvSource> {}

export const envFromSource = struct('core.v1.EnvFromSource', '', {
  prefix: omitEmpty(1, string, ''),
  configMapRef: optional(2, configMapEnvSource, ''),
  secretRef: optional(3, secretEnvSource, ''),
})
export interface EnvFromSource extends Stored<typeof envFromSource> {}

export const configMapKeySelector = struct(
  'core.v1.ConfigMapKeySelector',
  '',
  {
    localObjectReference: inline(1, localObjectReference),
    key: always(2, string, ''),
    optional: optional(3, boolean, ''),
  },
  { atomic: true },
)
export interface ConfigMapKeySelector extends Stored<typeof configMapKeySelector> {}

export const secretKeySelector = struct(
  'core.v1.SecretKeySelector',
  '',
  {
    localObjectReference: inline(1, localObjectReference),
    key: always(2, string, ''),
    optional: optional(3, boolean, ''),
  },
  { atomic: true },
)
export interface SecretKeySelector extends Stored<typeof secretKeySelector> {}

export const fileKeySelector = struct(
  'core.v1.FileKeySelector',
  '',
  {
    volumeName: required(1, string, ''),
    path: required(2, string, ''),
    key: required(3, string, ''),
    optional: optional(4, boolean, '', { default: false }),
  },
  { atomic: true },
)
export interface FileKeySelector extends Stored<typeof fileKeySelector> {}

export const envVarSource = struct('core.v1.EnvVarSource', '', {
  fieldRef: optional(1, objectFieldSelector, ''),
  resourceFieldRef: optional(2, resourceFieldSelector, ''),
  configMapKeyRef: optional(3, configMapKeySelector, ''),
  secretKeyRef: optional(4, secretKeySelector, ''),
  fileKeyRef: optional(5, fileKeySelector, ''), // gate: EnvFiles
})
export interface EnvVarSource extends Stored<typeof envVarSource> {}

export const envVar = struct('core.v1.EnvVar', '', {
  name: always(1, string, ''),
  value: omitEmpty(2, string, ''),
  valueFrom: optional(3, envVarSource, ''),
})
export interface EnvVar extends Stored<typeof envVar> {}
