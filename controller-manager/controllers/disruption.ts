/** Says how many pods of each disruption budget may go. */
import { findCondition } from '#api/conditions.ts'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ReplicationController } from '#api/kinds/core/replication-controller.ts'
import { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { formatSelector } from '#api/label-selector.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import {
  type CacheAccess,
  type Controller,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import { FoundResources } from '../found-resources.ts'
import { isActive, messageOf, timeToMs } from '../pods.ts'
import { selectorOf } from '../rollout.ts'
import {
  failedStatus,
  grantedOf,
  healthyCount,
  needsScale,
  statusOf,
  wantedBy,
} from './disruption-plan.ts'
import { expectedScale } from './disruption-scale.ts'

const COMPONENT = 'controllermanager'

export function disruptionController(): Controller {
  const resources = new FoundResources()
  return defineController<PodDisruptionBudget>({
    name: 'disruption-controller',
    component: COMPONENT,
    for: PodDisruptionBudget,
    watches: [watching(Pod, budgetsOf)],
    reads: [ReplicaSet, Deployment, StatefulSet, ReplicationController],
    reconcile: (budget, context) => reconcile(budget, resources, context),
  })
}

function* budgetsOf({ metadata }: Pod, { cached }: CacheAccess): Iterable<Reference> {
  for (const budget of cached(PodDisruptionBudget).list(metadata.namespace)) {
    if (selectorOf(budget.spec.selector).matches(metadata.labels)) yield budget.metadata
  }
}

async function reconcile(
  budget: PodDisruptionBudget,
  resources: FoundResources,
  context: ReconcileContext,
) {
  const { cached, client, clock, events } = context
  const { namespace, name } = budget.metadata
  const nowMs = clock.now()
  const pods = cached(Pod).matching(selectorOf(budget.spec.selector), namespace)
  if (pods.length === 0) events.normal(budget, 'NoPods', 'No matching pods found')
  const scale = await scaleFor(budget, pods, resources, context)
  if (scale === undefined) return undefined
  const wanted = wantedBy(budget.spec, pods.length, scale)
  const granted = grantedOf(pods, budget, nowMs)
  for (const pod of granted.overdue) {
    const message = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`
    events.warning(pod, 'NotDeleted', message)
  }
  const healthy = healthyCount(pods, granted)
  const status = statusOf(budget, wanted, healthy, granted, nowMs)
  await client.updateStatus(PodDisruptionBudget, budget, status)
  const { nextMs } = granted
  return { requeueAfterMs: nextMs === undefined ? undefined : nextMs - nowMs + 1 }
}

/** Undefined where it cannot be told, which the status then says. */
async function scaleFor(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  resources: FoundResources,
  context: ReconcileContext,
): Promise<number | undefined> {
  const { client, clock, events } = context
  if (!needsScale(budget.spec)) return 0
  try {
    const { scale, unmanaged } = await expectedScale(pods, resources, context)
    if (unmanaged.length > 0) {
      const selector = formatSelector(selectorOf(budget.spec.selector))
      const message =
        `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be ` +
        'unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may ' +
        'result in undefined behavior. To account for these pods please set ".spec.minAvailable" ' +
        'field of the PDB to an integer value.'
      events.warning(budget, 'UnmanagedPods', message)
    }
    return scale
  } catch (error) {
    if (context.signal.aborted || isReason(error, 'Conflict')) throw error
    const why = messageOf(error)
    const message = `Failed to calculate the number of expected pods: ${why}`
    events.warning(budget, 'CalculateExpectedPodCountFailed', message)
    await client.updateStatus(PodDisruptionBudget, budget, failedStatus(budget, why, clock.now()))
    return undefined
  }
}

const TARGET = 'DisruptionTarget'
/** As upstream: a disruption that was announced so long ago does not happen any more. */
const STALE_MS = 2 * 60_000

/** Takes back that a pod is going to be disrupted, when it has not been. */
export const staleDisruptionController = defineController<Pod>({
  name: 'stale-pod-disruption',
  component: COMPONENT,
  for: Pod,
  async reconcile(pod, { client, clock }) {
    const condition = findCondition(pod.status.conditions, TARGET)
    if (condition?.status !== 'True' || !isActive(pod)) return undefined
    const nowMs = clock.now()
    const leftMs = (timeToMs(condition.lastTransitionTime) ?? 0) + STALE_MS - nowMs
    if (leftMs > 0) return { requeueAfterMs: leftMs }
    const lastTransitionTime = epochToTime(Math.floor(nowMs / 1000))
    const { uid } = pod.metadata
    const conditions = [{ type: TARGET, status: 'False', lastTransitionTime }]
    const options = { type: 'strategic', subresource: 'status' } as const
    try {
      await client.patch(Pod, pod, { metadata: { uid }, status: { conditions } }, options)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    return undefined
  },
})
