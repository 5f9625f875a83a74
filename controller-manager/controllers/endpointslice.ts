/** Shows the pods behind each Service that selects pods, in slices of a hundred endpoints. */
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { selectorFromLabels } from '#api/label-selector.ts'
import { dnsSubdomainName } from '#api/names.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  type Watched,
  watching,
} from '#client/controller.ts'
import type { Change } from '#client/informer.ts'
import { settleAll } from '#daemon/settle-all.ts'
import {
  type AddressType,
  addressesOf,
  addressTypesOf,
  endpointFor,
  isHeadless,
  isSelecting,
  isShown,
  portsFor,
  servicesOf,
  zoneOf,
} from './endpoint-facts.ts'
import {
  grouped,
  ofType,
  planSlices,
  type SlicePlan,
  type WantedGroup,
} from './endpointslice-plan.ts'
import { podsOn } from './node-facts.ts'

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
const SERVICE_NAME = 'kubernetes.io/service-name'
const HEADLESS = 'service.kubernetes.io/headless'

/** Of nodes only their coming and going matters, and where they are: not that they are alive. */
const nodes: Watched = {
  kind: Node,
  *references({ object, previous }: Change<Node>, access: CacheAccess) {
    if (previous && zoneOf(previous) === zoneOf(object)) return
    for (const pod of podsOn(object.metadata.name, access)) {
      yield* servicesOf(pod, access)
    }
  },
}

export const endpointSliceController = defineController({
  name: 'endpoint-slice-controller',
  for: Service,
  owns: [EndpointSlice],
  watches: [watching(Pod, servicesOf), nodes],
  async reconcile(service, context) {
    const { client, events } = context
    if (service.metadata.deletionTimestamp || !isSelecting(service)) return
    const existing = slicesOf(service, context)
    const types = addressTypesOf(service)
    const labels = labelsFor(service)
    const { groups, absent } = wantedFor(service, types, context)
    const writes = types.flatMap((type) => {
      const plan = planSlices(groups.get(type) ?? [], ofType(existing, type), labels)
      return carriedOut(plan, service, type, labels, context)
    })
    const others = existing.filter(({ addressType }) => !types.includes(addressType as AddressType))
    try {
      await settleAll([...writes, ...others.map((slice) => client.delete(EndpointSlice, slice))])
    } catch (error) {
      const { namespace, name } = service.metadata
      const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${error}`
      events.warning(service, 'FailedToUpdateEndpointSlices', message)
      throw error
    }
    // A pod may be seen before its node is: the node, when it comes, brings the Service again.
    for (const { metadata, spec } of absent) {
      context.log.info('endpoint left out: its node is not there', {
        pod: metadata.name,
        node: spec.nodeName,
      })
    }
  },
})

/** Those that we keep for this very Service, and that are not going already. */
function slicesOf({ metadata }: Service, { cached }: ReconcileContext): EndpointSlice[] {
  return cached(EndpointSlice)
    .ownedBy({ metadata })
    .filter(
      (slice) =>
        slice.metadata.labels?.[MANAGED_BY] === MANAGER && !slice.metadata.deletionTimestamp,
    )
}

interface Wanted {
  readonly groups: ReadonlyMap<AddressType, readonly WantedGroup[]>
  /** Pods of nodes that are not there. */
  readonly absent: readonly Pod[]
}

function wantedFor(
  service: Service,
  types: readonly AddressType[],
  { cached }: ReconcileContext,
): Wanted {
  const { selector, publishNotReadyAddresses } = service.spec
  const selected = cached(Pod)
    .matching(selectorFromLabels(selector), service.metadata.namespace)
    .filter(isShown)
  const nodeOf = ({ spec }: Pod) =>
    spec.nodeName ? cached(Node).get({ name: spec.nodeName }) : undefined
  const isAbsent = (pod: Pod) =>
    !publishNotReadyAddresses && Boolean(pod.spec.nodeName) && !nodeOf(pod)
  const pods = selected.filter((pod) => !isAbsent(pod))
  const groups = new Map(
    types.map((type) => [
      type,
      grouped(
        pods.flatMap((pod) => {
          const addresses = addressesOf(pod, type)
          if (addresses.length === 0) return []
          const endpoint = endpointFor(service, pod, nodeOf(pod), addresses)
          return [{ ports: portsFor(service, pod), endpoint }]
        }),
      ),
    ]),
  )
  return { groups, absent: selected.filter(isAbsent) }
}

/** The Service's own, as far as they do not say what ours say. */
function labelsFor(service: Service): Record<string, string> {
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {}
  return {
    ...labels,
    ...(isHeadless(service) && { [HEADLESS]: '' }),
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: MANAGER,
  }
}

function carriedOut(
  { create, update, remove }: SlicePlan,
  { metadata, apiVersion, kind }: Service,
  addressType: AddressType,
  labels: Record<string, string>,
  { client }: ReconcileContext,
): Promise<unknown>[] {
  const { name, namespace, uid } = metadata
  const prefix = `${name}-`
  const generateName = dnsSubdomainName(prefix, true).length === 0 ? prefix : name
  const owner = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  const meta = { generateName, namespace, labels, ownerReferences: [owner] }
  return [
    ...create.map((slice) =>
      client.create(EndpointSlice, { metadata: meta, addressType, ...slice } as never),
    ),
    ...update.map((slice) => client.update(EndpointSlice, slice)),
    ...remove.map((slice) => client.delete(EndpointSlice, slice)),
  ]
}
