/** projected: several sources in one directory, with tokens of the pod's account among them. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type {
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '#api/parts/core/projected-volume.ts'
import { payloadOfConfigMap } from './config-map.ts'
import { ownershipOf } from './ownership.ts'
import { downwardPayload, merged, type Payload } from './payload.ts'
import { payloadOfSecret } from './secret.ts'
import type { VolumeContext, VolumeType } from './volume-type.ts'
import { writeVolume } from './written-volume.ts'

export const projected: VolumeType<ProjectedVolumeSource> = {
  folder: 'kubernetes.io~projected',
  async setUp({ sources, defaultMode }, context) {
    const payloads: Payload[] = []
    const problems: string[] = []
    for (const source of sources ?? []) {
      try {
        payloads.push(await payloadOf(source, defaultMode ?? 0o644, context))
      } catch (error) {
        problems.push((error as Error).message)
      }
    }
    const [first, ...more] = problems
    if (first !== undefined) throw new Error(more.length ? `[${problems.join(', ')}]` : first)
    return writeVolume(merged(payloads), context)
  },
}

async function payloadOf(
  source: VolumeProjection,
  mode: number,
  context: VolumeContext,
): Promise<Payload> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  if (configMap) {
    const selection = { items: configMap.items, mode, isOptional: configMap.optional ?? false }
    return payloadOfConfigMap(configMap.name ?? '', selection, context)
  }
  if (secret) {
    const selection = { items: secret.items, mode, isOptional: secret.optional ?? false }
    return payloadOfSecret(secret.name ?? '', selection, context)
  }
  if (downwardAPI) {
    return downwardPayload(downwardAPI.items ?? [], mode, context.pod, context.parts.node())
  }
  if (serviceAccountToken) return tokenPayload(serviceAccountToken, mode, context)
  if (source.clusterTrustBundle) {
    const { name, path, optional } = source.clusterTrustBundle
    // The API server serves no bundles, so that there is none to be found.
    if (optional) return new Map([[path, { data: Buffer.alloc(0), mode }]])
    throw new Error(`clustertrustbundle "${name ?? path}" not found: this cluster serves none`)
  }
  throw new Error('podCertificate sources of projected volumes are not supported by this kubelet')
}

const TOKEN_SECONDS = 3600
/** Tokens are for the account of the pod alone, where it is known who that is. */
const PRIVATE_MODE = 0o600

async function tokenPayload(
  { audience, expirationSeconds, path }: ServiceAccountTokenProjection,
  mode: number,
  { pod, parts }: VolumeContext,
): Promise<Payload> {
  const token = await parts.tokens.token(pod, {
    audiences: audience ? [audience] : [],
    expirationSeconds: expirationSeconds ?? TOKEN_SECONDS,
  })
  const userId = onlyUser(pod)
  const isPrivate = userId !== undefined || ownershipOf(pod) !== undefined
  const file = {
    data: Buffer.from(token),
    mode: isPrivate ? PRIVATE_MODE : mode,
    ...(userId !== undefined && { userId }),
  }
  return new Map([[path, file]])
}

/** The user that all containers run as; undefined where they differ or the image decides. */
export function onlyUser({ spec }: Pod): number | undefined {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const users = new Set(
    all.map(({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser),
  )
  const [user] = users
  return users.size === 1 ? user : undefined
}
