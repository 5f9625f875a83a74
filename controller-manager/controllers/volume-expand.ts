/** Lets volumes grow with their claims, where that can be done from here. */
import { findCondition, withCondition, withoutCondition } from '#api/conditions.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { compareQuantities } from '#api/quantity.ts'
import { LOCAL_PATH_PROVISIONER } from '#api/rules/local-path-volume.ts'
import { capacityOf, PROVISIONED_BY, wantedCapacity } from '#api/rules/volume-binding.ts'
import { epochToTime } from '#api/time.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import { claimsByVolume } from './persistent-volume-binding.ts'

const RESIZING = 'Resizing'

export const volumeExpandController = defineController<PersistentVolumeClaim>({
  name: 'persistentvolume-expander-controller',
  component: 'volume_expand',
  for: PersistentVolumeClaim,
  watches: [watching(PersistentVolume, claimsOfVolume)],
  async reconcile(claim, context) {
    const volume = context.cached(PersistentVolume).get({ name: claim.spec.volumeName ?? '-' })
    if (!volume || !wantsMore(claim, volume)) return
    if (volume.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH_PROVISIONER) {
      return grow(claim, volume, context)
    }
    const message = 'waiting for an external controller to expand this PVC'
    // A driver can be expected to do it; for anything else nobody will come.
    const type = volume.spec.csi || volume.spec.flexVolume ? 'normal' : 'warning'
    context.events[type](claim, 'ExternalExpanding', message)
  },
})

/** Whether the claim has this very volume, and asks for more than it has got so far. */
function wantsMore(claim: PersistentVolumeClaim, { spec }: PersistentVolume): boolean {
  const { status, metadata } = claim
  if (status.phase !== 'Bound' || spec.claimRef?.uid !== metadata.uid) return false
  return compareQuantities(wantedCapacity(claim), status.capacity?.storage ?? '0') > 0
}

/** A directory has no bound of its own: what grows are the figures. */
async function grow(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { client, clock, events }: ReconcileContext,
): Promise<void> {
  const now = epochToTime(Math.floor(clock.now() / 1000))
  const storage = wantedCapacity(claim)
  const { conditions = [] } = claim.status
  const resizing = { type: RESIZING, status: 'True', lastProbeTime: null, reason: '', message: '' }
  let present = claim
  if (compareQuantities(capacityOf(volume), storage) < 0) {
    if (!findCondition(conditions, RESIZING)) {
      const marked = [...withCondition(conditions, resizing as (typeof conditions)[number], now)]
      const status = { ...claim.status, conditions: marked }
      present = await client.updateStatus(PersistentVolumeClaim, claim, status)
    }
    const spec = { ...volume.spec, capacity: { ...volume.spec.capacity, storage } }
    await client.update(PersistentVolume, { ...volume, spec })
  }
  await client.updateStatus(PersistentVolumeClaim, present, {
    ...present.status,
    capacity: { ...present.status.capacity, storage },
    conditions: [...withoutCondition(present.status.conditions ?? [], RESIZING)],
  })
  events.normal(claim, 'VolumeResizeSuccessful', 'Resize volume succeeded')
}

function* claimsOfVolume(
  { metadata }: PersistentVolume,
  { cached }: CacheAccess,
): Iterable<Reference> {
  const claims = cached(PersistentVolumeClaim).by(claimsByVolume, metadata.name)
  for (const claim of claims) yield claim.metadata
}
