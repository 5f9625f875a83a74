/** Makes the claims of pods whose volumes live as long as the pods do. */
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Volume } from '#api/parts/core/volume.ts'
import { ephemeralClaimName, foreignClaim } from '#api/rules/pod-claims.ts'
import type { Input } from '#api/schema.ts'
import { defineController, type ReconcileContext } from '#client/controller.ts'
import { controllerReference, isNamespaceTerminating, messageOf } from '../pods.ts'

export const ephemeralVolumeController = defineController<Pod>({
  name: 'ephemeral-volume-controller',
  component: 'ephemeral_volume',
  for: Pod,
  owns: [PersistentVolumeClaim],
  async reconcile(pod, context) {
    if (pod.metadata.deletionTimestamp) return
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.ephemeral) await makeClaim(pod, volume, context)
    }
  },
})

async function makeClaim(pod: Pod, volume: Volume, context: ReconcileContext): Promise<void> {
  const { cached, client, events } = context
  const claim = claimFor(pod, volume)
  try {
    const present = cached(PersistentVolumeClaim).get(claim)
    const problem = present && foreignClaim(pod, present)
    if (problem !== undefined) throw new Error(problem)
    if (!present) await client.create(PersistentVolumeClaim, claim)
  } catch (error) {
    if (isNamespaceTerminating(error)) return
    const message = `ephemeral volume ${volume.name}: ${messageOf(error)}`
    events.warning(pod, 'FailedBinding', message)
    throw error
  }
}

/** Of a volume that asks for one. It goes with the pod, which is its owner. */
function claimFor(pod: Pod, { name, ephemeral }: Volume) {
  const { metadata, spec } = ephemeral?.volumeClaimTemplate ?? { metadata: {}, spec: undefined }
  const { labels, annotations } = metadata
  return {
    metadata: {
      name: ephemeralClaimName(pod.metadata.name, name),
      namespace: pod.metadata.namespace ?? '',
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ownerReferences: [controllerReference(Pod, pod)],
    },
    spec: spec as NonNullable<Input<typeof PersistentVolumeClaim>['spec']>,
  }
}
