/** StatefulSets: numbered pods, each with a name and claims of its own, one after the other. */
import type { ControllerRevision as RevisionOf } from '#api/kinds/apps/controller-revision.ts'
import { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import { defineController, type ReconcileContext, watching } from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { claim, orphansOf } from '../adoption.ts'
import {
  byRevision,
  claimRevisions,
  deleteRevisions,
  REVISION_HASH,
  type RevisionKind,
  revise,
  templateOf,
} from '../controller-revisions.ts'
import { inGrowingBatches, isNamespaceTerminating, messageOf } from '../pods.ts'
import { selectorOf } from '../rollout.ts'
import {
  type ClaimWork,
  planStatefulSet,
  type StatefulPlan,
  type Step,
} from './statefulset-plan.ts'
import { isClaimOf, ordinalOf, type PodVersion } from './statefulset-pod.ts'

const revisionKind: RevisionKind<StatefulSet> = {
  kind: StatefulSet,
  hashLabel: 'controller.kubernetes.io/hash',
}

export const statefulSetController = defineController<StatefulSet>({
  name: 'statefulset-controller',
  for: StatefulSet,
  owns: [Pod, ControllerRevision],
  watches: [
    orphansOf(StatefulSet, Pod, ({ spec }) => selectorOf(spec.selector)),
    orphansOf(StatefulSet, ControllerRevision, ({ spec }) => selectorOf(spec.selector)),
    watching(PersistentVolumeClaim, setsOf),
  ],
  async reconcile(set, context) {
    const revisions = await claimRevisions(revisionKind, set, context)
    const selector = selectorOf(set.spec.selector)
    const concerns = ({ metadata }: Pod): boolean => ordinalOf(set, metadata.name) !== undefined
    const options = { ownerKind: StatefulSet, owner: set, selector, kind: Pod, concerns }
    const pods = await claim(options, context)
    const versions = await versionsOf(set, revisions, context)
    if (!versions) return undefined
    const plan = planStatefulSet({
      set,
      pods,
      ...versions,
      claim: (name) =>
        context.cached(PersistentVolumeClaim).get({ name, namespace: set.metadata.namespace }),
      nowMs: context.clock.now(),
    })
    const [work] = await Promise.allSettled([perform(set, plan, context)])
    // Whatever has failed: what there is was counted before, and is true.
    await context.client.updateStatus(StatefulSet, set, plan.status)
    if (work.status === 'rejected') throw work.reason
    await deleteRevisions(expired(set, pods, revisions, versions), context)
    return { requeueAfterMs: plan.requeueAfterMs }
  },
})

/** A claim that goes, or comes, may be what a pod waits for. */
function* setsOf(
  { metadata }: PersistentVolumeClaim,
  { cached }: Pick<ReconcileContext, 'cached'>,
): Iterable<Reference> {
  for (const set of cached(StatefulSet).list(metadata.namespace)) {
    if (isClaimOf(set, metadata.name)) yield set.metadata
  }
}

interface Versions {
  readonly current: PodVersion
  readonly update: PodVersion
}

/** Undefined when there is none yet, and none is to be made or its name is taken. */
async function versionsOf(
  set: StatefulSet,
  revisions: readonly RevisionOf[],
  context: ReconcileContext,
): Promise<Versions | undefined> {
  const { currentRevision, updateRevision } = set.status
  const named = (name: string | undefined): PodVersion | undefined => {
    const revision = revisions.find(({ metadata }) => metadata.name === name)
    return revision && versionFrom(revision, set)
  }
  if (set.metadata.deletionTimestamp) {
    const update = named(updateRevision)
    return update && { current: named(currentRevision) ?? update, update }
  }
  const history = await revise(revisionKind, set, revisions, context)
  if (!history) return undefined
  const update = { name: history.current.metadata.name, template: set.spec.template }
  return { current: named(currentRevision) ?? update, update }
}

function versionFrom(revision: RevisionOf, set: StatefulSet): PodVersion {
  const template = templateOf(revision)
  const { name } = revision.metadata
  if (!template) {
    throw new Error(
      `revision ${name} of ${set.metadata.name}: it has no template, wanted one for its pods`,
    )
  }
  return { name, template }
}

/** Beyond the limit, the oldest that no pod and no rollout needs. */
function expired(
  { spec }: StatefulSet,
  pods: readonly Pod[],
  revisions: readonly RevisionOf[],
  { current, update }: Versions,
): readonly RevisionOf[] {
  const needed = new Set([
    current.name,
    update.name,
    ...pods.map(({ metadata }) => metadata.labels?.[REVISION_HASH]),
  ])
  const idle = revisions.filter(({ metadata }) => !needed.has(metadata.name)).toSorted(byRevision)
  return idle.slice(0, Math.max(0, idle.length - spec.revisionHistoryLimit))
}

async function perform(
  set: StatefulSet,
  { phases, isOrdered }: StatefulPlan,
  context: ReconcileContext,
): Promise<void> {
  for (const steps of phases) {
    if (isOrdered) for (const step of steps) await performOne(set, step, context)
    else {
      const left = steps.values()
      await inGrowingBatches(steps.length, () => performOne(set, left.next().value!, context))
    }
  }
}

function performOne(set: StatefulSet, step: Step, context: ReconcileContext): Promise<void> {
  switch (step.type) {
    case 'create':
      return createPod(set, step, context)
    case 'correct':
      return correctPod(set, step, context)
    case 'delete':
      return deletePod(set, step.pod, context)
  }
}

async function createPod(
  set: StatefulSet,
  { pod, claims }: Extract<Step, { type: 'create' }>,
  context: ReconcileContext,
): Promise<void> {
  const { name } = pod.metadata
  try {
    await reporting('create', set, name, context, async () => {
      await createClaims(set, name, claims, context)
      await context.client.create(Pod, pod)
      await updateClaims(claims, context)
    })
  } catch (error) {
    // Nothing can be created there any more, and soon the set is gone, too.
    if (!isNamespaceTerminating(error)) throw error
  }
}

async function correctPod(
  set: StatefulSet,
  { pod, corrected, claims }: Extract<Step, { type: 'correct' }>,
  context: ReconcileContext,
): Promise<void> {
  const { name } = pod.metadata
  await createClaims(set, name, claims, context)
  if (!corrected && claims.update.length === 0) return
  await reporting('update', set, name, context, async () => {
    await updateClaims(claims, context)
    if (corrected) await context.client.update(Pod, corrected)
  })
}

async function deletePod(set: StatefulSet, pod: Pod, context: ReconcileContext): Promise<void> {
  const { name } = pod.metadata
  try {
    await reporting('delete', set, name, context, () => context.client.delete(Pod, pod))
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** What somebody else has done at the same time is no news: the next look shows it. */
async function reporting(
  verb: 'create' | 'update' | 'delete',
  set: StatefulSet,
  podName: string,
  { events }: ReconcileContext,
  act: () => Promise<void>,
): Promise<void> {
  const word = `${verb[0]?.toUpperCase()}${verb.slice(1)}`
  const about = `${verb} Pod ${podName} in StatefulSet ${set.metadata.name}`
  try {
    await act()
  } catch (error) {
    const isNews = !isReason(error, 'AlreadyExists', 'Conflict', 'NotFound')
    if (isNews && !isNamespaceTerminating(error)) {
      events.warning(set, `Failed${word}`, `${about} failed error: ${messageOf(error)}`)
    }
    throw error
  }
  events.normal(set, `Successful${word}`, `${about} successful`)
}

async function createClaims(
  set: StatefulSet,
  podName: string,
  { create, leaving }: ClaimWork,
  { client, events }: ReconcileContext,
): Promise<void> {
  for (const claim of create) {
    const { name } = claim.metadata
    const subject = `in StatefulSet ${set.metadata.name}`
    try {
      await client.create(PersistentVolumeClaim, claim)
    } catch (error) {
      const message = `create Claim ${name} for Pod ${podName} ${subject} failed error: `
      if (!isReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) {
        events.warning(set, 'FailedCreate', `${message}${messageOf(error)}`)
      }
      throw error
    }
    const message = `create Claim ${name} Pod ${podName} ${subject} success`
    events.normal(set, 'SuccessfulCreate', message)
  }
  if (leaving.length > 0) throw new Error(`pvc ${leaving.join(', ')} is being deleted`)
}

async function updateClaims({ update }: ClaimWork, { client }: ReconcileContext): Promise<void> {
  await settleAll(update.map((claim) => client.update(PersistentVolumeClaim, claim)))
}
