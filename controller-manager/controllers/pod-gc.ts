/**
 * Deletes pods that nobody else would: those of nodes that are gone or out of service, those that
 * are deleted before they have a node, and the oldest of too many that have ended.
 */
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Index } from '#client/cache.ts'
import {
  type CacheAccess,
  type Controller,
  defineController,
  type Outcome,
  type ReconcileContext,
} from '#client/controller.ts'
import type { Change } from '#client/informer.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { hasEnded, timeToMs } from '../pods.ts'
import { hasTaint, isNodeReady, podsOn } from './node-facts.ts'
import { forceDeletePod } from './pod-disruption.ts'

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
/** A node that was not there yet when its pod was seen deserves this long to appear. */
const QUARANTINE_MS = 40_000
/** Of pods that have ended, so many are deleted at once. */
const BATCH_MAX = 100

const orphaned = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }

const ENDED = 'ended'
const endedPods: Index<Pod> = {
  name: ENDED,
  values: (pod) => (hasEnded(pod) && !pod.metadata.deletionTimestamp ? [ENDED] : []),
}

/** Somebody who has looked says that it is not coming back soon. */
const isLost = (node: Node): boolean => !isNodeReady(node) && hasTaint(node, OUT_OF_SERVICE)

export type Verdict = 'keep' | 'unscheduled' | 'out of service' | 'orphaned'

/** Pure: whether a pod has lost whoever would take care of it. */
export function judged({ metadata, spec }: Pod, node: Node | undefined): Verdict {
  if (!spec.nodeName) return metadata.deletionTimestamp ? 'unscheduled' : 'keep'
  if (!node) return 'orphaned'
  return metadata.deletionTimestamp && isLost(node) ? 'out of service' : 'keep'
}

/** Pure: the ones that go, evicted ones first, then the oldest. */
export function surplus(ended: readonly Pod[], keptMax: number): readonly Pod[] {
  if (keptMax <= 0 || ended.length <= keptMax) return []
  const rank = (pod: Pod) => ({
    pod,
    isEvicted: pod.status.phase === 'Failed' && pod.status.reason === 'Evicted',
    createdAt: timeToMs(pod.metadata.creationTimestamp) ?? 0,
  })
  return ended
    .map(rank)
    .toSorted(
      (a, b) =>
        Number(b.isEvicted) - Number(a.isEvicted) ||
        a.createdAt - b.createdAt ||
        (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1),
    )
    .slice(0, ended.length - keptMax)
    .map(({ pod }) => pod)
}

export interface PodGcSettings {
  /** How many pods that have ended may stay; any number when it is 0. */
  readonly terminatedPodsMax: number
}

export function podGcController({ terminatedPodsMax }: PodGcSettings): Controller {
  /** By the name of a node that is not there: since when it is known to be missing. */
  const missing = new Map<string, number>()
  let judgedVersion = ''
  return defineController<Pod>({
    name: 'pod-garbage-collector',
    for: Pod,
    watches: [
      {
        kind: Node,
        *references({ type, object, previous }: Change<Node>, access: CacheAccess) {
          // Of the many reports of a kubelet, hardly any changes what becomes of pods.
          if (type === 'updated' && isLost(object) === isLost(previous)) return
          missing.delete(object.metadata.name)
          for (const pod of podsOn(object.metadata.name, access)) yield pod.metadata
        },
      },
    ],
    async reconcile(pod, context) {
      const { cached } = context
      const { nodeName } = pod.spec
      const node = nodeName ? cached(Node).get({ name: nodeName }) : undefined
      const verdict = judged(pod, node)
      if (verdict === 'orphaned') return deleteOrphan(pod, nodeName!, missing, context)
      if (verdict !== 'keep') {
        context.log.info('pod is deleted by force', { verdict })
        return forceDeletePod(pod, undefined, context).then(() => undefined)
      }
      // One look at all that have ended is enough for all that ended up to then.
      if (!hasEnded(pod) || judgedVersion === cached(Pod).version) return undefined
      judgedVersion = cached(Pod).version
      return deleteSurplus(terminatedPodsMax, context)
    },
  })
}

async function deleteOrphan(
  pod: Pod,
  nodeName: string,
  missing: Map<string, number>,
  context: ReconcileContext,
): Promise<Outcome | undefined> {
  const now = context.clock.monotonic()
  const since = missing.get(nodeName) ?? now
  missing.set(nodeName, since)
  const leftMs = since + QUARANTINE_MS - now
  if (leftMs > 0) return { requeueAfterMs: leftMs }
  // The cache may be behind, and what is deleted here does not come back.
  if (await context.client.find(Node, { name: nodeName })) return { requeueAfterMs: QUARANTINE_MS }
  context.log.info('pod is deleted by force', { verdict: 'orphaned', node: nodeName })
  await forceDeletePod(pod, orphaned, context)
  if (podsOn(nodeName, context).length <= 1) missing.delete(nodeName)
  return undefined
}

async function deleteSurplus(
  keptMax: number,
  context: ReconcileContext,
): Promise<Outcome | undefined> {
  const victims = surplus(context.cached(Pod).by(endedPods, ENDED), keptMax)
  if (victims.length === 0) return undefined
  context.log.info('pods that have ended are deleted', { count: victims.length, keptMax })
  for (let start = 0; start < victims.length; start += BATCH_MAX) {
    const batch = victims.slice(start, start + BATCH_MAX)
    await settleAll(batch.map((victim) => forceDeletePod(victim, undefined, context)))
  }
  return undefined
}
