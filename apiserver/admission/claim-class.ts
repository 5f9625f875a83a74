/** The storage class of a claim, which claims of old name in an annotation. */
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'

const annotation = 'volume.beta.kubernetes.io/storage-class'

type Claim = Pick<PersistentVolumeClaim, 'metadata' | 'spec'>

/** Naming the empty class is a choice too. */
export const hasClass = ({ metadata, spec }: Claim): boolean =>
  metadata.annotations?.[annotation] !== undefined || spec.storageClassName !== undefined

export const classOf = ({ metadata, spec }: Claim): string =>
  metadata.annotations?.[annotation] ?? spec.storageClassName ?? ''
