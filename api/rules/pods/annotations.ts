/** Rules about the annotations that say something about a pod, most of them older than a field. */
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { AppArmorProfile, SeccompProfile } from '../../parts/core/security-context.ts'
import type { Path, Problems } from '../../problems.ts'
import { checkDescendingPath } from '../local-path.ts'
import { eachContainer } from './each-container.ts'

type Annotations = Readonly<Record<string, string>>

/** On the copy of a static pod that a kubelet shows the API. */
export const mirrorPod = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/'
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

const INT32_MIN = -2_147_483_648
const INT32_MAX = 2_147_483_647

export function validatePodAnnotations(
  annotations: Annotations | undefined,
  spec: PodSpec,
  at: Path,
  problems: Problems,
): void {
  if (!annotations) return
  const mirrored = annotations[mirrorPod]
  if (mirrored !== undefined && !spec.nodeName) {
    const detail = 'must set spec.nodeName if mirror pod annotation is set'
    problems.invalid(at.key(mirrorPod), mirrored, detail)
  }
  const cost = annotations[deletionCost]
  if (cost !== undefined && !isInt32(cost)) {
    problems.invalid(at.key(deletionCost), cost, 'must be a 32bit integer')
  }
  const ofPod = annotations[seccompOfPod]
  if (ofPod !== undefined) checkSeccompText(ofPod, at.child(seccompOfPod), problems)
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(seccompPrefix)) {
      checkSeccompText(value, at.child(key), problems)
    } else if (key.startsWith(appArmorPrefix)) checkAppArmor(key, value, spec, at, problems)
  }
}

/** No plus sign and no leading zeros. */
function isInt32(text: string): boolean {
  const number = Number(text)
  return /^(?:-\d+|0|[1-9]\d*)$/.test(text) && number >= INT32_MIN && number <= INT32_MAX
}

function checkSeccompText(profile: string, at: Path, problems: Problems): void {
  if (seccompTexts.RuntimeDefault.includes(profile) || profile === 'unconfined') return
  if (profile.startsWith(localhost)) {
    checkDescendingPath(profile.slice(localhost.length), at, problems)
  } else problems.invalid(at, profile, 'must be a valid seccomp profile')
}

function checkAppArmor(
  key: string,
  profile: string,
  spec: PodSpec,
  at: Path,
  problems: Problems,
): void {
  const name = key.slice(appArmorPrefix.length)
  const isThere = [...eachContainer(spec, at)].some(({ container }) => container.name === name)
  if (!isThere) problems.invalid(at.key(key), name, 'container not found')
  if (!['', 'runtime/default', 'unconfined'].includes(profile) && !profile.startsWith(localhost)) {
    const detail = `invalid AppArmor profile name: ${JSON.stringify(profile)}`
    problems.invalid(at.key(key), profile, detail)
  }
}

const localhost = 'localhost/'
const seccompTexts = {
  Unconfined: ['unconfined'],
  RuntimeDefault: ['runtime/default', 'docker/default'],
}
const appArmorTexts = { Unconfined: ['unconfined'], RuntimeDefault: ['runtime/default'] }

/** An annotation about seccomp and the field that took its place must say the same. */
export function checkSeccompAgrees(
  annotations: Annotations | undefined,
  spec: PodSpec,
  at: Path,
  problems: Problems,
): void {
  if (!annotations) return
  const check = (key: string, profile: SeccompProfile | undefined, place: Path) => {
    const text = annotations[key]
    if (profile && text !== undefined) {
      checkAgrees(text, profile, { texts: seccompTexts, name: 'seccomp' }, place, problems)
    }
  }
  const ofPod = at.child('securityContext').child('seccompProfile')
  check(seccompOfPod, spec.securityContext.seccompProfile, ofPod)
  for (const { container, path } of eachContainer(spec, at)) {
    const place = path.child('securityContext').child('seccompProfile')
    check(`${seccompPrefix}${container.name}`, container.securityContext?.seccompProfile, place)
  }
}

/** The same for AppArmor, where a container without a profile has that of the pod. */
export function checkAppArmorAgrees(
  annotations: Annotations | undefined,
  spec: PodSpec,
  at: Path,
  problems: Problems,
): void {
  if (!annotations || spec.os?.name === 'windows') return
  for (const { container, path } of eachContainer(spec, at)) {
    const own = container.securityContext?.appArmorProfile
    const profile = own ?? spec.securityContext.appArmorProfile
    const text = annotations[`${appArmorPrefix}${container.name}`]
    if (!profile || text === undefined) continue
    const place = path.child('securityContext').child('appArmorProfile')
    checkAgrees(text, profile, { texts: appArmorTexts, name: 'apparmor' }, place, problems)
  }
}

interface Wording {
  readonly texts: Readonly<Record<'Unconfined' | 'RuntimeDefault', readonly string[]>>
  readonly name: string
}

function checkAgrees(
  text: string,
  { type, localhostProfile }: SeccompProfile | AppArmorProfile,
  { texts, name }: Wording,
  at: Path,
  problems: Problems,
): void {
  const plain = type === 'Unconfined' || type === 'RuntimeDefault' ? texts[type] : undefined
  const agrees = type === 'Localhost' ? text.startsWith(localhost) : plain?.includes(text)
  if (agrees === false) {
    problems.forbidden(at.child('type'), `${name} type in annotation and field must match`)
  } else if (type === 'Localhost' && text.slice(localhost.length) !== localhostProfile) {
    const detail = `${name} profile in annotation and field must match`
    problems.forbidden(at.child('localhostProfile'), detail)
  }
}

/** What an annotation about AppArmor means; undefined when it means nothing. */
export function appArmorProfileOf(text: string): AppArmorProfile | undefined {
  if (text === 'unconfined') return { type: 'Unconfined' }
  if (text === 'runtime/default') return { type: 'RuntimeDefault' }
  const profile = text.startsWith(localhost) ? text.slice(localhost.length) : ''
  return profile ? { type: 'Localhost', localhostProfile: profile } : undefined
}

/** What a pod is by these annotations stays as it is. */
export function validateAnnotationChange(
  next: Annotations = {},
  previous: Annotations = {},
  at: Path,
  problems: Problems,
): void {
  for (const [key, value] of Object.entries(previous)) {
    if (next[key] === value) continue
    const name = nameOfFixed(key)
    if (name) problems.forbidden(at.key(key), `may not remove or update ${name}`)
  }
  for (const key of Object.keys(next)) {
    const name = key in previous ? undefined : nameOfFixed(key)
    if (name) problems.forbidden(at.key(key), `may not add ${name}`)
  }
}

function nameOfFixed(key: string): string | undefined {
  if (key.startsWith(appArmorPrefix)) return 'AppArmor annotations'
  return key === mirrorPod ? 'mirror pod annotation' : undefined
}
