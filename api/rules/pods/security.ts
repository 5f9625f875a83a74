/** Rules about the security settings of pods and containers. */
import { isGroupId, isUserId } from '../../names.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type {
  AppArmorProfile,
  PodSecurityContext,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from '../../parts/core/security-context.ts'
import type { Path, Problems } from '../../problems.ts'
import { checkDescendingPath } from '../local-path.ts'
import { report } from './checks.ts'
import { validateWindowsOptions } from './windows.ts'

const procMounts = new Set(['Default', 'Unmasked'])
const profileTypes = new Set(['Localhost', 'RuntimeDefault', 'Unconfined'])
const groupsPolicies = new Set(['Merge', 'Strict'])
const ownerPolicies = new Set(['Always', 'OnRootMismatch'])
const labelPolicies = new Set(['MountOption', 'Recursive'])

/** `hasHostUsers`: without a user namespace of its own, a pod must keep /proc masked. */
export function validateSecurityContext(
  context: SecurityContext,
  hasHostUsers: boolean,
  at: Path,
  problems: Problems,
): void {
  const { runAsUser, runAsGroup, procMount, seccompProfile } = context
  checkId(runAsUser, isUserId, at.child('runAsUser'), problems)
  checkId(runAsGroup, isGroupId, at.child('runAsGroup'), problems)
  if (procMount !== undefined) {
    const place = at.child('procMount')
    if (!procMounts.has(procMount)) problems.notSupported(place, procMount, procMounts)
    if (hasHostUsers && procMount === 'Unmasked') {
      problems.invalid(place, procMount, '`hostUsers` must be false to use `Unmasked`')
    }
  }
  if (seccompProfile) validateSeccomp(seccompProfile, at.child('seccompProfile'), problems)
  checkEscalation(context, at, problems)
  validateWindowsOptions(context.windowsOptions, at.child('windowsOptions'), problems)
  const { appArmorProfile } = context
  if (appArmorProfile) validateAppArmor(appArmorProfile, at.child('appArmorProfile'), problems)
}

function checkId(
  id: number | undefined,
  rule: (id: number) => string[],
  at: Path,
  problems: Problems,
): void {
  if (id !== undefined) report(rule(id), id, at, problems)
}

function checkEscalation(context: SecurityContext, at: Path, problems: Problems): void {
  if (context.allowPrivilegeEscalation !== false) return
  const refused = 'cannot set `allowPrivilegeEscalation` to false and'
  if (context.privileged) problems.invalid(at, context, `${refused} \`privileged\` to true`)
  for (const capability of context.capabilities?.add ?? []) {
    if (capability === 'CAP_SYS_ADMIN') {
      problems.invalid(at, context, `${refused} \`capabilities.Add\` CAP_SYS_ADMIN`)
    }
  }
}

export function validatePodSecurityContext(spec: PodSpec, at: Path, problems: Problems): void {
  const context = spec.securityContext
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups, fsGroupChangePolicy } = context
  checkId(fsGroup, isGroupId, at.child('fsGroup'), problems)
  checkId(runAsUser, isUserId, at.child('runAsUser'), problems)
  checkId(runAsGroup, isGroupId, at.child('runAsGroup'), problems)
  for (const [position, group] of (supplementalGroups ?? []).entries()) {
    checkId(group, isGroupId, at.child('supplementalGroups').index(position), problems)
  }
  if (spec.shareProcessNamespace && spec.hostPID) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled'
    problems.invalid(at.child('shareProcessNamespace'), true, detail)
  }
  if (context.sysctls) validateSysctls(context.sysctls, spec, at.child('sysctls'), problems)
  checkPolicy(fsGroupChangePolicy, ownerPolicies, at.child('fsGroupChangePolicy'), problems)
  validateProfiles(context, at, problems)
}

function validateProfiles(context: PodSecurityContext, at: Path, problems: Problems): void {
  const { seccompProfile, windowsOptions, appArmorProfile } = context
  if (seccompProfile) validateSeccomp(seccompProfile, at.child('seccompProfile'), problems)
  validateWindowsOptions(windowsOptions, at.child('windowsOptions'), problems)
  if (appArmorProfile) validateAppArmor(appArmorProfile, at.child('appArmorProfile'), problems)
  const { supplementalGroupsPolicy, seLinuxChangePolicy } = context
  const groupsAt = at.child('supplementalGroupsPolicy')
  checkPolicy(supplementalGroupsPolicy, groupsPolicies, groupsAt, problems)
  checkPolicy(seLinuxChangePolicy, labelPolicies, at.child('seLinuxChangePolicy'), problems)
}

