/** Which security settings pods and containers may have. */
import { describe, expect, test } from 'vitest'
import { pod, podOf, problemsOf } from './judged-pod.ts'

const c = 'spec.containers[0].securityContext'
const p = 'spec.securityContext'
const id = 'must be between 0 and 2147483647, inclusive'
const profiles = '"Localhost", "RuntimeDefault", "Unconfined"'

describe('of a container', () => {
  test.for([
    {
      name: 'everything',
      context: { privileged: true, runAsUser: 0, runAsGroup: 0, procMount: 'Default' },
      expected: [],
    },
    {
      name: 'IDs',
      context: { runAsUser: -1, runAsGroup: 2 ** 31 },
      expected: [
        `${c}.runAsUser: Invalid value: -1: ${id}`,
        `${c}.runAsGroup: Invalid value: 2147483648: ${id}`,
      ],
    },
    {
      name: 'unmasked /proc on the users of the node',
      context: { procMount: 'Unmasked' },
      expected: [
        `${c}.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``,
      ],
    },
    {
      name: 'unmasked /proc with users of its own',
      context: { procMount: 'Unmasked' },
      spec: { hostUsers: false },
      expected: [],
    },
    {
      name: 'unknown /proc',
      context: { procMount: 'X' },
      expected: [`${c}.procMount: Unsupported value: "X": supported values: "Default", "Unmasked"`],
    },
    {
      name: 'privileges that may not be kept',
      context: {
        allowPrivilegeEscalation: false,
        privileged: true,
        capabilities: { add: ['CAP_SYS_ADMIN'] },
      },
      expected: [
        `${c}: Invalid value: {"capabilities":{"add":["CAP_SYS_ADMIN"]},"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
        `${c}: Invalid value: {"capabilities":{"add":["CAP_SYS_ADMIN"]},"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
      ],
    },
    {
      name: 'profiles without type',
      context: { seccompProfile: {}, appArmorProfile: {} },
      expected: [
        `${c}.seccompProfile.type: Required value: type is required when seccompProfile is set`,
        `${c}.appArmorProfile.type: Required value: type is required when appArmorProfile is set`,
      ],
    },
    {
      name: 'profiles of unknown types',
      context: { seccompProfile: { type: 'X' }, appArmorProfile: { type: 'X' } },
      expected: [
        `${c}.seccompProfile.type: Unsupported value: "X": supported values: ${profiles}`,
        `${c}.appArmorProfile.type: Unsupported value: "X": supported values: ${profiles}`,
      ],
    },
    {
      name: 'local profiles without name',
      context: { seccompProfile: { type: 'Localhost' }, appArmorProfile: { type: 'Localhost' } },
      expected: [
        `${c}.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`,
        `${c}.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`,
      ],
    },
    {
      name: 'local profiles outside of their place',
      context: {
        seccompProfile: { type: 'Localhost', localhostProfile: '../x' },
        appArmorProfile: { type: 'Localhost', localhostProfile: ' x' },
      },
      expected: [
        `${c}.seccompProfile.localhostProfile: Invalid value: "../x": must not contain '..'`,
        `${c}.appArmorProfile.localhostProfile: Invalid value: " x": must not be padded with whitespace`,
      ],
    },
    {
      name: 'names for profiles that are not local',
      context: {
        seccompProfile: { type: 'Unconfined', localhostProfile: 'x' },
        appArmorProfile: { type: 'RuntimeDefault', localhostProfile: 'x' },
      },
      expected: [
        `${c}.seccompProfile.localhostProfile: Invalid value: {"type":"Unconfined","localhostProfile":"x"}: can only be set when seccomp type is Localhost`,
        `${c}.appArmorProfile.localhostProfile: Invalid value: "x": can only be set when AppArmor type is Localhost`,
      ],
    },
    {
      name: 'a profile name longer than a path',
      context: { appArmorProfile: { type: 'Localhost', localhostProfile: 'x'.repeat(4096) } },
      expected: [
        `${c}.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes`,
      ],
    },
  ])('$name', ({ context, spec, expected }) => {
    expect(problemsOf(podOf({ securityContext: context }, spec))).toEqual(expected)
  })
})

describe('of a pod', () => {
  const pattern = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
  test.for([
    {
      name: 'IDs',
      context: { fsGroup: -1, runAsUser: -1, runAsGroup: -1, supplementalGroups: [1, -1] },
      expected: ['fsGroup', 'runAsUser', 'runAsGroup', 'supplementalGroups[1]'].map(
        (field) => `${p}.${field}: Invalid value: -1: ${id}`,
      ),
    },
    {
      name: 'words',
      context: {
        fsGroupChangePolicy: 'X',
        supplementalGroupsPolicy: 'X',
        seLinuxChangePolicy: 'X',
      },
      expected: [
        `${p}.fsGroupChangePolicy: Unsupported value: "X": supported values: "Always", "OnRootMismatch"`,
        `${p}.supplementalGroupsPolicy: Unsupported value: "X": supported values: "Merge", "Strict"`,
        `${p}.seLinuxChangePolicy: Unsupported value: "X": supported values: "MountOption", "Recursive"`,
      ],
    },
    {
      name: 'kernel parameters',
      context: {
        sysctls: [
          { name: 'kernel.shm_rmid_forced', value: '1' },
          { name: 'net/ipv4/ip_local.port', value: '1' },
          { name: '', value: '1' },
          { name: 'A', value: '1' },
          { name: 'kernel.shm_rmid_forced', value: '0' },
        ],
      },
      expected: [
        `${p}.sysctls[2].name: Required value`,
        `${p}.sysctls[3].name: Invalid value: "A": must have at most 253 characters and match regex ${pattern}`,
        `${p}.sysctls[4].name: Duplicate value: "kernel.shm_rmid_forced"`,
      ],
    },
    {
      name: 'kernel parameters of the node',
      context: {
        sysctls: [
          { name: 'net.core.somaxconn', value: '1' },
          { name: 'net/core/somaxconn', value: '1' },
          { name: 'kernel.sem', value: '1' },
          { name: 'kernel.msgmax', value: '1' },
        ],
      },
      spec: { hostNetwork: true, hostIPC: true },
      expected: [
        `${p}.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when 'hostNetwork' is true`,
        `${p}.sysctls[1].name: Invalid value: "net/core/somaxconn": may not be specified when 'hostNetwork' is true`,
        `${p}.sysctls[2].name: Invalid value: "kernel.sem": may not be specified when 'hostIPC' is true`,
        `${p}.sysctls[3].name: Invalid value: "kernel.msgmax": may not be specified when 'hostIPC' is true`,
      ],
    },
    {
      name: 'processes of all and of the node',
      spec: { hostPID: true, shareProcessNamespace: true },
      expected: [
        `${p}.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled`,
      ],
    },
    {
      name: 'namespaces of the node with users of its own',
      spec: { hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true },
      expected: ['hostNetwork', 'hostPID', 'hostIPC'].map(
        (field) => `spec.${field}: Forbidden: when \`hostUsers\` is false`,
      ),
    },
  ])('$name', ({ context, spec, expected }) => {
    expect(problemsOf(pod({ ...(context && { securityContext: context }), ...spec }))).toEqual(
      expected,
    )
  })
})
