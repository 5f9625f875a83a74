/** Pods as their controllers see them: which count, which go first, and how new ones are made. */
import { findCondition } from '#api/conditions.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { dnsSubdomainName } from '#api/names.ts'
import type { podSpec } from '#api/parts/core/pod-spec.ts'
import type { PodTemplateSpec } from '#api/parts/core/pod-template.ts'
import type { OwnerReference } from '#api/parts/meta/object-meta.ts'
import type { Input } from '#api/schema.ts'
import { isReason, type StatusError } from '#api/status.ts'
import { timeToEpoch } from '#api/time.ts'
import type { ReconcileContext } from '#client/controller.ts'
import type { AnyResource, ApiObject } from '#client/resource.ts'

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
/** Upstream takes costs as 32-bit numbers in plain decimals, and all else as none. */
const COST = /^(0|-?[1-9][0-9]*)$/
const COST_MAX = 2 ** 31 - 1

type Ended = Pick<Pod, 'status'>

export const hasEnded = ({ status }: Ended): boolean =>
  status.phase === 'Succeeded' || status.phase === 'Failed'

/** Neither ended nor on its way out. */
export const isActive = (pod: Pod): boolean => !hasEnded(pod) && !pod.metadata.deletionTimestamp

export const isTerminating = (pod: Pod): boolean =>
  !hasEnded(pod) && Boolean(pod.metadata.deletionTimestamp)

export const isReady = ({ status }: Ended): boolean =>
  findCondition(status.conditions, 'Ready')?.status === 'True'

export const timeToMs = (text: string | null | undefined): number | undefined =>
  text ? timeToEpoch(text).seconds * 1000 : undefined

/** Since when, in milliseconds since 1970; undefined when it is not ready, or nobody knows. */
function readySinceMs(pod: Pod): number | undefined {
  return isReady(pod)
    ? timeToMs(findCondition(pod.status.conditions, 'Ready')?.lastTransitionTime)
    : undefined
}

/** When it has been, or will have been, ready for long enough; undefined while it is not ready. */
function availableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  if (!isReady(pod)) return undefined
  if (minReadySeconds === 0) return 0
  const since = readySinceMs(pod)
  return since === undefined ? undefined : since + minReadySeconds * 1000
}

export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const at = availableAtMs(pod, minReadySeconds)
  return at !== undefined && at <= nowMs
}

/** How long until the next ready pod becomes available, if one is going to. */
export function nextAvailableMs(
  pods: readonly Pod[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  const waits = pods
    .map((pod) => (availableAtMs(pod, minReadySeconds) ?? 0) - nowMs)
    .filter((wait) => wait > 0)
  return waits.length > 0 ? Math.min(...waits) : undefined
}

interface Ranked {
  readonly pod: Pod
  readonly keys: readonly number[]
  readonly readySince: number | undefined
  readonly restarts: number
  readonly createdAt: number | undefined
}

/**
 * Those whose loss matters least come first. `siblings` are all pods that do the same work, of
 * this and of related owners: where many are on one node, one of them goes before a lonely one.
 */
export function inDeletionOrder(
  pods: readonly Pod[],
  siblings: readonly Pod[],
  nowMs: number,
): readonly Pod[] {
  const onNode = new Map<string, number>()
  for (const pod of siblings) {
    const node = pod.spec.nodeName
    if (node && isActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1)
  }
  return pods
    .map((pod) => rankedOf(pod, onNode))
    .toSorted((a, b) => compareRanked(a, b, nowMs))
    .map(({ pod }) => pod)
}

function rankedOf(pod: Pod, onNode: ReadonlyMap<string, number>): Ranked {
  const { nodeName } = pod.spec
  const keys = [
    Number(Boolean(nodeName)),
    ['Pending', 'Unknown', 'Running'].indexOf(pod.status.phase ?? 'Pending'),
    Number(isReady(pod)),
    deletionCost(pod),
    -(onNode.get(nodeName ?? '') ?? 0),
  ]
  const counts = (pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount)
  return {
    pod,
    keys,
    readySince: readySinceMs(pod),
    restarts: Math.max(0, ...counts),
    createdAt: timeToMs(pod.metadata.creationTimestamp),
  }
}

function compareRanked(a: Ranked, b: Ranked, nowMs: number): number {
  for (const [position, key] of a.keys.entries()) {
    const difference = key - (b.keys[position] ?? 0)
    if (difference !== 0) return difference
  }
  if (isReady(a.pod) && isReady(b.pod) && a.readySince !== b.readySince) {
    return compareAges(a, b, a.readySince, b.readySince, nowMs)
  }
  if (a.restarts !== b.restarts) return b.restarts - a.restarts
  if (a.createdAt === b.createdAt) return 0
  return compareAges(a, b, a.createdAt, b.createdAt, nowMs)
}

/**
 * The younger first, by the logarithm of their ages: among pods that are about as old, which one
 * goes is left to their UIDs, so that not always the newest domain of failure loses its pods.
 */
function compareAges(
  a: Ranked,
  b: Ranked,
  aSince: number | undefined,
  bSince: number | undefined,
  nowMs: number,
): number {
  if (aSince === undefined || bSince === undefined) return aSince === undefined ? -1 : 1
  const difference = ageRank(aSince, nowMs) - ageRank(bSince, nowMs)
  if (difference !== 0) return difference
  return a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1
}

const NANOS_PER_MS = 1e6
const ageRank = (sinceMs: number, nowMs: number): number =>
  nowMs > sinceMs ? Math.floor(Math.log2((nowMs - sinceMs) * NANOS_PER_MS)) : -1

function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST]
  if (text === undefined || !COST.test(text)) return 0
  const cost = Number(text)
  return cost >= -COST_MAX - 1 && cost <= COST_MAX ? cost : 0
}

