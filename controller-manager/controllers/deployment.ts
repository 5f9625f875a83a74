/** Deployments: one ReplicaSet for each template, and pods that move from old ones to the new. */
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason } from '#api/status.ts'
import { controllerOf } from '#client/cache.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { claim, orphansOf } from '../adoption.ts'
import { isNamespaceTerminating, messageOf } from '../pods.ts'
import { REVISION, sameTemplate, selectorOf } from '../rollout.ts'
import {
  expiredReplicaSets,
  newReplicaSet,
  type Revisions,
  replicasAnnotations,
  revisedAnnotations,
  revisionsOf,
} from './deployment-revision.ts'
import {
  currentReplicas,
  hasOldPods,
  isScaled,
  limitsOf,
  planRecreate,
  planRolling,
  planScaling,
  type Scaling,
} from './deployment-scale.ts'
import {
  type Conditions,
  countedStatus,
  hasDeadline,
  isComplete,
  overdueInMs,
  pausedConditions,
  progressing,
  rolloutStatus,
  withNews,
} from './deployment-status.ts'

export const deploymentController = defineController<Deployment>({
  name: 'deployment-controller',
  for: Deployment,
  owns: [ReplicaSet],
  watches: [
    orphansOf(Deployment, ReplicaSet, ({ spec }) => selectorOf(spec.selector)),
    watching(Pod, waitingFor),
  ],
  async reconcile(deployment, context) {
    const { selector } = deployment.spec
    const options = { ownerKind: Deployment, owner: deployment, kind: ReplicaSet }
    const claimed = await claim({ ...options, selector: selectorOf(selector) }, context)
    const revisions = revisionsOf(deployment, claimed)
    if (deployment.metadata.deletionTimestamp) return observe(revisions, context)
    const conditions = pausedConditions(deployment, context.clock.now())
    const revised = await revise(revisions, conditions, context)
    const isHeld = deployment.spec.paused || isScaled(revised.revisions)
    return isHeld ? resize(revised, context) : rollOut(revised, context)
  },
})

/** Recreate goes on when the last pod of an old template is gone. */
function waitingFor(pod: Pod, { cached }: CacheAccess): Iterable<Reference> {
  const { namespace } = pod.metadata
  const ownerOf = (object: Pod | ReplicaSet, kind: string): Reference | undefined => {
    const owner = controllerOf(object)
    return owner?.kind === kind ? { name: owner.name, namespace } : undefined
  }
  const replicaSetName = ownerOf(pod, ReplicaSet.kind)
  const replicaSet = replicaSetName && cached(ReplicaSet).get(replicaSetName)
  const name = replicaSet && ownerOf(replicaSet, Deployment.kind)
  const deployment = name && cached(Deployment).get(name)
  return deployment?.spec.strategy.type === 'Recreate' ? [name!] : []
}

/** Where a reconcile stands: what it has written is in here. */
interface Progress {
  readonly revisions: Revisions
  readonly conditions: Conditions
}

/** Only looks: its ReplicaSets are for the garbage collector. */
async function observe(revisions: Revisions, { client, clock }: ReconcileContext): Promise<void> {
  const { deployment } = revisions
  const status = countedStatus(revisions, deployment.status.conditions ?? [], clock.now())
  await client.updateStatus(Deployment, deployment, status)
}

/** The ReplicaSet of the current template, if there is one, gets the newest revision. */
async function revise(
  revisions: Revisions,
  conditions: Conditions,
  { client, clock }: ReconcileContext,
): Promise<Progress> {
  const { deployment, current } = revisions
  if (!current) return { revisions, conditions }
  const annotations = revisedAnnotations(revisions, current.metadata.annotations)
  const { minReadySeconds = 0 } = deployment.spec
  const isSame = (current.spec.minReadySeconds ?? 0) === minReadySeconds
  const changed = {
    ...current,
    metadata: { ...current.metadata, annotations },
    spec: { ...current.spec, minReadySeconds },
  }
  const hasChanged = annotations !== current.metadata.annotations || !isSame
  const revised = hasChanged ? await client.update(ReplicaSet, changed) : current
  const isKnown = !hasDeadline(deployment) || conditions.some(({ type }) => type === 'Progressing')
  const found = `Found new replica set "${current.metadata.name}"`
  const news = progressing('True', 'FoundNewReplicaSet', found)
  return {
    revisions: { ...revisions, current: revised },
    conditions: isKnown ? conditions : withNews(conditions, news, clock.now()),
  }
}

/** Paused, or another number of pods: no new template rolls out until that is settled. */
async function resize({ revisions, conditions }: Progress, context: ReconcileContext) {
  const scaled = await scale(revisions, planScaling(revisions), context)
  if (scaled.deployment.spec.paused) await removeExpired(scaled, context)
  await writeStatus(scaled, countedStatus(scaled, conditions, context.clock.now()), context)
}

async function rollOut(progress: Progress, context: ReconcileContext) {
  const { deployment } = progress.revisions
  const { cached, clock } = context
  const isRecreate = deployment.spec.strategy.type === 'Recreate'
  const podsOf = (replicaSet: ReplicaSet) => cached(Pod).ownedBy(replicaSet)
  let { revisions, conditions } = progress
  const stopping = isRecreate ? planRecreate({ ...revisions, current: undefined }) : []
  revisions = await scale(revisions, stopping, context)
  const mayGrow = !isRecreate || (stopping.length === 0 && !hasOldPods(revisions, podsOf))
  if (mayGrow && !revisions.current) {
    const created = await create({ revisions, conditions }, context)
    if (!created) return
    ;({ revisions, conditions } = created)
  }
  if (mayGrow) {
    const plan = isRecreate ? planRecreate(revisions) : planRolling(revisions)
    revisions = await scale(revisions, plan, context)
  }
  if (isComplete(deployment, deployment.status)) await removeExpired(revisions, context)
  const status = rolloutStatus(revisions, conditions, clock.now())
  await writeStatus(revisions, status, context)
  return { requeueAfterMs: overdueInMs(deployment, status, clock.now()) }
}