function checkPolicy(
  policy: string | undefined,
  policies: ReadonlySet<string>,
  at: Path,
  problems: Problems,
): void {
  if (policy !== undefined && !policies.has(policy)) problems.notSupported(at, policy, policies)
}

function validateSeccomp(profile: SeccompProfile, at: Path, problems: Problems): void {
  const { type, localhostProfile } = profile
  checkProfileType(type, 'seccompProfile', at.child('type'), problems)
  const place = at.child('localhostProfile')
  if (type === 'Localhost') {
    if (localhostProfile === undefined) {
      problems.required(place, 'must be set when seccomp type is Localhost')
    } else checkDescendingPath(localhostProfile, place, problems)
  } else if (localhostProfile !== undefined) {
    problems.invalid(place, profile, 'can only be set when seccomp type is Localhost')
  }
}

function checkProfileType(type: string, field: string, at: Path, problems: Problems): void {
  if (!type) problems.required(at, `type is required when ${field} is set`)
  else if (!profileTypes.has(type)) problems.notSupported(at, type, profileTypes)
}

/** As long as a path may be on Linux, without its end. */
const APPARMOR_PROFILE_MAX_BYTES = 4095

function validateAppArmor(profile: AppArmorProfile, at: Path, problems: Problems): void {
  const { type, localhostProfile } = profile
  const place = at.child('localhostProfile')
  if (type === 'Localhost') checkLoadedProfile(localhostProfile, place, problems)
  else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (localhostProfile !== undefined) {
      const detail = 'can only be set when AppArmor type is Localhost'
      problems.invalid(place, localhostProfile, detail)
    }
  } else checkProfileType(type, 'appArmorProfile', at.child('type'), problems)
}

function checkLoadedProfile(profile: string | undefined, at: Path, problems: Problems): void {
  const trimmed = profile?.trim()
  if (!trimmed && trimmed === profile) {
    problems.required(at, 'must be set when AppArmor type is Localhost')
  } else if (trimmed !== profile) {
    problems.invalid(at, profile, 'must not be padded with whitespace')
  }
  if (profile !== undefined && Buffer.byteLength(profile) > APPARMOR_PROFILE_MAX_BYTES) {
    problems.tooLong(at, APPARMOR_PROFILE_MAX_BYTES)
  }
}

const SYSCTL_MAX_LENGTH = 253
const sysctlSegment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlPattern = `^(${sysctlSegment}[\\./])*${sysctlSegment}$`
/** The same language, written so that it is read in one pass. */
const sysctlName = /^[a-z0-9]+(?:[-_]+[a-z0-9]+)*(?:[./][a-z0-9]+(?:[-_]+[a-z0-9]+)*)*$/

const networkSysctl = /^net\./
const ipcSysctl = /^(?:kernel\.(?:sem$|shm|msg)|fs\.mqueue\.)/

function validateSysctls(
  sysctls: readonly Sysctl[],
  spec: PodSpec,
  at: Path,
  problems: Problems,
): void {
  const names = new Set<string>()
  for (const [position, { name }] of sysctls.entries()) {
    const place = at.index(position).child('name')
    if (!name) problems.required(place)
    else if (name.length > SYSCTL_MAX_LENGTH || !sysctlName.test(name)) {
      const detail = `must have at most ${SYSCTL_MAX_LENGTH} characters and match regex ${sysctlPattern}`
      problems.invalid(place, name, detail)
    } else if (names.has(name)) problems.duplicate(place, name)
    names.add(name)
    checkNamespace(name, spec, place, problems)
  }
}

/** What a pod shares with its node is not the pod's to change. */
function checkNamespace(name: string, spec: PodSpec, at: Path, problems: Problems): void {
  const dotted = withDots(name)
  if (spec.hostNetwork && networkSysctl.test(dotted)) {
    problems.invalid(at, name, "may not be specified when 'hostNetwork' is true")
  } else if (spec.hostIPC && ipcSysctl.test(dotted)) {
    problems.invalid(at, name, "may not be specified when 'hostIPC' is true")
  }
}

/** Names may be written with slashes, where dots then stand for slashes. */
function withDots(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  if (first !== '/') return name
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}
