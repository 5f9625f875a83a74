/** DaemonSets: one pod on every node that suits them, wherever nodes come, change and go. */
import type { ControllerRevision as RevisionOf } from '#api/kinds/apps/controller-revision.ts'
import { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { Node } from '#api/kinds/core/node.ts'
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
import type { Reference } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { claim, orphansOf } from '../adoption.ts'
import {
  claimRevisions,
  deleteRevisions,
  type History,
  hashOf,
  REVISION_HASH,
  type RevisionKind,
  revise,
} from '../controller-revisions.ts'
import { createPod, deletePod, inGrowingBatches, nextAvailableMs } from '../pods.ts'
import { selectorOf } from '../rollout.ts'
import { FailureBackoff } from './daemonset-backoff.ts'
import {
  type DaemonPlan,
  type DaemonState,
  type NodeChanges,
  planNodes,
  podsByNode,
} from './daemonset-plan.ts'
import { daemonPod, nodeFit } from './daemonset-pod.ts'
import { planRollout } from './daemonset-rollout.ts'
import { daemonSetStatus } from './daemonset-status.ts'

/** Bounds one reconcile, so that a huge cluster cannot starve other DaemonSets. As upstream. */
const BURST_MAX = 250

const revisionKind: RevisionKind<DaemonSet> = { kind: DaemonSet, hashLabel: REVISION_HASH }

/** Each run of it has a memory of its own of pods that fail. */
export function daemonSetController(): Controller {
  const backoff = new FailureBackoff()
  return defineController<DaemonSet>({
    name: 'daemonset-controller',
    for: DaemonSet,
    owns: [Pod, ControllerRevision],
    watches: [
      orphansOf(DaemonSet, Pod, ({ spec }) => selectorOf(spec.selector)),
      orphansOf(DaemonSet, ControllerRevision, ({ spec }) => selectorOf(spec.selector)),
      { kind: Node, references: setsFor } satisfies Watched,
    ],
    reconcile: (daemonSet, context) => reconcile(daemonSet, context, backoff),
  })
}

/** Those for which the node is another than before; most changes of nodes are none for anybody. */
function* setsFor(
  { type, object, previous }: Change<Node>,
  { cached }: CacheAccess,
): Iterable<Reference> {
  const isSame =
    previous &&
    sameJson(previous.metadata.labels, object.metadata.labels) &&
    sameJson(previous.spec.taints, object.spec.taints)
  if (isSame) return
  for (const { metadata, spec } of cached(DaemonSet).list()) {
    const fit = nodeFit(spec.template.spec, object)
    const before = previous && nodeFit(spec.template.spec, previous)
    const concerns = before ? !sameJson(before, fit) : type === 'removed' || fit.shouldRun
    if (concerns) yield metadata
  }
}

async function reconcile(
  daemonSet: DaemonSet,
  context: ReconcileContext,
  backoff: FailureBackoff,
): Promise<Outcome | undefined> {
  // What it owns is being deleted, or let go, in any order: nothing true can be said about it.
  if (daemonSet.metadata.deletionTimestamp) return undefined
  const { cached, clock, client } = context
  const revisions = await claimRevisions(revisionKind, daemonSet, context)
  const history = await revise(revisionKind, daemonSet, revisions, context)
  if (!history) return undefined
  const selector = selectorOf(daemonSet.spec.selector)
  const options = { ownerKind: DaemonSet, owner: daemonSet, selector, kind: Pod }
  const pods = await relabelled(history, await claim(options, context), context)
  const keyOf = backoffKey(daemonSet)
  const state: DaemonState = {
    daemonSet,
    nodes: cached(Node).list(),
    podsOn: podsByNode(pods),
    hash: hashOf(history.current, revisionKind.hashLabel),
    heldForMs: (nodeName) => backoff.remainingMs(keyOf(nodeName), clock),
    nowMs: clock.now(),
  }
  const plan = planNodes(state)
  for (const { pod, nodeName } of plan.ended) {
    if (pod.status.phase === 'Failed') backoff.note(keyOf(nodeName), clock)
  }
  const [work] = await Promise.allSettled([act(state, plan, context)])
  await client.updateStatus(DaemonSet, daemonSet, daemonSetStatus(state))
  if (work.status === 'rejected') throw work.reason
  await deleteRevisions([...history.duplicates, ...expired(history, daemonSet, pods)], context)
  const available = nextAvailableMs(pods, daemonSet.spec.minReadySeconds ?? 0, clock.now())
  const waits = [plan.requeueAfterMs, available].filter((wait) => wait !== undefined)
  return { requeueAfterMs: waits.length > 0 ? Math.min(...waits) : undefined }
}

/** A change of the DaemonSet may be what mends its pods: then nothing is held back. */
const backoffKey =
  ({ metadata, status }: DaemonSet) =>
  (nodeName: string): string =>
    `${metadata.uid}/${status.observedGeneration ?? 0}/${nodeName}`

/** Pods of a revision that goes because another has the same template belong to that one. */
async function relabelled(
  { current, duplicates }: History,
  pods: readonly Pod[],
  { client }: ReconcileContext,
): Promise<readonly Pod[]> {
  const { hashLabel } = revisionKind
  const hashes = new Set(duplicates.map((each) => hashOf(each, hashLabel)))
  const labels = { [REVISION_HASH]: hashOf(current, hashLabel) }
  return settleAll(
    pods.map((pod) => {
      const isOfThese = hashes.has(pod.metadata.labels?.[REVISION_HASH] ?? '')
      return isOfThese ? client.patch(Pod, pod, { metadata: { labels } }) : pod
    }),
  )
}

/** Beyond the limit, the oldest that no pod is of. */
function expired(
  { old }: History,
  { spec }: DaemonSet,
  pods: readonly Pod[],
): readonly RevisionOf[] {
  const surplus = old.length - spec.revisionHistoryLimit
  if (surplus <= 0) return []
  const needed = new Set(pods.map(({ metadata }) => metadata.labels?.[REVISION_HASH]))
  return old.filter((each) => !needed.has(hashOf(each, revisionKind.hashLabel))).slice(0, surplus)
}

/** A rollout goes on when there is nothing else to do, and what was done before is seen. */
async function act(state: DaemonState, plan: DaemonPlan, context: ReconcileContext): Promise<void> {
  const { events } = context
  for (const { pod, nodeName } of plan.ended) {
    const { name, namespace } = pod.metadata
    const about = `daemon pod ${namespace}/${name} on node ${nodeName}`
    if (pod.status.phase === 'Failed') {
      const message = `Found failed ${about}, will try to kill it`
      events.warning(state.daemonSet, 'FailedDaemonPod', message)
    } else {
      const message = `Found succeeded ${about}, will try to delete it`
      events.normal(state.daemonSet, 'SucceededDaemonPod', message)
    }
  }
  const isSettled = plan.create.length + plan.remove.length === 0
  await change(state, isSettled ? planRollout(state) : plan, context)
}

async function change(
  { daemonSet, hash }: DaemonState,
  { create, remove }: NodeChanges,
  context: ReconcileContext,
): Promise<void> {
  const nodeNames = create.slice(0, BURST_MAX)
  const left = nodeNames.values()
  const createNext = (): Promise<void> =>
    createPod(daemonSet, daemonPod(daemonSet, hash, left.next().value!), context)
  const removal = settleAll(
    remove.slice(0, BURST_MAX).map((pod) => deletePod(daemonSet, pod, context)),
  )
  await settleAll([inGrowingBatches(nodeNames.length, createNext), removal])
}
