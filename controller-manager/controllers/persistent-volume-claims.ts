/** Binds claims to volumes, and asks provisioners for volumes where there is none. */
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { defaultClass, storageClassMarks } from '#api/rules/default-class.ts'
import { claimNamesOf } from '#api/rules/pod-claims.ts'
import { annotated, classOfClaim, classOfVolume, volumeBoundTo } from '#api/rules/volume-binding.ts'
import { isReason } from '#api/status.ts'
import type { Index } from '#client/cache.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import { keyOf, type Reference, referenceFromKey } from '#client/resource.ts'
import { claimBoundTo, claimsByVolume, volumesByClaim } from './persistent-volume-binding.ts'
import { type ClaimView, planClaim, type Report } from './persistent-volume-claim-plan.ts'
import { setPhase } from './persistent-volume-phase.ts'

/** Both names of the same thing: provisioners look for either. */
const provisionerMarks = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
]

/** Volumes that nobody is meant to have. */
const freeByClass: Index<PersistentVolume> = {
  name: 'class of free ones',
  values: (volume) => (volume.spec.claimRef ? [] : [classOfVolume(volume)]),
}

const unboundByClass: Index<PersistentVolumeClaim> = {
  name: 'class of unbound ones',
  values: (claim) => (claim.spec.volumeName ? [] : [classOfClaim(claim)]),
}

const waitingByClaim: Index<Pod> = {
  name: 'claim of pods without node',
  values: (pod) =>
    pod.spec.nodeName ? [] : claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`),
}

export const persistentVolumeClaimBinder = defineController<PersistentVolumeClaim>({
  name: 'persistent-volume-claim-binder',
  component: 'persistentvolume-controller',
  for: PersistentVolumeClaim,
  watches: [
    watching(PersistentVolume, claimsOfVolume),
    watching(StorageClass, claimsOfClass),
    watching(Pod, claimsOfPod),
  ],
  // Volumes are given out one by one, or several claims would choose the same one.
  workers: 1,
  async reconcile(claim, context) {
    const plan = planClaim(claim, viewFor(claim, context))
    switch (plan.type) {
      case 'bind':
        return bind(claim, plan.volume, context)
      case 'class':
        await context.client.update(PersistentVolumeClaim, {
          ...claim,
          spec: { ...claim.spec, storageClassName: plan.name },
        })
        return
      case 'lost':
        if (claim.status.phase === 'Lost') return
        await setUnbound(claim, 'Lost', context)
        return report(claim, plan.report, context)
      case 'provision':
        return provision(claim, plan.provisioner, context)
      default:
        if (plan.report) report(claim, plan.report, context)
        await setUnbound(claim, 'Pending', context)
    }
  },
})

function report(
  claim: PersistentVolumeClaim,
  { type, reason, message }: Report,
  { events }: ReconcileContext,
): void {
  events[type](claim, reason, message)
}

function viewFor(claim: PersistentVolumeClaim, { cached }: ReconcileContext): ClaimView {
  const volumes = cached(PersistentVolume)
  return {
    candidates: () => [
      ...volumes.by(volumesByClaim, keyOf(claim)),
      ...volumes.by(freeByClass, classOfClaim(claim)),
    ],
    volume: (name) => volumes.get({ name }),
    storageClass: (name) => cached(StorageClass).get({ name }),
    defaultClass: () => defaultClass(cached(StorageClass).list(), storageClassMarks),
    waitingPods: () =>
      cached(Pod)
        .by(waitingByClaim, keyOf(claim))
        .map(({ metadata }) => metadata.name)
        .sort(),
  }
}

/** In this order, so that whatever is missing after a crash can be made up for. */
async function bind(
  claim: PersistentVolumeClaim,
  chosen: PersistentVolume,
  { client, clock }: ReconcileContext,
): Promise<void> {
  const wanted = volumeBoundTo(chosen, claim)
  const volume = wanted === chosen ? chosen : await client.update(PersistentVolume, wanted)
  await setPhase(client, volume, { phase: 'Bound' }, clock.now())
  const wantedClaim = claimBoundTo(claim, volume)
  const bound =
    wantedClaim === claim ? claim : await client.update(PersistentVolumeClaim, wantedClaim)
  const { accessModes = [], capacity, volumeAttributesClassName } = volume.spec
  // Later on the size of the claim is that of the file system, which may lag behind.
  const isNew = bound.status.phase !== 'Bound' || !bound.status.capacity
  await client.updateStatus(PersistentVolumeClaim, bound, {
    ...bound.status,
    phase: 'Bound',
    accessModes,
    ...(isNew && capacity && { capacity }),
    ...(isNew &&
      volumeAttributesClassName && { currentVolumeAttributesClassName: volumeAttributesClassName }),
  })
}

async function setUnbound(
  claim: PersistentVolumeClaim,
  phase: 'Pending' | 'Lost',
  { client }: ReconcileContext,
): Promise<void> {
  const {
    accessModes: _,
    capacity: __,
    currentVolumeAttributesClassName: ___,
    ...status
  } = claim.status
  await client.updateStatus(PersistentVolumeClaim, claim, { ...status, phase })
}

async function provision(
  claim: PersistentVolumeClaim,
  provisioner: string,
  context: ReconcileContext,
): Promise<void> {
  const { client, events } = context
  await setUnbound(claim, 'Pending', context)
  // The volume is on its way, and so is the claim.
  if (claim.metadata.deletionTimestamp) return
  const marks = Object.fromEntries(provisionerMarks.map((name) => [name, provisioner]))
  const isAsked = provisionerMarks.every(
    (name) => claim.metadata.annotations?.[name] === provisioner,
  )
  try {
    if (!isAsked) await client.update(PersistentVolumeClaim, annotated(claim, marks))
  } catch (error) {
    if (!isReason(error, 'Conflict')) {
      events.warning(claim, 'ProvisioningFailed', `Error saving claim: ${error}`)
    }
    throw error
  }
  events.normal(
    claim,
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
      'or manually by the system administrator. If volume creation is delayed, please verify ' +
      'that the provisioner is running and correctly registered.',
  )
}

function* claimsOfVolume(volume: PersistentVolume, { cached }: CacheAccess): Iterable<Reference> {
  const claims = cached(PersistentVolumeClaim)
  for (const key of volumesByClaim.values(volume)) yield referenceFromKey(key)
  for (const { metadata } of claims.by(claimsByVolume, volume.metadata.name)) yield metadata
  if (volume.spec.claimRef || volume.status.phase !== 'Available') return
  for (const { metadata } of claims.by(unboundByClass, classOfVolume(volume))) yield metadata
}

function* claimsOfClass({ metadata }: StorageClass, { cached }: CacheAccess): Iterable<Reference> {
  const claims = cached(PersistentVolumeClaim)
  for (const name of [metadata.name, '']) {
    for (const claim of claims.by(unboundByClass, name)) yield claim.metadata
  }
}

/** Pods without node are what claims say that they wait for. */
function* claimsOfPod(pod: Pod, { cached }: CacheAccess): Iterable<Reference> {
  if (pod.spec.nodeName) return
  for (const name of claimNamesOf(pod)) {
    const claim = cached(PersistentVolumeClaim).get({ name, namespace: pod.metadata.namespace })
    if (claim && !claim.spec.volumeName) yield claim.metadata
  }
}
