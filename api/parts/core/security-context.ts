/** FIXME: one sentence. */
import {
  always,
  boolean,
  enumOf,
  int64,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'

export const capabilities = struct('core.v1.Capabilities', '', {
  add: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
  drop: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
})
export interface Capabilities extends Stored<typeof capabilities> {}

export const seLinuxOptions = struct('core.v1.SELinuxOptions', '', {
  user: omitEmpty(1, string, ''),
  role: omitEmpty(2, string, ''),
  type: omitEmpty(3, string, ''),
  level: omitEmpty(4, string, ''),
})
export interface SELinuxOptions extends Stored<typeof seLinuxOptions> {}

export const windowsSecurityContextOptions = struct('core.v1.WindowsSecurityContextOptions', '', {
  gmsaCredentialSpecName: optional(1, string, ''),
  gmsaCredentialSpec: optional(2, string, ''),
  runAsUserName: optional(3, string, ''),
  hostProcess: optional(4, boolean, ''),
})
export interface WindowsSecurityContextOptions
  extends Stored<typeof windowsSecurityContextOptions> {}

export const seccompProfile = struct('core.v1.SeccompProfile', '', {
  type: always(1, enumOf('Unconfined', 'RuntimeDefault', 'Localhost'), ''),
  localhostProfile: optional(2, string, ''),
})
export interface SeccompProfile extends Stored<typeof seccompProfile> {}

export const appArmorProfile = struct('core.v1.AppArmorProfile', '', {
  type: always(1, enumOf('Unconfined', 'RuntimeDefault', 'Localhost'), ''),
  localhostProfile: optional(2, string, ''),
})
export interface AppArmorProfile extends Stored<typeof appArmorProfile> {}

export const securityContext = struct('core.v1.SecurityContext', '', {
  capabilities: optional(1, capabilities, ''),
  privileged: optional(2, boolean, ''),
  seLinuxOptions: optional(3, seLinuxOptions, ''),
  windowsOptions: optional(10, windowsSecurityContextOptions, ''),
  runAsUser: optional(4, int64, ''),
  runAsGroup: optional(8, int64, ''),
  runAsNonRoot: optional(5, boolean, ''),
  readOnlyRootFilesystem: optional(6, boolean, ''),
  allowPrivilegeEscalation: optional(7, boolean, ''),
  procMount: optional(9, enumOf('Default', 'Unmasked'), ''),
  seccompProfile: optional(11, seccompProfile, ''),
  appArmorProfile: optional(12, appArmorProfile, ''),
})
export interface SecurityContext extends Stored<typeof securityContext> {}

export const sysctl = struct('core.v1.Sysctl', '', {
  name: always(1, string, ''),
  value: always(2, string, ''),
})
export interface Sysctl extends Stored<typeof sysctl> {}

export const podSecurityContext = struct('core.v1.PodSecurityContext', '', {
  seLinuxOptions: optional(1, seLinuxOptions, ''),
  windowsOptions: optional(8, windowsSecurityContextOptions, ''),
  runAsUser: optional(2, int64, ''),
  runAsGroup: optional(6, int64, ''),
  runAsNonRoot: optional(3, boolean, ''),
  supplementalGroups: omitEmpty(4, listOf(int64, { listType: 'atomic' }), ''),
  supplementalGroupsPolicy: optional(12, enumOf('Merge', 'Strict'), ''), // gate: SupplementalGroupsPolicy
  fsGroup: optional(5, int64, ''),
  sysctls: omitEmpty(7, listOf(sysctl, { listType: 'atomic' }), ''),
  fsGroupChangePolicy: optional(9, enumOf('OnRootMismatch', 'Always'), ''),
  seccompProfile: optional(10, seccompProfile, ''),
  appArmorProfile: optional(11, appArmorProfile, ''),
  seLinuxChangePolicy: optional(13, wordOf('Recursive', 'MountOption'), ''), // gate: SELinuxChangePolicy
})
export interface PodSecurityContext extends Stored<typeof podSecurityContext> {}
