/** Claims that a pod uses: those that it names, and those that are made for it. */
import type { Pod } from '../kinds/core/pod.ts'
import type { Volume } from '../parts/core/volume.ts'

/** Of a claim that is made for a volume of a pod. */
export const ephemeralClaimName = (podName: string, volumeName: string): string =>
  `${podName}-${volumeName}`

/** Undefined for volumes without claim. */
export function claimNameOf(podName: string, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName
  return volume.ephemeral ? ephemeralClaimName(podName, volume.name) : undefined
}

export function claimNamesOf({ metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): string[] {
  const names = (spec.volumes ?? []).map((volume) => claimNameOf(metadata.name, volume))
  return names.filter((name) => name !== undefined)
}

/** Why a claim of the right name is not the one that was made for the pod, in upstream's words. */
export function foreignClaim(
  pod: Pick<Pod, 'metadata'>,
  claim: {
    readonly metadata: {
      readonly name: string
      readonly namespace?: string
      readonly ownerReferences?: readonly { readonly uid: string; readonly controller?: boolean }[]
    }
  },
): string | undefined {
  const { name, namespace, uid } = pod.metadata
  const isOurs = claim.metadata.ownerReferences?.some(
    (owner) => owner.controller && owner.uid === uid,
  )
  if (isOurs && claim.metadata.namespace === namespace) return undefined
  const which = `PVC ${claim.metadata.namespace}/${claim.metadata.name}`
  return `${which} was not created for pod ${namespace}/${name} (pod is not owner)`
}
