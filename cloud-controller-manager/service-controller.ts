/** Gives Services of the type LoadBalancer what they ask for, and takes it back when they go. */
import { Node } from '#api/kinds/core/node.ts'
import { type LoadBalancerStatus, Service } from '#api/kinds/core/service.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason } from '#api/status.ts'
import {
  type Controller,
  defineController,
  type ReconcileContext,
  type Watched,
} from '#client/controller.ts'
import type { Change } from '#client/informer.ts'
import { keyOf } from '#client/resource.ts'
import { type Balancers, NotNow } from './provider.ts'

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup'
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler'
/** How often a Service is tried again that waits for another one to go. */
const RETRY_MS = 300_000

/** Those with a class are somebody else's. */
const wantsBalancer = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined

const hasFinalizer = ({ metadata }: Service): boolean =>
  metadata.finalizers?.includes(FINALIZER) ?? false

const isGoing = ({ metadata }: Service): boolean => Boolean(metadata.deletionTimestamp)

export type Action = 'ensure' | 'remove' | 'nothing'

/** Pure: what has to be done about the balancer of a Service. */
export function actionFor(service: Service): Action {
  if (wantsBalancer(service) && !isGoing(service)) return 'ensure'
  const isOver = isGoing(service) || service.spec.type !== 'LoadBalancer'
  return hasFinalizer(service) && isOver ? 'remove' : 'nothing'
}

/** Pure: whether traffic from outside may be sent to the node. */
export const takesTraffic = ({ metadata, spec }: Node): boolean =>
  !metadata.deletionTimestamp &&
  metadata.labels?.[EXCLUDED] === undefined &&
  !(spec.taints ?? []).some(({ key }) => key === TO_BE_DELETED)

/** What a balancer was made for; when it is the same, nothing has to be said again. */
interface Made {
  readonly uid: string
  readonly about: string
  readonly nodes: string
}

const aboutOf = ({ spec, metadata }: Service): string =>
  JSON.stringify([spec, metadata.annotations ?? {}])

const ipsOf = ({ status }: Service): readonly string[] =>
  (status.loadBalancer.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []))

/** What one gives back, another waits for; and of two that have the same, one has to move. */
const others: Watched = {
  kind: Service,
  *references({ type, object, previous }: Change<Service>, { cached }) {
    const before = type === 'removed' ? ipsOf(object) : previous ? ipsOf(previous) : []
    const now = type === 'removed' ? [] : ipsOf(object)
    const isFreed = before.some((ip) => !now.includes(ip))
    const taken = now.filter((ip) => !before.includes(ip))
    if (!isFreed && taken.length === 0) return
    for (const service of cached(Service).list()) {
      if (!wantsBalancer(service) || service.metadata.uid === object.metadata.uid) continue
      const has = ipsOf(service)
      const isWaiting = isFreed && has.length === 0
      if (isWaiting || has.some((ip) => taken.includes(ip))) yield service.metadata
    }
  },
}

const nodes: Watched = {
  kind: Node,
  *references({ type, object, previous }: Change<Node>, { cached }) {
    if (type === 'updated' && takesTraffic(object) === takesTraffic(previous)) return
    for (const service of cached(Service).list()) {
      if (wantsBalancer(service)) yield service.metadata
    }
  },
}

/** One worker: two Services never draw at the same time. */
export function serviceController(balancers: Balancers): Controller {
  const made = new Map<string, Made>()
  return defineController<Service>({
    name: 'service-controller',
    for: Service,
    watches: [others, ...(balancers.dependsOnNodes ? [nodes] : [])],
    reads: [Node],
    workers: 1,
    async removed(reference) {
      made.delete(keyOf(reference))
    },
    async reconcile(service, context) {
      const action = actionFor(service)
      if (action === 'nothing') return undefined
      try {
        if (action === 'ensure') await ensure(service, balancers, made, context)
        else await remove(service, balancers, context)
      } catch (error) {
        if (isReason(error, 'Conflict')) throw error
        const { message } = error as Error
        const failed = action === 'ensure' ? 'ensure' : 'delete'
        context.events.warning(
          service,
          'SyncLoadBalancerFailed',
          `Error syncing load balancer: failed to ${failed} load balancer: ${message}`,
        )
        if (!(error instanceof NotNow)) throw error
        context.log.info('balancer has to wait', { reason: message })
        return { requeueAfterMs: RETRY_MS }
      }
      if (action === 'remove') made.delete(keyOf(service))
      return undefined
    },
  })
}

