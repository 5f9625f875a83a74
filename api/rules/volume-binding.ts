/** Which volume a claim can have: what the binder of volumes and the scheduler must agree on. */
import type { PersistentVolume } from '../kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts'
import type { StorageClass } from '../kinds/storage/storage-class.ts'
import { selectorFromObject } from '../label-selector.ts'
import { compareQuantities } from '../quantity.ts'
import { type NodeLike, nodeSelectorTest } from './node-selection.ts'
import { classOf } from './storage-text.ts'

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
/** What is named so makes no volumes: they are made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

const NOTHING = '0'
const YES = 'yes'

type Annotated = {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
}

export const hasAnnotation = ({ metadata }: Annotated, name: string): boolean =>
  metadata.annotations?.[name] !== undefined

export const classOfClaim = ({ metadata, spec }: PersistentVolumeClaim): string =>
  classOf(metadata.annotations, spec.storageClassName)

export const classOfVolume = ({ metadata, spec }: PersistentVolume): string =>
  classOf(metadata.annotations, spec.storageClassName)

/** Whether the volume is meant for the claim, be it that the claim does not know it yet. */
export function isBoundTo({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = spec
  const { name, namespace, uid } = claim.metadata
  if (claimRef?.name !== name || claimRef.namespace !== namespace) return false
  return !claimRef.uid || claimRef.uid === uid
}

/** Nothing is left to do about it. */
export const isFullyBound = (claim: PersistentVolumeClaim): boolean =>
  Boolean(claim.spec.volumeName) && hasAnnotation(claim, BIND_COMPLETED)

export const waitsForConsumer = (storageClass: StorageClass | undefined): boolean =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer'

export const capacityOf = ({ spec }: PersistentVolume): string => spec.capacity?.storage ?? NOTHING

export const wantedCapacity = ({ spec }: PersistentVolumeClaim): string =>
  spec.resources.requests?.storage ?? NOTHING

const modeOf = (mode: string | undefined): string => mode || 'Filesystem'

export const isSameMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  modeOf(volume.spec.volumeMode) === modeOf(claim.spec.volumeMode)

const isSameAttributes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '')

const hasAccessModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode))

const isLargeEnough = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  compareQuantities(capacityOf(volume), wantedCapacity(claim)) >= 0

const known = new WeakMap<object, (node: NodeLike) => boolean>()

/** Whether the volume can be reached from the node. */
export function isReachable({ spec }: PersistentVolume, { metadata }: NodeLike): boolean {
  const required = spec.nodeAffinity?.required
  if (!required) return true
  const test = known.get(required) ?? nodeSelectorTest(required)
  known.set(required, test)
  return test({ metadata })
}

/** Why a volume that somebody asks for by name will not do, in upstream's words. */
export function mismatch(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): string | undefined {
  const { name, deletionTimestamp } = volume.metadata
  if (deletionTimestamp) return `the volume is marked for deletion "${name}"`
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small'
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match'
  if (!isSameAttributes(volume, claim)) return 'volumeAttributesClassName does not match'
  if (!isSameMode(volume, claim)) return 'incompatible volumeMode'
  if (!hasAccessModes(volume, claim)) return 'incompatible accessMode'
  return undefined
}

export interface MatchOptions {
  /** Whom the volume must be reachable from; the binder leaves that to the scheduler. */
  readonly node?: NodeLike
  /** Volumes that are meant for other claims of the same pod. */
  readonly excluded?: ReadonlySet<string>
  /** Only volumes that are meant for the claim already will do. */
  readonly isDelayed?: boolean
}

/** The volume that is meant for the claim, else the smallest that will do. */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { node, excluded, isDelayed = false }: MatchOptions = {},
): PersistentVolume | undefined {
  const { selector } = claim.spec
  const selects = selector ? selectorFromObject(selector) : undefined
  const wantedClass = classOfClaim(claim)
  let smallest: PersistentVolume | undefined
  for (const volume of volumes) {
    const { metadata, spec, status } = volume
    if (excluded?.has(metadata.name) || metadata.deletionTimestamp) continue
    const isMeant = isBoundTo(volume, claim)
    if (spec.claimRef && !isMeant) continue
    if (!isLargeEnough(volume, claim) || !isSameMode(volume, claim)) continue
    if (!isSameAttributes(volume, claim)) continue
    const isNear = !node || isReachable(volume, node)
    // No other volume may take its place, even if this one cannot be reached.
    if (isMeant) return isNear ? volume : undefined
    if (isDelayed || !isNear || status.phase !== 'Available') continue
    if (selects && !selects.matches(metadata.labels)) continue
    if (classOfVolume(volume) !== wantedClass) continue
    if (!hasAccessModes(volume, claim)) continue
    if (smallest && compareQuantities(capacityOf(smallest), capacityOf(volume)) <= 0) continue
    smallest = volume
  }
  return smallest
}

/**
 * The best of all volumes: among those that can do no more than what is asked for the smallest,
 * and only then one that could be mounted in more ways.
 */
export function bestVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  isDelayed: boolean,
): PersistentVolume | undefined {
  const meant = volumes.filter((volume) => isBoundTo(volume, claim))
  const found = matchingVolume(claim, meant, { isDelayed })
  if (found || isDelayed) return found
  const groups = Map.groupBy(
    volumes.filter(({ spec }) => !spec.claimRef),
    modeCount,
  )
  for (const [, group] of [...groups].sort(([a], [b]) => a - b)) {
    const volume = matchingVolume(claim, group)
    if (volume) return volume
  }
  return undefined
}

const modeCount = ({ spec }: PersistentVolume): number => new Set(spec.accessModes).size

/** The same object when it is bound to the claim already. */
export function volumeBoundTo(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): PersistentVolume {
  const isMeant = isBoundTo(volume, claim)
  const { claimRef } = volume.spec
  const { name, namespace, uid, resourceVersion } = claim.metadata
  if (isMeant && claimRef?.uid === uid) return volume
  const { kind, apiVersion } = PersistentVolumeClaim
  const reference = { kind, namespace: namespace ?? '', name, uid, apiVersion, resourceVersion }
  // Whoever chose the claim by hand keeps the choice when the binding is undone.
  const bound = isMeant ? volume : annotated(volume, { [BOUND_BY_CONTROLLER]: YES })
  return { ...bound, spec: { ...bound.spec, claimRef: reference } }
}

/** With these annotations added. */
export function annotated<S extends PersistentVolume | PersistentVolumeClaim>(
  object: S,
  marks: Readonly<Record<string, string>>,
): S {
  const { metadata } = object
  const annotations = { ...metadata.annotations, ...marks }
  return { ...object, metadata: { ...metadata, annotations } }
}
