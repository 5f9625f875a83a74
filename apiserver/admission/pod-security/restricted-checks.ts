/** The checks of the level restricted: what a hardened pod gives up. */
import type { Container } from '#api/parts/core/container.ts'
import type { Volume } from '#api/parts/core/volume.ts'
import { procMount } from './baseline-checks.ts'
import {
  type Check,
  containersNamed,
  containersOf,
  type Finding,
  hasOwnUsers,
  isWindows,
  type Judge,
  plural,
  quoted,
  type Subject,
  setters,
  sortedSet,
} from './check.ts'
import { seccompTypes } from './profile-checks.ts'

const namesWhere = ({ spec }: Subject, is: (container: Container) => boolean): string[] =>
  containersOf(spec).flatMap((container) => (is(container) ? container.name : []))

function escalation(subject: Subject): Finding | undefined {
  const names = namesWhere(
    subject,
    ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  )
  if (!names.length) return undefined
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersNamed(names)} must set securityContext.allowPrivilegeEscalation=false`,
  }
}

function capabilities(subject: Subject): Finding | undefined {
  const addedBy = ({ securityContext }: Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((each) => each !== 'NET_BIND_SERVICE')
  const keeping = namesWhere(
    subject,
    ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'),
  )
  const adding = namesWhere(subject, (container) => addedBy(container).length > 0)
  const details: string[] = []
  if (keeping.length) {
    const what = 'must set securityContext.capabilities.drop=["ALL"]'
    details.push(`${containersNamed(keeping)} ${what}`)
  }
  if (adding.length) {
    const added = quoted(sortedSet(containersOf(subject.spec).flatMap(addedBy)))
    const what = `must not include ${added} in securityContext.capabilities.add`
    details.push(`${containersNamed(adding)} ${what}`)
  }
  if (!details.length) return undefined
  return { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

const volumeTypes: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

function volumes({ spec }: Subject): Finding | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !volumeTypes.has(typeOf(volume)))
  if (!bad.length) return undefined
  const types = sortedSet(bad.map(typeOf))
  const names = quoted(bad.map(({ name }) => name))
  const subject = `${plural('volume', 'volumes', bad.length)} ${names}`
  const word = plural('restricted volume type', 'restricted volume types', types.length)
  const verb = plural('uses', 'use', bad.length)
  return {
    reason: 'restricted volume types',
    detail: `${subject} ${verb} ${word} ${quoted(types)}`,
  }
}

const typeOf = (volume: Volume): string =>
  Object.keys(volume).find((field) => field !== 'name') ?? 'unknown'

function nonRoot(subject: Subject): Finding | undefined {
  const ofPod = subject.spec.securityContext?.runAsNonRoot
  const denying = namesWhere(subject, (each) => each.securityContext?.runAsNonRoot === false)
  const reason = 'runAsNonRoot != true'
  const who = setters(ofPod === false, denying).join(' and ')
  if (who) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
  if (ofPod) return undefined
  const silent = namesWhere(subject, (each) => each.securityContext?.runAsNonRoot === undefined)
  if (!silent.length) return undefined
  const what = 'must set securityContext.runAsNonRoot=true'
  return { reason, detail: `pod or ${containersNamed(silent)} ${what}` }
}

function rootUser(subject: Subject): Finding | undefined {
  const isPod = subject.spec.securityContext?.runAsUser === 0
  const names = namesWhere(subject, (each) => each.securityContext?.runAsUser === 0)
  const who = setters(isPod, names).join(' and ')
  return who ? { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` } : undefined
}

function seccomp(subject: Subject): Finding | undefined {
  const bad = seccompTypes(subject)
  if (bad || subject.spec.securityContext?.seccompProfile) return bad
  const silent = namesWhere(subject, (each) => !each.securityContext?.seccompProfile)
  if (!silent.length) return undefined
  const what = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
  return { reason: 'seccompProfile', detail: `pod or ${containersNamed(silent)} ${what}` }
}

/** Windows knows nothing of these. */
const onLinux =
  (judge: Judge): Judge =>
  (subject) =>
    isWindows(subject.spec) ? undefined : judge(subject)

const withHostUsers =
  (judge: Judge): Judge =>
  (subject) =>
    hasOwnUsers(subject.spec) ? undefined : judge(subject)

export const restrictedChecks: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    versions: [
      [8, escalation],
      [25, onLinux(escalation)],
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    overrides: ['capabilities_baseline'],
    versions: [
      [22, capabilities],
      [25, onLinux(capabilities)],
    ],
  },
  {
    id: 'procMount_restricted',
    level: 'restricted',
    overrides: ['procMount'],
    versions: [[35, procMount]],
  },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    overrides: ['hostPathVolumes'],
    versions: [[0, volumes]],
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    versions: [
      [0, nonRoot],
      [35, withHostUsers(nonRoot)],
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    versions: [
      [23, rootUser],
      [35, withHostUsers(rootUser)],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    overrides: ['seccompProfile_baseline'],
    versions: [
      [19, seccomp],
      [25, onLinux(seccomp)],
    ],
  },
]