/** The reference by which an object says that another one manages it. */
export function controllerReference(
  { apiVersion, kind }: AnyResource,
  { metadata }: ApiObject,
): OwnerReference {
  const { name, uid } = metadata
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** The start of the names of an owner's pods; without the dash where that would not be valid. */
export function podNamePrefix(ownerName: string): string {
  const prefix = `${ownerName}-`
  return dnsSubdomainName(prefix, true).length === 0 ? prefix : ownerName
}

/** A pod of a template, to be created; the server completes its name. */
export function podFor(
  ownerKind: AnyResource,
  owner: ApiObject,
  template: PodTemplateSpec,
): Input<typeof Pod> {
  const { labels, annotations, finalizers } = template.metadata
  return {
    metadata: {
      generateName: podNamePrefix(owner.metadata.name),
      namespace: owner.metadata.namespace ?? '',
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(ownerKind, owner)],
    },
    // What was stored may be written again; the type does not know it.
    spec: template.spec as Input<typeof podSpec>,
  }
}

/** Creates a pod and says so, or why not, on its owner. */
export async function createPod(
  owner: ApiObject,
  pod: Input<typeof Pod>,
  { client, events }: ReconcileContext,
): Promise<void> {
  try {
    const { metadata } = await client.create(Pod, pod)
    events.normal(owner, 'SuccessfulCreate', `Created pod: ${metadata.name}`)
  } catch (error) {
    // Nothing can be created there any more, and soon the owner is gone, too.
    if (isNamespaceTerminating(error)) return
    events.warning(owner, 'FailedCreate', `Error creating: ${messageOf(error)}`)
    throw error
  }
}

/** Deletes a pod and says so, or why not, on its owner; one that is gone already is fine. */
export async function deletePod(
  owner: ApiObject,
  pod: Pod,
  { client, events }: ReconcileContext,
): Promise<void> {
  try {
    await client.delete(Pod, pod)
    events.normal(owner, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
  } catch (error) {
    if (isReason(error, 'NotFound')) return
    events.warning(owner, 'FailedDelete', `Error deleting: ${messageOf(error)}`)
    throw error
  }
}

export const isNamespaceTerminating = (error: unknown): error is StatusError =>
  isReason(error, 'Forbidden') &&
  (error.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating')

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** As upstream: requests of one owner that are under way at once. */
const BATCH_MAX = 500

/**
 * Does the same thing often: once, then twice at a time, then four times, and so on. What is going
 * to fail each time fails early, instead of as often as it was wanted.
 */
export async function inGrowingBatches(count: number, act: () => Promise<void>): Promise<void> {
  for (let [done, size] = [0, 1]; done < count; size = Math.min(size * 2, BATCH_MAX)) {
    const batch = Math.min(size, count - done)
    const outcomes = await Promise.allSettled(Array.from({ length: batch }, act))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    done += batch
  }
}
