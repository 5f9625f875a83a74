/** Keeps a number of pods running: for ReplicaSets and, in the same way, ReplicationControllers. */
import { Pod } from '#api/kinds/core/pod.ts'
import type { LabelSelector } from '#api/label-selector.ts'
import type { CacheAccess, ControllerOptions, ReconcileContext } from '#client/controller.ts'
import type { Resource } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { claim, orphansOf } from '../adoption.ts'
import { createPod, deletePod, inGrowingBatches, isActive, podFor } from '../pods.ts'
import { planReplicas, type ReplicaPlan, type Replicated, withFailure } from './replicaset-plan.ts'

export interface ReplicaKind<S extends Replicated> {
  readonly name: string
  readonly kind: Resource<S, object>
  readonly selectorOf: (owner: S) => LabelSelector
  /** Pods of other owners that do the same work. */
  readonly siblings?: (owner: S, access: CacheAccess) => readonly Pod[]
  /** Whether the status of this kind has a counter of them; it does unless this says otherwise. */
  readonly countsTerminating?: boolean
}

export function replicaController<S extends Replicated>(of: ReplicaKind<S>): ControllerOptions<S> {
  const { name, kind, selectorOf } = of
  return {
    name,
    for: kind,
    owns: [Pod],
    watches: [orphansOf(kind, Pod, selectorOf)],
    reconcile: (owner, context) => reconcile(of, owner, context),
  }
}

async function reconcile<S extends Replicated>(
  of: ReplicaKind<S>,
  owner: S,
  context: ReconcileContext,
) {
  const { cached, client, clock } = context
  const selector = of.selectorOf(owner)
  const options = { ownerKind: of.kind, owner, selector, kind: Pod, concerns: isActive }
  const active = await claim(options, context)
  const inactive = cached(Pod)
    .ownedBy(owner)
    .filter((pod) => !isActive(pod))
  const others = of.siblings?.(owner, context) ?? []
  const plan = planReplicas(owner, [...active, ...inactive], [...active, ...others], clock.now())
  const failure = await failureOf(act(of, owner, plan, context))
  const { terminatingReplicas, ...rest } = withFailure(
    plan.status,
    failure?.error,
    plan,
    clock.now(),
  )
  const status = { ...rest, ...(of.countsTerminating !== false && { terminatingReplicas }) }
  await client.updateStatus(of.kind, owner, status as S['status'])
  if (failure) throw failure.error
  return { requeueAfterMs: plan.requeueAfterMs }
}

async function act<S extends Replicated>(
  { kind }: ReplicaKind<S>,
  owner: S,
  { create, remove }: ReplicaPlan,
  context: ReconcileContext,
): Promise<void> {
  const { template } = owner.spec
  // No stale list: the queue holds this key until the cache of pods has seen these writes.
  if (create > 0 && template) {
    const pod = podFor(kind, owner, template)
    await inGrowingBatches(create, () => createPod(owner, pod, context))
  }
  await settleAll(remove.map((pod) => deletePod(owner, pod, context)))
}

/** The status is written whatever happened, and says what. */
async function failureOf(work: Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    return { error }
  }
}
