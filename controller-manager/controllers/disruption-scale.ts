/** How many pods there should be, as far as those that control the pods say. */
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Scale } from '#api/kinds/autoscaling/scale.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { ReplicationController } from '#api/kinds/core/replication-controller.ts'
import type { OwnerReference } from '#api/parts/meta/object-meta.ts'
import { isReason, qualified } from '#api/status.ts'
import { controllerOf } from '#client/cache.ts'
import type { ReconcileContext } from '#client/controller.ts'
import type { FoundResources } from '../found-resources.ts'

export interface ExpectedScale {
  readonly scale: number
  /** Names of pods that nobody controls. */
  readonly unmanaged: readonly string[]
}

/** Throws where one of the owners cannot say. */
export async function expectedScale(
  pods: readonly Pod[],
  resources: FoundResources,
  context: ReconcileContext,
): Promise<ExpectedScale> {
  const scales = new Map<string, number>()
  const asked = new Set<string>()
  const unmanaged: string[] = []
  for (const pod of pods) {
    const { name, namespace = '' } = pod.metadata
    const owner = controllerOf(pod)
    if (!owner) {
      unmanaged.push(name)
      continue
    }
    if (asked.has(owner.uid)) continue
    asked.add(owner.uid)
    const found =
      knownScale(owner, namespace, context) ??
      (await foundScale(owner, namespace, resources, context))
    if (!found) throw new Error(`found no controllers for pod "${name}"`)
    scales.set(found.uid, found.replicas)
  }
  return { scale: [...scales.values()].reduce((sum, each) => sum + each, 0), unmanaged }
}

interface OwnerScale {
  readonly uid: string
  readonly replicas: number
}

interface Scaled {
  readonly metadata: { readonly uid: string }
  readonly spec: { readonly replicas?: number | undefined }
}

/** From the caches, of the kinds that most pods belong to. */
function knownScale(
  owner: OwnerReference,
  namespace: string,
  { cached }: ReconcileContext,
): OwnerScale | undefined {
  const { apiVersion, kind, name, uid } = owner
  const isOf = (known: { readonly apiVersion: string; readonly kind: string }): boolean =>
    apiVersion === known.apiVersion && kind === known.kind
  const scaleOf = (object: Scaled | undefined, expected = uid): OwnerScale | undefined =>
    object?.metadata.uid === expected
      ? { uid: object.metadata.uid, replicas: object.spec.replicas ?? 0 }
      : undefined
  if (isOf(StatefulSet)) return scaleOf(cached(StatefulSet).get({ name, namespace }))
  if (isOf(ReplicationController)) {
    return scaleOf(cached(ReplicationController).get({ name, namespace }))
  }
  if (!isOf(ReplicaSet)) return undefined
  const replicaSet = cached(ReplicaSet).get({ name, namespace })
  if (replicaSet?.metadata.uid !== uid) return undefined
  // Of several revisions of a Deployment none says how many pods there should be.
  const above = controllerOf(replicaSet)
  if (above?.kind !== Deployment.kind) return scaleOf(replicaSet)
  return scaleOf(cached(Deployment).get({ name: above.name, namespace }), above.uid)
}

/** From the server: whatever has a scale, custom resources too. */
async function foundScale(
  { apiVersion, kind, name, uid }: OwnerReference,
  namespace: string,
  resources: FoundResources,
  { client, clock, signal }: ReconcileContext,
): Promise<OwnerScale | undefined> {
  const resource = await resources.of({ apiVersion, kind }, client, clock, { signal })
  if (!resource) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`)
  if (!resource.hasScale) {
    throw new Error(`${qualified(resource)} does not implement the scale subresource`)
  }
  try {
    const { metadata, spec } = await client.getSubresource(
      resource,
      { name, namespace },
      'scale',
      Scale,
      { signal },
    )
    return metadata.uid === uid ? { uid, replicas: spec.replicas ?? 0 } : undefined
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
