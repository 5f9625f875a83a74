/** Security settings of pods and of their containers. */
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

export const capabilities = struct(
  'core.v1.Capabilities',
  'Linux capabilities added to and removed from those of the runtime.',
  {
    add: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'Capabilities to add, such as NET_ADMIN.',
    ),
    drop: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'Capabilities to remove, such as ALL.',
    ),
  },
)
export interface Capabilities extends Stored<typeof capabilities> {}

export const seLinuxOptions = struct('core.v1.SELinuxOptions', 'SELinux label of a container.', {
  user: omitEmpty(1, string, 'User part of the label.'),
  role: omitEmpty(2, string, 'Role part of the label.'),
  type: omitEmpty(3, string, 'Type part of the label.'),
  level: omitEmpty(4, string, 'Level part of the label.'),
})
export interface SELinuxOptions extends Stored<typeof seLinuxOptions> {}

export const windowsSecurityContextOptions = struct(
  'core.v1.WindowsSecurityContextOptions',
  'Settings that only Windows containers have.',
  {
    gmsaCredentialSpecName: optional(
      1,
      string,
      'Name of the group managed service account specification.',
    ),
    gmsaCredentialSpec: optional(
      2,
      string,
      'The group managed service account specification itself, filled in by a webhook.',
    ),
    runAsUserName: optional(
      3,
      string,
      'User that the program runs as, such as DOMAIN\\user. The one of the image when unset.',
    ),
    hostProcess: optional(
      4,
      boolean,
      'Whether the container runs on the host itself; all containers of a pod must agree.',
    ),
  },
)
export interface WindowsSecurityContextOptions
  extends Stored<typeof windowsSecurityContextOptions> {}

export const seccompProfile = struct(
  'core.v1.SeccompProfile',
  'A seccomp profile: the system calls that a container may make.',
  {
    type: always(
      1,
      enumOf('Unconfined', 'RuntimeDefault', 'Localhost'),
      'Unconfined, the default of the runtime, or a file on the node.',
    ),
    localhostProfile: optional(
      2,
      string,
      "Path of the profile below the kubelet's seccomp directory. Set exactly when type is Localhost.",
    ),
  },
  { union: { discriminator: 'type' } },
)
export interface SeccompProfile extends Stored<typeof seccompProfile> {}

export const appArmorProfile = struct(
  'core.v1.AppArmorProfile',
  'An AppArmor profile of a container.',
  {
    type: always(
      1,
      enumOf('Unconfined', 'RuntimeDefault', 'Localhost'),
      'Unconfined, the default of the runtime, or a profile loaded on the node.',
    ),
    localhostProfile: optional(
      2,
      string,
      'Name of a profile loaded on the node. Set exactly when type is Localhost.',
    ),
  },
  { union: { discriminator: 'type' } },
)
export interface AppArmorProfile extends Stored<typeof appArmorProfile> {}

export const securityContext = struct(
  'core.v1.SecurityContext',
  'Privileges and identity of one container; its fields win over those of the pod.',
  {
    capabilities: optional(
      1,
      capabilities,
      'Capabilities to add and to drop. Those of the runtime when unset.',
    ),
    privileged: optional(
      2,
      boolean,
      'Whether the container has the rights of root on the node. Defaults to false.',
    ),
    seLinuxOptions: optional(
      3,
      seLinuxOptions,
      'SELinux label. The runtime chooses one when unset.',
    ),
    windowsOptions: optional(10, windowsSecurityContextOptions, 'Settings of Windows containers.'),
    runAsUser: optional(4, int64, 'User ID of the program. The one of the image when unset.'),
    runAsGroup: optional(8, int64, "Group ID of the program. The runtime's default when unset."),
    runAsNonRoot: optional(
      5,
      boolean,
      'Whether the kubelet refuses to start the container as user 0.',
    ),
    readOnlyRootFilesystem: optional(
      6,
      boolean,
      'Whether the root file system is read-only. Defaults to false.',
    ),
    allowPrivilegeEscalation: optional(
      7,
      boolean,
      'Whether a program may gain more privileges than its parent.',
    ),
    procMount: optional(
      9,
      enumOf('Default', 'Unmasked'),
      'Whether parts of /proc are masked. Defaults to Default; Unmasked needs a user namespace.',
    ),
    seccompProfile: optional(11, seccompProfile, 'Seccomp profile. That of the pod when unset.'),
    appArmorProfile: optional(12, appArmorProfile, 'AppArmor profile. That of the pod when unset.'),
  },
)
export interface SecurityContext extends Stored<typeof securityContext> {}

export const sysctl = struct('core.v1.Sysctl', "A kernel parameter of the pod's namespaces.", {
  name: always(1, string, 'Name of the parameter, such as net.ipv4.ip_local_port_range.'),
  value: always(2, string, 'Value of the parameter.'),
})
export interface Sysctl extends Stored<typeof sysctl> {}

export const podSecurityContext = struct(
  'core.v1.PodSecurityContext',
  'Security settings of the whole pod, used where a container does not say otherwise.',
  {
    seLinuxOptions: optional(
      1,
      seLinuxOptions,
      'SELinux label of all containers. The runtime chooses one when unset.',
    ),
    windowsOptions: optional(
      8,
      windowsSecurityContextOptions,
      'Settings of all Windows containers.',
    ),
    runAsUser: optional(2, int64, 'User ID of all programs. The one of each image when unset.'),
    runAsGroup: optional(6, int64, "Group ID of all programs. The runtime's default when unset."),
    runAsNonRoot: optional(
      3,
      boolean,
      'Whether the kubelet refuses to start containers as user 0.',
    ),
    supplementalGroups: omitEmpty(
      4,
      listOf(int64, { listType: 'atomic' }),
      'Groups of the first process of each container, beside its primary group.',
    ),
    supplementalGroupsPolicy: optional(
      12,
      enumOf('Merge', 'Strict'),
      'Whether groups that the image gives to the user count too. Defaults to Merge.',
    ),
    fsGroup: optional(
      5,
      int64,
      'Group that owns the volumes that allow it, and a group of every process.',
    ),
    sysctls: omitEmpty(
      7,
      listOf(sysctl, { listType: 'atomic' }),
      "Kernel parameters of the pod's namespaces.",
    ),
    fsGroupChangePolicy: optional(
      9,
      enumOf('OnRootMismatch', 'Always'),
      'When ownership of volumes is changed for fsGroup. Defaults to Always.',
    ),
    seccompProfile: optional(10, seccompProfile, 'Seccomp profile of all containers.'),
    appArmorProfile: optional(11, appArmorProfile, 'AppArmor profile of all containers.'),
    seLinuxChangePolicy: optional(
      13,
      wordOf('Recursive', 'MountOption'),
      'How volumes get the SELinux label: file by file or as a mount option. Defaults to MountOption.',
    ),
  },
)
export interface PodSecurityContext extends Stored<typeof podSecurityContext> {}
