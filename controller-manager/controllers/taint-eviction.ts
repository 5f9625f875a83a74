/** Deletes pods that do not tolerate the taints of their node, or not any longer. */
import { findCondition } from '#api/conditions.ts'
import { Node, type Taint } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { sameJson } from '#api/patch/same-json.ts'
import {
  type CacheAccess,
  type Controller,
  defineController,
  type Outcome,
  type ReconcileContext,
  type Watched,
} from '#client/controller.ts'
import type { Change } from '#client/informer.ts'
import { keyOf } from '#client/resource.ts'
import { timeToMs } from '../pods.ts'
import { noExecuteTaints, podsOn } from './node-facts.ts'
import { evictPod } from './pod-disruption.ts'
import { toleratedMs } from './taint-eviction-plan.ts'

const WORKERS = 8
const EVENT_REASON = 'TaintManagerEviction'

const disruption = {
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
}

/** Since when the time of a pod runs, by the monotonic clock. */
interface Countdown {
  readonly uid: string
  readonly since: number
}

const nodes: Watched = {
  kind: Node,
  *references({ object, previous }: Change<Node>, access: CacheAccess) {
    if (previous && sameJson(noExecuteTaints(previous), noExecuteTaints(object))) return
    for (const pod of podsOn(object.metadata.name, access)) yield pod.metadata
  },
}

export const taintEvictionController = (): Controller => {
  const countdowns = new Map<string, Countdown>()
  return defineController<Pod>({
    name: 'taint-eviction-controller',
    for: Pod,
    watches: [nodes],
    workers: WORKERS,
    async removed(reference) {
      countdowns.delete(keyOf(reference))
    },
    reconcile: (pod, context) => reconcile(pod, countdowns, context),
  })
}

async function reconcile(
  pod: Pod,
  countdowns: Map<string, Countdown>,
  context: ReconcileContext,
): Promise<Outcome | undefined> {
  const { metadata, spec } = pod
  const key = keyOf(metadata)
  const node = spec.nodeName ? context.cached(Node).get({ name: spec.nodeName }) : undefined
  const taints = noExecuteTaints(node)
  if (metadata.deletionTimestamp) return void countdowns.delete(key)
  const limitMs =
    taints.length > 0 ? toleratedMs(taints, spec.tolerations) : Number.POSITIVE_INFINITY
  if (limitMs === Number.POSITIVE_INFINITY) {
    // Where the node is gone, its pods go too, and nobody has called that off.
    if (countdowns.delete(key) && node) {
      context.events.normal(pod, EVENT_REASON, `Cancelling deletion of Pod ${key}`)
    }
    return undefined
  }
  const known = countdowns.get(key)
  const now = context.clock.monotonic()
  const since = known?.uid === metadata.uid ? known.since : startedAt(pod, taints, context)
  const leftMs = since + limitMs - now
  if (leftMs > 0) {
    countdowns.set(key, { uid: metadata.uid, since })
    return { requeueAfterMs: leftMs }
  }
  context.log.info('pod is deleted because of taints', { node: spec.nodeName })
  context.events.normal(pod, EVENT_REASON, `Marking for deletion Pod ${key}`)
  await evictPod(pod, disruption, context)
  return void countdowns.delete(key)
}

/**
 * By the monotonic clock: now, unless the taint says that it is older, and the pod was there. So a
 * controller that is started anew does not give all pods their time again.
 */
function startedAt(pod: Pod, taints: readonly Taint[], { clock }: ReconcileContext): number {
  const times = taints.map(({ timeAdded }) => timeToMs(timeAdded))
  const scheduled = findCondition(pod.status.conditions, 'PodScheduled')?.lastTransitionTime
  const boundMs = timeToMs(scheduled ?? pod.metadata.creationTimestamp)
  const known = times.filter((time) => time !== undefined)
  if (known.length < taints.length || boundMs === undefined) return clock.monotonic()
  const agoMs = clock.now() - Math.max(boundMs, ...known)
  return clock.monotonic() - Math.max(agoMs, 0)
}
