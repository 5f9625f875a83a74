/** Keeps volumes that are bound, and claims that pods use, until nobody needs them any more. */
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { claimNamesOf, foreignClaim } from '#api/rules/pod-claims.ts'
import { isReason } from '#api/status.ts'
import type { Index } from '#client/cache.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import { keyOf, type Reference, type Resource } from '#client/resource.ts'

const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'
const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'

const podsByClaim: Index<Pod> = {
  name: 'claim',
  values: (pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`),
}

type Protected = PersistentVolume | PersistentVolumeClaim

export const volumeProtection = defineController<PersistentVolume>({
  name: 'persistentvolume-protection-controller',
  for: PersistentVolume,
  async reconcile(volume, { client }) {
    const isUsed = volume.status.phase === 'Bound'
    await protect(client, PersistentVolume, volume, VOLUME_FINALIZER, async () => isUsed)
  },
})

export const claimProtection = defineController<PersistentVolumeClaim>({
  name: 'persistentvolumeclaim-protection-controller',
  for: PersistentVolumeClaim,
  watches: [watching(Pod, claimsOfPod)],
  async reconcile(claim, context) {
    const isUsed = (): Promise<boolean> => isInUse(claim, context)
    await protect(context.client, PersistentVolumeClaim, claim, CLAIM_FINALIZER, isUsed)
  },
})

async function protect<S extends Protected>(
  client: ReconcileContext['client'],
  kind: Resource<S, object>,
  object: S,
  finalizer: string,
  isUsed: () => Promise<boolean>,
): Promise<void> {
  const { finalizers = [], deletionTimestamp } = object.metadata
  const isHeld = finalizers.includes(finalizer)
  // What is going already cannot be held any more.
  if (isHeld !== Boolean(deletionTimestamp) || (isHeld && (await isUsed()))) return
  const wanted = isHeld
    ? finalizers.filter((each) => each !== finalizer)
    : [...finalizers, finalizer]
  const metadata = { ...object.metadata, finalizers: wanted }
  try {
    await client.update(kind, { ...object, metadata })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** The cache may be behind: only the server can say that nobody uses the claim. */
async function isInUse(
  claim: PersistentVolumeClaim,
  { cached, client }: ReconcileContext,
): Promise<boolean> {
  const uses = (pod: Pod): boolean => usesClaim(pod, claim)
  if (cached(Pod).by(podsByClaim, keyOf(claim)).some(uses)) return true
  const pods = await client.list(Pod, { namespace: claim.metadata.namespace ?? '' })
  return pods.some(uses)
}

/** A pod without node never starts once the claim is going, and so does not hold it. */
function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false
  const { name } = claim.metadata
  const volumes = pod.spec.volumes ?? []
  if (volumes.some((volume) => volume.persistentVolumeClaim?.claimName === name)) return true
  if (isShutDown(pod) || foreignClaim(pod, claim) !== undefined) return false
  return claimNamesOf(pod).includes(name)
}

/** Its containers have ended, and only finalizers keep it: a claim that is its own may go first. */
const isShutDown = ({ metadata }: Pod): boolean =>
  Boolean(metadata.deletionTimestamp) && metadata.deletionGracePeriodSeconds === 0

function* claimsOfPod(pod: Pod, { cached }: CacheAccess): Iterable<Reference> {
  for (const name of claimNamesOf(pod)) {
    const claim = cached(PersistentVolumeClaim).get({ name, namespace: pod.metadata.namespace })
    if (claim?.metadata.deletionTimestamp) yield claim.metadata
  }
}
