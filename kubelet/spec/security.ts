/** What a container may do: the settings of pod and container brought together, and checked. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { AppArmorProfile, SeccompProfile } from '#api/parts/core/security-context.ts'
import { ConfigError } from '../config-error.ts'
import type { ContainerSecurity, Image, Profile } from '../runtime.ts'

export interface SecuritySettings {
  /** Folder below which local seccomp profiles lie. */
  readonly seccompFolder: string
  /** Whether containers that say nothing get the default profile. */
  readonly seccompDefault: boolean
}

/** Throws ConfigError in upstream's words for a container that must not run as root, and would. */
export function containerSecurity(
  pod: Pod,
  container: Container,
  image: Image,
  settings: SecuritySettings,
): ContainerSecurity {
  checkUser(pod, container, image)
  const { securityContext: shared } = pod.spec
  const { securityContext: own } = container
  const groups = new Set([
    ...(shared?.supplementalGroups ?? []),
    ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup]),
  ])
  const seLinux = own?.seLinuxOptions ?? shared?.seLinuxOptions
  const seccomp = seccompOf(own?.seccompProfile ?? shared?.seccompProfile, settings)
  return {
    user: userOf(pod, container, image),
    groups: [...groups],
    isPrivileged: own?.privileged ?? false,
    isReadOnlyRoot: own?.readOnlyRootFilesystem ?? false,
    mayGainPrivileges: own?.allowPrivilegeEscalation ?? true,
    addedCapabilities: (own?.capabilities?.add ?? []).map(bare),
    droppedCapabilities: (own?.capabilities?.drop ?? []).map(bare),
    seccomp,
    appArmor: appArmorOf(own?.appArmorProfile ?? shared?.appArmorProfile),
    ...(seLinux && { seLinux }),
    isProcUnmasked: own?.procMount === 'Unmasked',
  }
}

/** Images name capabilities with or without a prefix that says nothing. */
const bare = (capability: string): string => capability.toUpperCase().replace(/^CAP_/, '')

/** Undefined where the image decides. */
function userOf(
  { spec }: Pod,
  { securityContext: own }: Container,
  image: Image,
): string | undefined {
  const user = own?.runAsUser ?? spec.securityContext?.runAsUser
  const group = own?.runAsGroup ?? spec.securityContext?.runAsGroup
  if (group === undefined) return user === undefined ? undefined : `${user}`
  const [imageUser] = image.user.split(':')
  return `${user ?? (imageUser || 0)}:${group}`
}

function checkUser(pod: Pod, container: Container, image: Image): void {
  const { securityContext: shared } = pod.spec
  const { securityContext: own } = container
  if (!(own?.runAsNonRoot ?? shared?.runAsNonRoot)) return
  const { name, namespace, uid } = pod.metadata
  const about = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`
  const wanted = own?.runAsUser ?? shared?.runAsUser
  if (wanted === 0) {
    throw new ConfigError(`container's runAsUser breaks non-root policy ${about}`)
  }
  if (wanted !== undefined) return
  const [user = ''] = image.user.split(':')
  if (user === '' || user === '0') {
    throw new ConfigError(`container has runAsNonRoot and image will run as root ${about}`)
  }
  if (!/^\d+$/.test(user)) {
    const detail = 'cannot verify user is non-root'
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user}), ${detail} ${about}`,
    )
  }
}

function seccompOf(
  profile: SeccompProfile | undefined,
  { seccompFolder, seccompDefault }: SecuritySettings,
): Profile {
  switch (profile?.type) {
    case 'RuntimeDefault':
      return { type: 'default' }
    case 'Localhost':
      return { type: 'local', profile: `${seccompFolder}/${profile.localhostProfile}` }
    case 'Unconfined':
      return { type: 'unconfined' }
    default:
      return { type: seccompDefault ? 'default' : 'unconfined' }
  }
}

function appArmorOf(profile: AppArmorProfile | undefined): Profile | undefined {
  switch (profile?.type) {
    case 'RuntimeDefault':
      return { type: 'default' }
    case 'Localhost':
      return { type: 'local', profile: profile.localhostProfile ?? '' }
    case 'Unconfined':
      return { type: 'unconfined' }
    default:
      return undefined
  }
}
