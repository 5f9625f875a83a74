/** Changes of claims: a bound one may grow, or change its class of attributes, and nothing else. */
import { isDeepStrictEqual } from 'node:util'
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimStatus } from '../parts/core/claim.ts'
import type { Path, Problems } from '../problems.ts'
import { compareQuantities } from '../quantity.ts'
import { immutableMessage } from '../validate-update.ts'
import { changeText } from './change-text.ts'
import type { Metadata } from './object-meta.ts'

interface Claim {
  readonly metadata: Metadata
  readonly spec: PersistentVolumeClaimSpec
  readonly status: PersistentVolumeClaimStatus
}

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export function checkClaimChange(next: Claim, previous: Claim, at: Path, problems: Problems): void {
  const place = at.child('spec')
  const { before, after } = comparable(next, previous, at, problems)
  if (!isSameSpec(before, after)) {
    const rule =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    const difference = changeText('core.PersistentVolumeClaimSpec', before, after)
    problems.forbidden(place, `${rule}\n${difference}`)
  }
  checkSize(next, previous, place, problems)
  // Upstream leaves `spec` out of this path.
  if (next.spec.volumeMode !== previous.spec.volumeMode) {
    problems.invalid(at.child('volumeMode'), next.spec.volumeMode, immutableMessage)
  }
  checkAttributesClass(next.spec, previous.spec, place, problems)
}

/** The two specs, with what may change made the same. */
function comparable(next: Claim, previous: Claim, at: Path, problems: Problems) {
  const before = { ...previous.spec }
  const after = { ...next.spec }
  if (!before.volumeName && after.volumeName) before.volumeName = after.volumeName
  allowClass(before, after, next.metadata, previous.metadata, at, problems)
  if (next.status.phase === 'Bound') {
    const { requests } = after.resources
    if (requests) {
      const size = before.resources.requests?.storage
      const { storage: _, ...others } = requests
      const same = size === undefined ? others : { ...others, storage: size }
      after.resources = { ...after.resources, requests: same }
    }
    if (after.volumeAttributesClassName !== undefined) {
      replace(after, 'volumeAttributesClassName', before.volumeAttributesClassName)
    }
  }
  return { before, after }
}

function replace<K extends 'storageClassName' | 'volumeAttributesClassName'>(
  spec: PersistentVolumeClaimSpec,
  name: K,
  value: string | undefined,
): void {
  if (value === undefined) delete spec[name]
  else spec[name] = value
}

/** A claim without class gets one later: from an annotation of long ago, or by a default class. */
function allowClass(
  before: PersistentVolumeClaimSpec,
  after: PersistentVolumeClaimSpec,
  meta: Metadata,
  previousMeta: Metadata,
  at: Path,
  problems: Problems,
): void {
  const annotated = previousMeta.annotations?.[classAnnotation]
  const stated = meta.annotations?.[classAnnotation]
  const gains = before.storageClassName === undefined && after.storageClassName !== undefined
  const movesFromAnnotation =
    gains &&
    annotated !== undefined &&
    after.storageClassName === annotated &&
    (stated === undefined || stated === annotated)
  if (!movesFromAnnotation && stated !== annotated) {
    const place = at.child('metadata').child('annotations').child(classAnnotation)
    problems.invalid(place, stated ?? '', immutableMessage)
  }
  if (gains && (annotated === undefined || after.storageClassName === annotated)) {
    replace(after, 'storageClassName', undefined)
  }
}

/** Amounts compare as amounts: `1Gi` is `1073741824`. */
function isSameSpec(a: PersistentVolumeClaimSpec, b: PersistentVolumeClaimSpec): boolean {
  const { resources: left, ...rest } = a
  const { resources: right, ...others } = b
  return (
    isDeepStrictEqual(rest, others) &&
    isSameList(left.requests, right.requests) &&
    isSameList(left.limits, right.limits)
  )
}

type Amounts = Readonly<Record<string, string>>

function isSameList(a: Amounts = {}, b: Amounts = {}): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && !compareQuantities(a[name]!, b[name]))
  )
}

/** A request may shrink again after a growth that failed, down to what the volume really has. */
function checkSize(next: Claim, previous: Claim, at: Path, problems: Problems): void {
  const size = next.spec.resources.requests?.storage ?? '0'
  const oldSize = previous.spec.resources.requests?.storage ?? '0'
  const capacity = previous.status.capacity?.storage ?? '0'
  if (compareQuantities(size, oldSize) >= 0 || compareQuantities(size, capacity) > 0) return
  const place = at.child('resources').child('requests').child('storage')
  problems.forbidden(place, 'field can not be less than status.capacity')
}

function checkAttributesClass(
  next: PersistentVolumeClaimSpec,
  previous: PersistentVolumeClaimSpec,
  at: Path,
  problems: Problems,
): void {
  const { volumeAttributesClassName: name } = next
  if (previous.volumeAttributesClassName === undefined) return
  if (name === previous.volumeAttributesClassName || name) return
  const what = name === undefined ? 'nil' : 'an empty string'
  const detail = `update from non-nil value to ${what} is forbidden`
  problems.forbidden(at.child('volumeAttributesClassName'), detail)
}
