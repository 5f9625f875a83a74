/** Storage in words: what tables show about volumes and claims, and what users are warned about. */
import type { PersistentVolumeSpec } from '../parts/core/persistent-volume.ts'
import { milliValue } from '../quantity.ts'

const shortModes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const

/** `RWO,ROX`: each mode once, always in the same order. */
export function accessModesText(modes: readonly string[] | undefined): string {
  const found = shortModes.filter(([mode]) => modes?.includes(mode))
  return found.map(([, short]) => short).join(',')
}

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

type Annotations = Readonly<Record<string, string>> | undefined

/** An annotation of long ago still wins over the field. */
export function classOf(annotations: Annotations, name: string | undefined): string {
  return annotations?.[classAnnotation] ?? name ?? ''
}

const oldClass = `deprecated since v1.8; use "storageClassName" attribute instead`

/** Volumes and claims are warned about in the same words. */
function annotationWarnings(annotations: Annotations): string[] {
  if (annotations?.[classAnnotation] === undefined) return []
  return [`metadata.annotations[${classAnnotation}]: ${oldClass}`]
}

function fractionWarning(amount: string | undefined, place: string): string[] {
  if (amount === undefined || milliValue(amount) % 1000n === 0n) return []
  const value = JSON.stringify(amount)
  return [`${place}: fractional byte value ${value} is invalid, must be an integer`]
}

const recycling =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
const mountOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options'

export function volumeWarnings(annotations: Annotations, spec: PersistentVolumeSpec): string[] {
  const warnings = annotationWarnings(annotations)
  if (annotations?.[mountOptionsAnnotation] !== undefined) {
    const place = `metadata.annotations[${mountOptionsAnnotation}]`
    warnings.push(`${place}: deprecated since v1.31; use "mountOptions" attribute instead`)
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    warnings.push(`spec.persistentVolumeReclaimPolicy: ${recycling}`)
  }
  warnings.push(...fractionWarning(spec.capacity?.storage, 'spec.capacity[storage]'))
  for (const [name, reason] of Object.entries(goneSources)) {
    if (name in spec) warnings.push(`spec.${name}: ${reason}`)
  }
  return warnings
}

interface ClaimSpec {
  readonly resources: {
    readonly requests?: Readonly<Record<string, string>>
    readonly limits?: Readonly<Record<string, string>>
  }
}

export function claimWarnings(annotations: Annotations, spec: ClaimSpec): string[] {
  return [...annotationWarnings(annotations), ...claimSpecWarnings(spec, 'spec')]
}

/** `place` is the path of the spec, which templates carry deeper inside. */
function claimSpecWarnings({ resources }: ClaimSpec, place: string): string[] {
  return [
    ...fractionWarning(resources.requests?.storage, `${place}.resources.requests[storage]`),
    ...fractionWarning(resources.limits?.storage, `${place}.resources.limits[storage]`),
  ]
}

/** Volume sources whose drivers left Kubernetes, and since when. */
const goneSources = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
} as const
