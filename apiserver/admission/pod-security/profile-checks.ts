/** The checks about profiles of AppArmor, SELinux and seccomp. */
import type { SELinuxOptions } from '#api/parts/core/security-context.ts'
import { appArmorPrefix } from '#api/rules/pods/annotations.ts'
import {
  type Check,
  containersOf,
  type Finding,
  plural,
  quoted,
  type Subject,
  setters,
  sortedSet,
} from './check.ts'

const profileTypes = new Set(['RuntimeDefault', 'Localhost'])

/** Who says a type of profile that is not among the usual ones, and which. */
function badProfiles({ spec }: Subject, field: 'appArmorProfile' | 'seccompProfile') {
  const ofPod = spec.securityContext?.[field]?.type
  const isPod = ofPod !== undefined && !profileTypes.has(ofPod)
  const bad = containersOf(spec).filter(({ securityContext }) => {
    const type = securityContext?.[field]?.type
    return type !== undefined && !profileTypes.has(type)
  })
  const types = bad.map(({ securityContext }) => securityContext![field]!.type as string)
  return {
    who: setters(
      isPod,
      bad.map(({ name }) => name),
    ),
    values: sortedSet(isPod ? [ofPod, ...types] : types),
  }
}

function appArmor(subject: Subject): Finding | undefined {
  const { who, values } = badProfiles(subject, 'appArmorProfile')
  const noted = Object.entries(subject.metadata.annotations ?? {})
    .filter(([key, text]) => key.startsWith(appArmorPrefix) && !isFineAnnotation(text))
    .map(([key, text]) => `${key}=${JSON.stringify(text)}`)
    .sort()
  if (noted.length) who.push(plural('annotation', 'annotations', noted.length))
  if (!who.length) return undefined
  const all = [...values, ...noted]
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', all.length),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(all)}`,
  }
}

const isFineAnnotation = (text: string): boolean =>
  text === '' || text === 'runtime/default' || text.startsWith('localhost/')

const labelTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t']

function seLinux(types: readonly string[]) {
  return ({ spec }: Subject): Finding | undefined => {
    const bad: SELinuxOptions[] = []
    const isBad = (options: SELinuxOptions | undefined): boolean => {
      if (!options) return false
      const { type = '', user, role } = options
      const found = !types.includes(type) || Boolean(user) || Boolean(role)
      if (found) bad.push(options)
      return found
    }
    const isPod = isBad(spec.securityContext?.seLinuxOptions)
    const names = containersOf(spec).flatMap(({ name, securityContext }) =>
      isBad(securityContext?.seLinuxOptions) ? name : [],
    )
    if (!bad.length) return undefined
    const badTypes = sortedSet(bad.map(({ type = '' }) => type)).filter(
      (type) => !types.includes(type),
    )
    const what = [
      ...(badTypes.length
        ? [`${plural('type', 'types', badTypes.length)} ${quoted(badTypes)}`]
        : []),
      ...(bad.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(bad.some(({ role }) => role) ? ['role may not be set'] : []),
    ]
    const who = setters(isPod, names).join(' and ')
    const detail = `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`
    return { reason: 'seLinuxOptions', detail }
  }
}

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/'
const seccompTexts = new Set(['runtime/default', 'docker/default'])

/** Before there was a field for it. */
function seccompAnnotations({ metadata, spec }: Subject): Finding | undefined {
  const { annotations = {} } = metadata
  const keys = [seccompOfPod, ...containersOf(spec).map(({ name }) => seccompOfContainer + name)]
  const forbidden = keys.filter((key) => {
    const text = annotations[key]
    return text !== undefined && !seccompTexts.has(text) && !text.startsWith('localhost/')
  })
  if (!forbidden.length) return undefined
  const shown = sortedSet(forbidden.map((key) => `${key}=${JSON.stringify(annotations[key])}`))
  const word = plural('annotation', 'annotations', shown.length)
  return { reason: 'seccompProfile', detail: `forbidden ${word} ${shown.join(', ')}` }
}

export function seccompTypes(subject: Subject): Finding | undefined {
  const { who, values } = badProfiles(subject, 'seccompProfile')
  if (!who.length) return undefined
  const what = `must not set securityContext.seccompProfile.type to ${quoted(values)}`
  return { reason: 'seccompProfile', detail: `${who.join(' and ')} ${what}` }
}

export const profileChecks: readonly Check[] = [
  { id: 'appArmorProfile', level: 'baseline', versions: [[0, appArmor]] },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    versions: [
      [0, seLinux(labelTypes)],
      [31, seLinux([...labelTypes, 'container_engine_t'])],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    versions: [
      [0, seccompAnnotations],
      [19, seccompTypes],
    ],
  },
]