/** Undefined when the name is taken: then the next one has to be another. */
async function create(
  { revisions, conditions }: Progress,
  context: ReconcileContext,
): Promise<Progress | undefined> {
  const { deployment } = revisions
  const { client, clock, events } = context
  const replicas = currentReplicas(revisions)
  const wanted = newReplicaSet(revisions, replicas, limitsOf(deployment).surge)
  const { name } = wanted.metadata
  try {
    const current = await client.create(ReplicaSet, wanted)
    if (replicas > 0) {
      const message = `Scaled up replica set ${name} from 0 to ${replicas}`
      events.normal(deployment, 'ScalingReplicaSet', message)
    }
    const news = progressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`)
    return {
      revisions: { ...revisions, current },
      conditions: hasDeadline(deployment) ? withNews(conditions, news, clock.now()) : conditions,
    }
  } catch (error) {
    if (isReason(error, 'AlreadyExists')) return takeUp({ revisions, conditions }, name, context)
    if (!isNamespaceTerminating(error)) await reportFailure(deployment, name, error, context)
    throw error
  }
}

/** What has the name already is ours, from a reconcile that was cut short, or somebody else's. */
async function takeUp(
  { revisions, conditions }: Progress,
  name: string,
  { client }: ReconcileContext,
): Promise<Progress | undefined> {
  const { deployment } = revisions
  const { namespace, uid } = deployment.metadata
  const current = await client.get(ReplicaSet, { name, namespace })
  const isOurs = controllerOf(current)?.uid === uid
  if (isOurs && sameTemplate(current.spec.template, deployment.spec.template)) {
    return { revisions: { ...revisions, current }, conditions }
  }
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1
  await client.updateStatus(Deployment, deployment, { ...deployment.status, collisionCount })
  return undefined
}

async function reportFailure(
  deployment: Deployment,
  name: string,
  error: unknown,
  { client, clock, events }: ReconcileContext,
): Promise<void> {
  const reason = 'ReplicaSetCreateError'
  const message = `Failed to create new replica set "${name}": ${messageOf(error)}`
  events.warning(deployment, reason, message)
  const { conditions: before, ...status } = deployment.status
  const conditions = withNews(before ?? [], progressing('False', reason, message), clock.now())
  await client.updateStatus(Deployment, deployment, { ...status, conditions: [...conditions] })
}

async function scale(
  revisions: Revisions,
  plan: readonly Scaling[],
  context: ReconcileContext,
): Promise<Revisions> {
  const scaled = await settleAll(
    plan.map(async (scaling) => {
      const after = await scaleOne(revisions.deployment, scaling, context)
      return [scaling.replicaSet, after] as const
    }),
  )
  const after = new Map(scaled)
  const { deployment, current, old } = revisions
  return {
    deployment,
    current: current && (after.get(current) ?? current),
    old: old.map((each) => after.get(each) ?? each),
  }
}

async function scaleOne(
  deployment: Deployment,
  { replicaSet, replicas }: Scaling,
  { client, events }: ReconcileContext,
): Promise<ReplicaSet> {
  const { metadata, spec } = replicaSet
  const sizes = replicasAnnotations(deployment.spec.replicas, limitsOf(deployment).surge)
  const annotations = { ...metadata.annotations, ...sizes }
  if (spec.replicas === replicas && sameJson(annotations, metadata.annotations)) return replicaSet
  const changed = {
    ...replicaSet,
    metadata: { ...metadata, annotations },
    spec: { ...spec, replicas },
  }
  const stored = await client.update(ReplicaSet, changed)
  if (spec.replicas !== replicas) {
    const direction = spec.replicas < replicas ? 'up' : 'down'
    const change = `from ${spec.replicas} to ${replicas}`
    const message = `Scaled ${direction} replica set ${metadata.name} ${change}`
    events.normal(deployment, 'ScalingReplicaSet', message)
  }
  return stored
}

async function removeExpired(revisions: Revisions, { client }: ReconcileContext): Promise<void> {
  await settleAll(
    expiredReplicaSets(revisions).map(async (replicaSet) => {
      try {
        await client.delete(ReplicaSet, replicaSet)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }),
  )
}

/**
 * The revision goes with the status: a write of the Deployment itself would count as a new
 * generation, as if somebody had changed what is wanted.
 */
async function writeStatus(
  { deployment, current }: Revisions,
  status: Deployment['status'],
  { client }: ReconcileContext,
): Promise<void> {
  const { metadata } = deployment
  const revision = current?.metadata.annotations?.[REVISION]
  const isKnown = revision === undefined || metadata.annotations?.[REVISION] === revision
  const named = isKnown
    ? deployment
    : {
        ...deployment,
        metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: revision } },
      }
  if (isKnown || !sameJson(deployment.status, status)) {
    await client.updateStatus(Deployment, named, status)
    return
  }
  await client.updateSubresource(Deployment, deployment, 'status', Deployment, named)
}
