/** Rules about pods for Windows, and about what pods for one system may not say about the other. */
import { isDnsSubdomain } from '../../names.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type {
  SecurityContext,
  WindowsSecurityContextOptions,
} from '../../parts/core/security-context.ts'
import type { Path, Problems } from '../../problems.ts'
import { report } from './checks.ts'
import { eachContainer } from './each-container.ts'

const CREDENTIAL_SPEC_MAX_KIB = 64
const DOMAIN_MAX_LENGTH = 256
const USER_MAX_LENGTH = 104

const control = /\p{Cc}/u
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const dnsName =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/
const dotsAndSpaces = /^[. ]+$/
const refusedCharacters = /["/\\:;|=,+*?<>@[\]]/

export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!options) return
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName } = options
  if (name !== undefined) {
    report(isDnsSubdomain(name), name, at.child('gmsaCredentialSpecName'), problems)
  }
  if (spec === '') {
    const detail = 'gmsaCredentialSpec cannot be an empty string'
    problems.invalid(at.child('gmsaCredentialSpec'), spec, detail)
  } else if (spec !== undefined && Buffer.byteLength(spec) > CREDENTIAL_SPEC_MAX_KIB * 1024) {
    const detail = `gmsaCredentialSpec size must be under ${CREDENTIAL_SPEC_MAX_KIB} KiB`
    problems.invalid(at.child('gmsaCredentialSpec'), spec, detail)
  }
  if (runAsUserName !== undefined) {
    for (const detail of problemsOfUser(runAsUserName)) {
      problems.invalid(at.child('runAsUserName'), runAsUserName, `runAsUserName${detail}`)
    }
  }
}

/** What follows `runAsUserName` in the messages about `user` or `domain\user`. */
function problemsOfUser(text: string): string[] {
  if (!text) return [' cannot be an empty string']
  if (control.test(text)) return [' cannot contain control characters']
  const parts = text.split('\\')
  if (parts.length > 2) return [' cannot contain more than one backslash']
  const [domain, user] = parts.length === 2 ? parts : [undefined, text]
  const found: string[] = []
  if (domain !== undefined) {
    if (Buffer.byteLength(domain) >= DOMAIN_MAX_LENGTH) {
      found.push(`'s Domain length must be under ${DOMAIN_MAX_LENGTH} characters`)
    }
    if (!netBiosName.test(domain) && !dnsName.test(domain)) {
      found.push("'s Domain doesn't match the NetBios nor the DNS format")
    }
  }
  if (!user) found.push("'s User cannot be empty")
  else if (Buffer.byteLength(user) > USER_MAX_LENGTH) {
    found.push(`'s User length must not be longer than ${USER_MAX_LENGTH} characters`)
  }
  if (dotsAndSpaces.test(user!)) found.push("'s User cannot contain only periods or spaces")
  if (refusedCharacters.test(user!)) {
    found.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  }
  return found
}

/** Containers run on the host itself all together or not at all. */
export function validateHostProcess(spec: PodSpec, at: Path, problems: Problems): void {
  const ofPod = spec.securityContext.windowsOptions?.hostProcess
  let all = 0
  let onHost = 0
  for (const { container, path } of eachContainer(spec, at)) {
    all++
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const place = path.child('securityContext').child('windowsOptions').child('hostProcess')
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      problems.invalid(place, own, detail)
    }
    if (own ?? ofPod) onHost++
  }
  if (!onHost) return
  if (onHost !== all) {
    const rule = 'then all containers must be HostProcess containers'
    problems.invalid(at, '', `If pod contains any hostProcess containers ${rule}`)
  }
  if (!spec.hostNetwork) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers'
    problems.invalid(at.child('hostNetwork'), false, detail)
  }
}

const systems = ['linux', 'windows']

export function validateSystem(spec: PodSpec, at: Path, problems: Problems): void {
  if (!spec.os) return
  const { name } = spec.os
  if (!name) problems.required(at.child('os').child('name'), 'cannot be empty')
  else if (!systems.includes(name)) problems.notSupported(at.child('os'), name, systems)
  else if (name === 'linux') refuseWindowsFields(spec, at, problems)
  else refuseLinuxFields(spec, at, problems)
}

function refuseWindowsFields(spec: PodSpec, at: Path, problems: Problems): void {
  const detail = 'windows options cannot be set for a linux pod'
  if (spec.securityContext.windowsOptions) {
    problems.forbidden(at.child('securityContext').child('windowsOptions'), detail)
  }
  for (const { container, path } of eachContainer(spec, at)) {
    if (container.securityContext?.windowsOptions) {
      problems.forbidden(path.child('securityContext').child('windowsOptions'), detail)
    }
  }
}

/** In the order in which upstream looks at them; without a dot they are fields of the pod. */
const linuxPodFields = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'shareProcessNamespace',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
]

const linuxContainerFields: readonly (keyof SecurityContext)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

function refuseLinuxFields(spec: PodSpec, at: Path, problems: Problems): void {
  const detail = 'cannot be set for a windows pod'
  const ofPod = spec as unknown as Readonly<Record<string, unknown>>
  const context = spec.securityContext as unknown as Readonly<Record<string, unknown>>
  for (const field of linuxPodFields) {
    const [parent, child] = field.split('.') as [string, string?]
    if (child !== undefined) {
      if (context[child] !== undefined) problems.forbidden(at.child(parent).child(child), detail)
    } else if (ofPod[parent] !== undefined) problems.forbidden(at.child(parent), detail)
  }
  for (const { container, path } of eachContainer(spec, at)) {
    for (const field of linuxContainerFields) {
      if (container.securityContext?.[field] !== undefined) {
        problems.forbidden(path.child('securityContext').child(field), detail)
      }
    }
  }
}
