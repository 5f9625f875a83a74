/** The two sides of a binding as they are written: the volume first, then its claim. Pure. */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import {
  annotated,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  hasAnnotation,
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