async function ensure(
  service: Service,
  balancers: Balancers,
  made: Map<string, Made>,
  context: ReconcileContext,
): Promise<void> {
  const { cached, events, log } = context
  const key = keyOf(service)
  const known = made.get(key)
  const able = cached(Node).list().filter(takesTraffic)
  const { uid } = service.metadata
  const names = balancers.dependsOnNodes ? able.map(({ metadata }) => metadata.name).toSorted() : []
  const now = { uid, about: aboutOf(service), nodes: names.join() }
  const before = service.status.loadBalancer
  const isComplete = hasFinalizer(service) && (before.ingress?.length ?? 0) > 0
  const isNew = !isComplete || (known?.uid === uid && known.about !== now.about)
  if (isNew) events.normal(service, 'EnsuringLoadBalancer', 'Ensuring load balancer')
  if (isNew && balancers.dependsOnNodes && able.length === 0) {
    const message = 'There are no available nodes for LoadBalancer'
    events.warning(service, 'UnAvailableLoadBalancer', message)
  }
  // Before there is anything to clean up.
  const held = hasFinalizer(service) ? service : await withFinalizer(service, context)
  const status = await balancers.ensure({ service, services: cached(Service).list(), nodes: able })
  if (isNew) events.normal(service, 'EnsuredLoadBalancer', 'Ensured load balancer')
  else if (known && known.nodes !== now.nodes) {
    events.normal(service, 'UpdatedLoadBalancer', 'Updated load balancer with new hosts')
  }
  if (!sameJson(before, status)) {
    await patchStatus(held, status, context)
    log.info('balancer is there', { addresses: status.ingress?.map(({ ip }) => ip) })
  }
  made.set(key, now)
}

/** By way of the status, which is all that this account may write of a Service. */
const withFinalizer = ({ metadata }: Service, { client }: ReconcileContext): Promise<Service> => {
  const { resourceVersion } = metadata
  const finalizers = [...(metadata.finalizers ?? []), FINALIZER]
  const patch = { metadata: { resourceVersion, finalizers } }
  return client.patch(Service, metadata, patch, { subresource: 'status' })
}

async function patchStatus(
  { metadata }: Service,
  loadBalancer: LoadBalancerStatus,
  { client }: ReconcileContext,
): Promise<void> {
  // A Service that is gone, or another of that name, gets no status of this one.
  const patch = {
    metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion },
    status: { loadBalancer },
  }
  await client.patch(Service, metadata, patch, { subresource: 'status' })
}

async function remove(
  service: Service,
  balancers: Balancers,
  { client, events, log }: ReconcileContext,
): Promise<void> {
  const { metadata } = service
  events.normal(service, 'DeletingLoadBalancer', 'Deleting load balancer')
  await balancers.remove(service)
  const { resourceVersion } = metadata
  const finalizers = metadata.finalizers?.filter((each) => each !== FINALIZER) ?? []
  // The server clears what is said about the balancer of a Service that has none any more.
  const status = service.spec.type === 'LoadBalancer' ? { loadBalancer: { ingress: null } } : {}
  const patch = { metadata: { resourceVersion, finalizers }, status }
  try {
    await client.patch(Service, metadata, patch, { subresource: 'status' })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  events.normal(service, 'DeletedLoadBalancer', 'Deleted load balancer')
  log.info('balancer is gone')
}
