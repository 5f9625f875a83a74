/** Which tokens a kubelet may ask for: those of pods bound to it, for audiences that they name. */
import type { TokenRequest } from '#api/kinds/authentication/token-request.ts'
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { CSIDriver } from '#api/kinds/storage/csi-driver.ts'
import { isReason } from '#api/status.ts'
import { mayAccess } from '../access.ts'
import type { AdmissionContext, Attributes } from '../admission.ts'
import { refused } from '../refusals.ts'
import { stored } from './pod.ts'

export async function checkToken(
  attributes: Attributes,
  nodeName: string,
  context: AdmissionContext,
): Promise<void> {
  const { operation, subresource, namespace } = attributes
  if (operation !== 'CREATE' || subresource !== 'token') return
  const { spec } = attributes.object as unknown as TokenRequest
  const { apiVersion, kind, name, uid } = spec.boundObjectRef ?? {}
  if (apiVersion !== 'v1' || kind !== 'Pod' || !name) {
    throw refused(attributes, 'node requested token not bound to a pod')
  }
  if (!uid) throw refused(attributes, 'node requested token with a pod binding without a uid')
  const pod = stored<Pod>(context, 'pods', namespace, name)
  if (uid !== pod.metadata.uid) {
    throw refused(
      attributes,
      `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
        'The object might have been deleted and then recreated',
    )
  }
  if (pod.spec.nodeName !== nodeName) {
    const why = 'node requested token bound to a pod scheduled on a different node'
    throw refused(attributes, why)
  }
  await checkAudiences(attributes, spec.audiences ?? [], pod, context)
}

/** Tokens for the API server itself, which need no name, are every pod's. */
async function checkAudiences(
  attributes: Attributes,
  audiences: readonly string[],
  pod: Pod,
  context: AdmissionContext,
): Promise<void> {
  if (audiences.length > 1) throw refused(attributes, 'node may only request 0 or 1 audiences')
  const [audience] = audiences
  if (!audience || audiencesOf(pod, context).has(audience)) return
  const { allowed } = await mayAccess(context.authorizer, attributes.user, {
    verb: 'request-serviceaccounts-token-audience',
    group: '',
    version: 'v1',
    resource: audience,
    namespace: attributes.namespace,
    name: attributes.name,
  })
  if (allowed) return
  throw refused(attributes, `audience ${JSON.stringify(audience)} not found in pod spec volume`)
}

/** Whoever a volume of the pod hands a token to: its containers, or the driver that mounts it. */
function audiencesOf(pod: Pod, context: AdmissionContext): Set<string> {
  const audiences = new Set<string>()
  for (const volume of pod.spec.volumes ?? []) {
    for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
      if (serviceAccountToken?.audience) audiences.add(serviceAccountToken.audience)
    }
    const driver = volume.csi?.driver ?? driverOfClaim(pod, volume, context)
    for (const audience of audiencesOfDriver(driver, context)) audiences.add(audience)
  }
  return audiences
}

type Volume = NonNullable<Pod['spec']['volumes']>[number]

function driverOfClaim(
  { metadata }: Pod,
  { name, persistentVolumeClaim, ephemeral }: Volume,
  context: AdmissionContext,
): string | undefined {
  const claimName = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`)
  if (!claimName) return undefined
  const namespace = metadata.namespace ?? ''
  const read = <T>(plural: string, space: string, of: string): T | undefined => {
    try {
      return stored<T>(context, plural, space, of)
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
  const claim = read<PersistentVolumeClaim>('persistentvolumeclaims', namespace, claimName)
  const volumeName = claim?.spec.volumeName
  if (!volumeName) return undefined
  return read<PersistentVolume>('persistentvolumes', '', volumeName)?.spec.csi?.driver
}

function audiencesOfDriver(driver: string | undefined, { cache }: AdmissionContext): string[] {
  if (!driver) return []
  const found = cache.of<CSIDriver>('csidrivers', 'storage.k8s.io').get('', driver)
  return (found?.spec.tokenRequests ?? []).map(({ audience }) => audience)
}
