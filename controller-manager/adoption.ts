/** Whose objects are whose: owners take up orphans that they select, and let go of strangers. */
import type { LabelSelector } from '#api/label-selector.ts'
import { isReason } from '#api/status.ts'
import { controllerOf } from '#client/cache.ts'
import type { CacheAccess, ReconcileContext, Watched } from '#client/controller.ts'
import { watching } from '#client/controller.ts'
import type { ApiObject, Reference, Resource } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { controllerReference } from './pods.ts'

/** In a strategic patch: elements to take out of the list. */
export const FINALIZERS_WITHOUT = '$deleteFromPrimitiveList/finalizers'

export interface Claims<T> {
  /** Owned already, and to stay so. */
  readonly kept: readonly T[]
  readonly adopt: readonly T[]
  readonly release: readonly T[]
}

/** Pure: an owner that is being deleted keeps what it has, whatever it is. */
export function planClaims<T extends ApiObject>(
  owner: ApiObject,
  selector: LabelSelector,
  candidates: Iterable<T>,
): Claims<T> {
  const [kept, adopt, release]: [T[], T[], T[]] = [[], [], []]
  const isLeaving = Boolean(owner.metadata.deletionTimestamp)
  for (const object of candidates) {
    const { labels, deletionTimestamp } = object.metadata
    const owned = controllerOf(object)
    if (owned && owned.uid !== owner.metadata.uid) continue
    if (owned) (isLeaving || selector.matches(labels) ? kept : release).push(object)
    else if (!isLeaving && !deletionTimestamp && selector.matches(labels)) adopt.push(object)
  }
  return { kept, adopt, release }
}

export interface ClaimOptions<S extends ApiObject, T extends ApiObject> {
  readonly ownerKind: Resource<S, unknown>
  readonly owner: S
  readonly selector: LabelSelector
  readonly kind: Resource<T, unknown>
  /** Others are left alone. */
  readonly concerns?: (object: T) => boolean
  /** Comes and goes with the ownership. */
  readonly finalizer?: string
}

/** All that belongs to the owner, once orphans are adopted and strangers released. */
export async function claim<S extends ApiObject, T extends ApiObject>(
  options: ClaimOptions<S, T>,
  context: ReconcileContext,
): Promise<readonly T[]> {
  const { owner, selector, kind, concerns = () => true } = options
  const cache = context.cached(kind)
  const selected = cache.matching(selector, owner.metadata.namespace)
  const candidates = new Set([...cache.ownedBy(owner), ...selected])
  const concerned = [...candidates].filter(concerns)
  const { kept, adopt, release } = planClaims(owner, selector, concerned)
  if (adopt.length > 0) await assertStillThere(options, context)
  const [adopted] = await Promise.all([
    settleAll(adopt.map((object) => adoptOne(options, object, context))),
    settleAll(release.map((object) => releaseOne(options, object, context))),
  ])
  return [...kept, ...adopted.filter((object) => object !== undefined)]
}

/** The cache may not know yet that the owner is gone; its children must stay orphans then. */
async function assertStillThere<S extends ApiObject, T extends ApiObject>(
  { ownerKind, owner }: ClaimOptions<S, T>,
  { client }: ReconcileContext,
): Promise<void> {
  const { metadata } = await client.get(ownerKind, owner)
  const { uid, name, deletionTimestamp } = metadata
  if (uid !== owner.metadata.uid) {
    throw new Error(`adopt for ${name}: uid is ${uid}, wanted ${owner.metadata.uid}`)
  }
  if (deletionTimestamp) throw new Error(`adopt for ${name}: it is being deleted`)
}

async function adoptOne<S extends ApiObject, T extends ApiObject>(
  { ownerKind, owner, kind, finalizer }: ClaimOptions<S, T>,
  { metadata }: T,
  { client }: ReconcileContext,
): Promise<T | undefined> {
  const ownerReferences = [controllerReference(ownerKind, owner)]
  const finalizers = finalizer === undefined ? {} : { finalizers: [finalizer] }
  const patch = { metadata: { ownerReferences, uid: metadata.uid, ...finalizers } }
  try {
    return await client.patch(kind, metadata, patch, { type: 'strategic' })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

async function releaseOne<S extends ApiObject, T extends ApiObject>(
  { owner, kind, finalizer }: ClaimOptions<S, T>,
  { metadata }: T,
  { client }: ReconcileContext,
): Promise<void> {
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }]
  const without = finalizer === undefined ? {} : { [FINALIZERS_WITHOUT]: [finalizer] }
  const patch = { metadata: { ownerReferences, uid: metadata.uid, ...without } }
  try {
    await client.patch(kind, metadata, patch, { type: 'strategic' })
  } catch (error) {
    // Gone, replaced by a namesake, or without any owner: it is released all the same.
    if (!isReason(error, 'NotFound', 'Invalid')) throw error
  }
}

/** Changes of orphans concern every owner that would adopt them. */
export function orphansOf<S extends ApiObject, T extends ApiObject>(
  ownerKind: Resource<S, unknown>,
  kind: Resource<T, unknown>,
  selectorOf: (owner: S) => LabelSelector,
): Watched {
  return watching(kind, (object: T, { cached }: CacheAccess): Iterable<Reference> => {
    const { labels, namespace } = object.metadata
    if (controllerOf(object) || !labels) return []
    return cached(ownerKind)
      .list(namespace)
      .filter((owner) => selectorOf(owner).matches(labels))
      .map(({ metadata }) => metadata)
  })
}
