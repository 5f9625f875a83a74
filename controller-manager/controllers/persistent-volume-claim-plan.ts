/** What becomes of a claim: bound, provisioned, left waiting, or lost. Pure. */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { StorageClass } from '#api/kinds/storage/storage-class.ts'
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  bestVolume,
  classOfClaim,
  hasAnnotation,
  isBoundTo,
  mismatch,
  SELECTED_NODE,
  waitsForConsumer,
} from '#api/rules/volume-binding.ts'

export interface Report {
  readonly type: 'normal' | 'warning'
  readonly reason: string
  readonly message: string
}

export type ClaimPlan =
  | { readonly type: 'bind'; readonly volume: PersistentVolume }
  | { readonly type: 'pending'; readonly report?: Report }
  | { readonly type: 'lost'; readonly report: Report }
  /** It named no class, and there is a default one. */
  | { readonly type: 'class'; readonly name: string }
  | { readonly type: 'provision'; readonly provisioner: string }

/** What the plan is made from. */
export interface ClaimView {
  /** Those that might do: of the class of the claim and free, or meant for the claim. */
  readonly candidates: () => readonly PersistentVolume[]
  readonly volume: (name: string) => PersistentVolume | undefined
  readonly storageClass: (name: string) => StorageClass | undefined
  readonly defaultClass: () => StorageClass | undefined
  /** Names of pods that use the claim and have no node yet. */
  readonly waitingPods: () => readonly string[]
}

export function planClaim(claim: PersistentVolumeClaim, view: ClaimView): ClaimPlan {
  const { volumeName } = claim.spec
  if (hasAnnotation(claim, BIND_COMPLETED)) return planBound(claim, view)
  return volumeName ? planChosen(claim, view, volumeName) : planFree(claim, view)
}

const normal = (reason: string, message: string): Report => ({ type: 'normal', reason, message })
const warning = (reason: string, message: string): Report => ({ type: 'warning', reason, message })
const lost = (reason: string, message: string): ClaimPlan => ({
  type: 'lost',
  report: warning(reason, message),
})

function planBound(claim: PersistentVolumeClaim, view: ClaimView): ClaimPlan {
  const { volumeName } = claim.spec
  if (!volumeName) {
    const why = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'
    return lost('ClaimLost', why)
  }
  const volume = view.volume(volumeName)
  if (!volume) {
    const why = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
    return lost('ClaimLost', why)
  }
  const { claimRef } = volume.spec
  if (!claimRef || claimRef.uid === claim.metadata.uid) return { type: 'bind', volume }
  const why = 'Two claims are bound to the same volume, this one is bound incorrectly'
  return lost('ClaimMisbound', why)
}

function planChosen(claim: PersistentVolumeClaim, view: ClaimView, name: string): ClaimPlan {
  const volume = view.volume(name)
  if (!volume) return { type: 'pending' }
  if (isBoundTo(volume, claim)) return { type: 'bind', volume }
  if (!volume.spec.claimRef) {
    const why = mismatch(volume, claim)
    if (why === undefined) return { type: 'bind', volume }
    const message = `Cannot bind to requested volume "${name}": ${why}`
    return { type: 'pending', report: warning('VolumeMismatch', message) }
  }
  const { namespace, name: other } = volume.spec.claimRef
  const isOurChoice = hasAnnotation(claim, BOUND_BY_CONTROLLER)
  const message = isOurChoice
    ? `invalid binding of claim to volume "${name}": it is bound to ${namespace}/${other}`
    : `volume "${name}" already bound to a different claim.`
  return { type: 'pending', report: warning('FailedBinding', message) }
}

function planFree(claim: PersistentVolumeClaim, view: ClaimView): ClaimPlan {
  const className = classOfClaim(claim)
  const storageClass = className ? view.storageClass(className) : undefined
  const isDelayed = waitsForConsumer(storageClass)
  const volume = bestVolume(claim, view.candidates(), isDelayed)
  if (volume) return { type: 'bind', volume }
  const fallback = hasNoClass(claim) ? view.defaultClass() : undefined
  if (fallback) return { type: 'class', name: fallback.metadata.name }
  if (isDelayed && !claim.metadata.annotations?.[SELECTED_NODE]) {
    return { type: 'pending', report: waiting(view.waitingPods()) }
  }
  if (className) return planProvision(className, storageClass)
  const message = 'no persistent volumes available for this claim and no storage class is set'
  return { type: 'pending', report: normal('FailedBinding', message) }
}

/** Naming the empty class is a choice too. */
const hasNoClass = (claim: PersistentVolumeClaim): boolean =>
  claim.spec.storageClassName === undefined && classOfClaim(claim) === ''

function waiting(pods: readonly string[]): Report {
  if (pods.length === 0) {
    const message = 'waiting for first consumer to be created before binding'
    return normal('WaitForFirstConsumer', message)
  }
  const which = pods.length === 1 ? 'pod' : 'pods'
  return normal('WaitForPodScheduled', `waiting for ${which} ${pods.join(',')} to be scheduled`)
}

/** Provisioners with this prefix were part of Kubernetes once; none is left. */
const BUILT_IN = 'kubernetes.io/'

function planProvision(className: string, storageClass: StorageClass | undefined): ClaimPlan {
  const failed = (why: string): ClaimPlan => ({
    type: 'pending',
    report: warning('ProvisioningFailed', why),
  })
  if (!storageClass) return failed(`storageclass.storage.k8s.io "${className}" not found`)
  const { provisioner } = storageClass
  if (provisioner.startsWith(BUILT_IN)) {
    return failed(`no volume plugin matched name: ${provisioner}`)
  }
  return { type: 'provision', provisioner }
}
