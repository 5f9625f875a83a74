/** The two sides of a binding as they are written: the volume first, then its claim. Pure. */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  hasAnnotation,
  isBoundTo,
} from '#api/rules/volume-binding.ts'
import type { Index } from '#client/cache.ts'

const YES = 'yes'

/** By the claim that they are meant for, as `namespace/name`. */
export const volumesByClaim: Index<PersistentVolume> = {
  name: 'claim',
  values: ({ spec: { claimRef } }) =>
    claimRef ? [`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`] : [],
}

export const claimsByVolume: Index<PersistentVolumeClaim> = {
  name: 'volume',
  values: ({ spec: { volumeName } }) => (volumeName ? [volumeName] : []),
}

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

/** The same object when it is bound to the volume already. */
export function claimBoundTo(
  claim: PersistentVolumeClaim,
  { metadata }: PersistentVolume,
): PersistentVolumeClaim {
  const isChosen = claim.spec.volumeName === metadata.name
  if (isChosen && hasAnnotation(claim, BIND_COMPLETED)) return claim
  const marks = { [BIND_COMPLETED]: YES, ...(!isChosen && { [BOUND_BY_CONTROLLER]: YES }) }
  const bound = annotated(claim, marks)
  return { ...bound, spec: { ...bound.spec, volumeName: metadata.name } }
}

/** The volume is for anybody again, or for the one whom somebody chose by hand. */
export function unboundVolume(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec
  if (!hasAnnotation(volume, BOUND_BY_CONTROLLER)) {
    const { uid: _, ...reference } = claimRef ?? {}
    return { ...volume, spec: { ...spec, claimRef: reference } }
  }
  const { [BOUND_BY_CONTROLLER]: _, ...annotations } = volume.metadata.annotations ?? {}
  return { ...volume, metadata: { ...volume.metadata, annotations }, spec }
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
