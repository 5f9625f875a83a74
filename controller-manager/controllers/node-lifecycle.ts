/**
 * Watches over nodes: says of silent ones that nobody knows how they are, keeps pods off those that
 * are not well, and makes pods leave those that stay unwell, not too many at once.
 */
import { findCondition } from '#api/conditions.ts'
import { Lease } from '#api/kinds/coordination/lease.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import {
  type Controller,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { podsOn, readyCondition, recordNodeEvent, recordNodeStatus } from './node-facts.ts'
import { type Look, NodeHealth, silentConditions } from './node-health.ts'
import {
  type Execution,
  executionFor,
  executionOf,
  wantedLabels,
  wantedTaints,
} from './node-taints.ts'
import { type EvictionRates, planZones, ZoneLimits, type Zones, zoneKeyOf } from './node-zones.ts'

export interface NodeLifecycleSettings {
  /** How long a node may be silent. */
  readonly monitorGraceMs: number
  /** How long a node may be silent that has never said anything. */
  readonly startupGraceMs: number
  /** How often a node that is not ready is looked at, although nothing has changed. */
  readonly monitorPeriodMs: number
  readonly rates: EvictionRates
}

const LEASES = 'kube-node-lease'
const WORKERS = 8

export const nodeLifecycleController = (settings: NodeLifecycleSettings): Controller => {
  const watch = new NodeWatch(settings)
  return defineController<Node>({
    name: 'node-controller',
    for: Node,
    selected: [{ kind: Lease, selectors: { namespace: LEASES } }],
    watches: [
      watching(Lease, ({ metadata: { name } }) => [{ name }]),
      watching(Pod, function* ({ spec }, { cached }) {
        // Only a pod on a node of which nobody knows how it is needs to be told so.
        const node = spec.nodeName ? cached(Node).get({ name: spec.nodeName }) : undefined
        if (node && readyCondition(node)?.status === 'Unknown') yield node.metadata
      }),
    ],
    workers: WORKERS,
    reconcile: (node, context) => watch.reconcile(node, context),
    async removed({ name }, { events }) {
      watch.removed(name, events)
    },
  })
}

class NodeWatch {
  readonly #settings: NodeLifecycleSettings
  readonly #health = new NodeHealth()
  readonly #limits = new ZoneLimits()
  /** Nodes that may be tainted, and are not yet seen to be. */
  readonly #granted = new Set<string>()
  #zones: { readonly version: string; readonly zones: Zones } | undefined

  constructor(settings: NodeLifecycleSettings) {
    this.#settings = settings
  }

  removed(name: string, events: ReconcileContext['events']): void {
    const uid = this.#health.forget(name)
    this.#granted.delete(name)
    if (uid === undefined) return
    const node = { kind: 'Node', apiVersion: 'v1', metadata: { name, uid } as never }
    recordNodeEvent(events, node, 'RemovingNode', `Removing Node ${name} from Controller`)
  }

  async reconcile(node: Node, context: ReconcileContext) {
    const { name } = node.metadata
    const lease = context.cached(Lease).get({ name, namespace: LEASES })
    const look = this.#health.look(node, lease, context.clock)
    this.#greet(node, look, context)
    const { monitorGraceMs, startupGraceMs, monitorPeriodMs } = this.#settings
    const leftMs = (readyCondition(node) ? monitorGraceMs : startupGraceMs) - look.silentMs
    if (leftMs < 0 && (await sayIsSilent(node, context))) return undefined
    const waitMs = await this.#taint(node, context)
    const { status } = readyCondition(node) ?? {}
    if (status === 'Unknown') await markPods(node, context)
    // The grace has to be exceeded.
    const silenceMs = leftMs < 0 ? Number.POSITIVE_INFINITY : leftMs + 1
    if (status === 'True') return { requeueAfterMs: silenceMs }
    // How all the others are decides what becomes of this one.
    return { requeueAfterMs: Math.min(silenceMs, waitMs ?? monitorPeriodMs, monitorPeriodMs) }
  }

