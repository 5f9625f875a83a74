/** Follows volumes through their lives: free, bound, released, and reclaimed. */
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { hasAnnotation, isSameMode, PROVISIONED_BY } from '#api/rules/volume-binding.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import { keyOf, type Reference } from '#client/resource.ts'
import { unboundVolume, volumesByClaim } from './persistent-volume-binding.ts'
import { setPhase } from './persistent-volume-phase.ts'

export type VolumePlan =
  | { readonly type: 'phase'; readonly phase: 'Available' | 'Bound' }
  /** Its claim is gone, or has another volume. */
  | { readonly type: 'reclaim' }
  | { readonly type: 'unbind' }
  /** The claim has not heard of its volume yet, and its controller goes on. */
  | { readonly type: 'wait' }
  | { readonly type: 'mismatch' }

/** Pure. `claim` is the one of the right name, whichever UID it has. */
export function planVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
): VolumePlan {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec
  // Without UID it waits for a claim that somebody has named beforehand.
  if (!claimRef?.uid) return { type: 'phase', phase: 'Available' }
  if (claim?.metadata.uid !== claimRef.uid) return { type: 'reclaim' }
  const { volumeName } = claim.spec
  if (!volumeName) return isSameMode(volume, claim) ? { type: 'wait' } : { type: 'mismatch' }
  if (volumeName === volume.metadata.name) return { type: 'phase', phase: 'Bound' }
  const isMadeForIt = hasAnnotation(volume, PROVISIONED_BY) && policy === 'Delete'
  return isMadeForIt ? { type: 'reclaim' } : { type: 'unbind' }
}

export const persistentVolumeBinder = defineController<PersistentVolume>({
  name: 'persistent-volume-binder',
  component: 'persistentvolume-controller',
  for: PersistentVolume,
  watches: [watching(PersistentVolumeClaim, volumesOfClaim)],
  async reconcile(volume, context) {
    const { client, clock } = context
    const claim = await claimOf(volume, context)
    const plan = planVolume(volume, claim)
    switch (plan.type) {
      case 'phase':
        await setPhase(client, volume, plan, clock.now())
        return
      case 'unbind':
        // Its phase follows when the change is seen.
        await client.update(PersistentVolume, unboundVolume(volume))
        return
      case 'reclaim':
        return reclaim(volume, context)
      case 'mismatch':
        return tellMismatch(volume, claim!, context)
      default:
    }
  },
})

function* volumesOfClaim(
  claim: PersistentVolumeClaim,
  { cached }: CacheAccess,
): Iterable<Reference> {
  const { volumeName } = claim.spec
  if (volumeName) yield { name: volumeName }
  for (const { metadata } of cached(PersistentVolume).by(volumesByClaim, keyOf(claim))) {
    yield { name: metadata.name }
  }
}

const hasEnded = ({ status }: PersistentVolume): boolean =>
  status.phase === 'Released' || status.phase === 'Failed'

/** Data must not be deleted because a cache is behind: where it matters the server is asked. */
async function claimOf(
  volume: PersistentVolume,
  { cached, client }: ReconcileContext,
): Promise<PersistentVolumeClaim | undefined> {
  const { name = '', namespace = '', uid } = volume.spec.claimRef ?? {}
  if (!uid) return undefined
  const found = cached(PersistentVolumeClaim).get({ name, namespace })
  if (found?.metadata.uid === uid || hasEnded(volume)) return found
  return client.find(PersistentVolumeClaim, { name, namespace })
}

async function reclaim(volume: PersistentVolume, context: ReconcileContext): Promise<void> {
  const { client, clock } = context
  if (!hasEnded(volume)) {
    await setPhase(client, volume, { phase: 'Released' }, clock.now())
    // The rest follows when the change is seen.
    return
  }
  const failure = reclaimFailure(volume)
  if (!failure) return
  const { reason, message } = failure
  const isNew = await setPhase(client, volume, { phase: 'Failed', message }, clock.now())
  if (isNew) context.events.warning(volume, reason, message)
}

/** Why nobody can do what the policy says; what provisioners have made they also delete. */
export function reclaimFailure({ metadata, spec }: PersistentVolume) {
  const provisioner = metadata.annotations?.[PROVISIONED_BY]
  switch (spec.persistentVolumeReclaimPolicy) {
    case 'Retain':
      return undefined
    case 'Delete': {
      if (provisioner && !provisioner.startsWith('kubernetes.io/')) return undefined
      const why = provisioner
        ? `no volume plugin matched name: ${provisioner}`
        : 'no deletable volume plugin matched'
      const message = `error getting deleter volume plugin for volume "${metadata.name}": ${why}`
      return { reason: 'VolumeFailedDelete', message }
    }
    case 'Recycle': {
      const message = 'No recycler plugin found for the volume!'
      return { reason: 'VolumeFailedRecycle', message }
    }
    default: {
      const message = 'Volume has an unrecognized reclaim policy.'
      return { reason: 'VolumeUnknownReclaimPolicy', message }
    }
  }
}

/** Of a choice that somebody made by hand. */
function tellMismatch(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  { events }: ReconcileContext,
): void {
  const why = 'due to incompatible volumeMode.'
  const wanted = `requested PersistentVolumeClaim "${claim.metadata.name}"`
  events.warning(volume, 'VolumeMismatch', `Cannot bind PersistentVolume to ${wanted} ${why}`)
  const ours = `PersistentVolume "${volume.metadata.name}"`
  const message = `Cannot bind ${ours} to requested PersistentVolumeClaim ${why}`
  events.warning(claim, 'VolumeMismatch', message)
}
