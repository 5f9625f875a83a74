/** The objects that a kubelet needs for one of its pods, by name in the namespace of the pod. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { configMapNames, secretNames } from '#api/rules/pods/references.ts'

export interface PodReferences {
  readonly secrets: ReadonlySet<string>
  readonly configMaps: ReadonlySet<string>
  readonly claims: ReadonlySet<string>
  readonly resourceClaims: ReadonlySet<string>
  readonly serviceAccount: string
}

const MIRROR = 'kubernetes.io/config.mirror'
const none: ReadonlySet<string> = new Set()
const nothing: PodReferences = {
  secrets: none,
  configMaps: none,
  claims: none,
  resourceClaims: none,
  serviceAccount: '',
}

export function podReferences({ metadata, spec, status }: Pod): PodReferences {
  // A kubelet makes its mirror pods itself, and must not give itself access by one.
  if (metadata.annotations?.[MIRROR] !== undefined) return nothing
  const claims = (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return persistentVolumeClaim.claimName
    return ephemeral ? `${metadata.name}-${name}` : []
  })
  const resourceClaims = [
    ...(spec.resourceClaims ?? []).map((each) => each.resourceClaimName),
    ...(status?.resourceClaimStatuses ?? []).map((each) => each.resourceClaimName),
    status?.extendedResourceClaimStatus?.resourceClaimName,
  ]
  return {
    secrets: secretNames(spec),
    configMaps: configMapNames(spec),
    claims: new Set(claims),
    resourceClaims: new Set(resourceClaims.filter((name) => name !== undefined)),
    serviceAccount: spec.serviceAccountName ?? '',
  }
}