  #greet(node: Node, { isNew, formerUid }: Look, { events }: ReconcileContext): void {
    if (!isNew) return
    const { name } = node.metadata
    if (formerUid !== undefined) {
      const former = { ...node, metadata: { ...node.metadata, uid: formerUid } }
      recordNodeEvent(events, former, 'RemovingNode', `Removing Node ${name} from Controller`)
    }
    recordNodeEvent(events, node, 'RegisteredNode', `Registered Node ${name} in Controller`)
  }

  /** How long to wait until the node may be tainted; undefined when nobody can tell. */
  async #taint(node: Node, context: ReconcileContext): Promise<number | undefined> {
    const { execution, waitMs } = this.#execution(node, context)
    const now = epochToTime(Math.floor(context.clock.now() / 1000))
    const taints = wantedTaints(node, execution, now)
    const labels = wantedLabels(node)
    if (taints || labels) {
      const { resourceVersion } = node.metadata
      await context.client.patch(Node, node, {
        metadata: { resourceVersion, ...(labels && { labels }) },
        ...(taints && { spec: { taints } }),
      })
    }
    this.#granted.delete(node.metadata.name)
    return waitMs
  }

  #execution(
    node: Node,
    context: ReconcileContext,
  ): { readonly execution: Execution; readonly waitMs?: number | undefined } {
    const wanted = executionFor(readyCondition(node)?.status)
    if (wanted === undefined) return { execution: undefined }
    const zones = this.#zonesNow(context)
    if (zones.areAllDisrupted) return { execution: undefined }
    // A node whose pods leave already may change its reason without asking.
    if (executionOf(node) !== undefined) return { execution: wanted }
    const { name } = node.metadata
    const key = zoneKeyOf(node)
    const rate = zones.byKey.get(key)?.rate ?? this.#settings.rates.usualRate
    const waitMs = this.#granted.has(name)
      ? 0
      : this.#limits.take(key, rate, context.clock.monotonic())
    if (waitMs !== 0) return { execution: undefined, waitMs }
    this.#granted.add(name)
    return { execution: wanted }
  }

  /** Worked out once for each state of the nodes. */
  #zonesNow({ cached, clock, log }: ReconcileContext): Zones {
    const nodes = cached(Node)
    const { version } = nodes
    if (this.#zones?.version === version) return this.#zones.zones
    const zones = planZones(nodes.list(), this.#settings.rates)
    const wereAllDisrupted = this.#zones?.zones.areAllDisrupted ?? false
    if (zones.areAllDisrupted !== wereAllDisrupted) {
      log.info(
        wereAllDisrupted
          ? 'some nodes are ready: pods may leave others again'
          : 'no node is ready: pods stay where they are',
      )
      if (wereAllDisrupted) this.#health.excuseAll(clock.monotonic())
    }
    this.#zones = { version, zones }
    return zones
  }
}

/** Whether there was something to say. */
async function sayIsSilent(
  node: Node,
  { client, clock, events, log }: ReconcileContext,
): Promise<boolean> {
  const conditions = silentConditions(node, epochToTime(Math.floor(clock.now() / 1000)))
  if (!conditions) return false
  await client.updateStatus(Node, node, { ...node.status, conditions })
  if (readyCondition(node)?.status === 'True') {
    log.info('node has fallen silent')
    recordNodeStatus(events, node, 'NodeNotReady')
  }
  return true
}

/** Nobody else would take them out of Services. */
async function markPods(node: Node, context: ReconcileContext): Promise<void> {
  const ready = podsOn(node.metadata.name, context).filter(
    ({ status }) => findCondition(status.conditions, 'Ready')?.status === 'True',
  )
  await settleAll(ready.map((pod) => markPod(pod, context)))
}

async function markPod(pod: Pod, { client, clock, events }: ReconcileContext): Promise<void> {
  const lastTransitionTime = epochToTime(Math.floor(clock.now() / 1000))
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime }]
  const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions } }
  try {
    await client.patch(Pod, pod, patch, { type: 'strategic', subresource: 'status' })
  } catch (error) {
    if (isReason(error, 'NotFound')) return
    throw error
  }
  events.warning(pod, 'NodeNotReady', 'Node is not ready')
}
