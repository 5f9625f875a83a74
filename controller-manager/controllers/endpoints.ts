/** Shows the pods behind each Service that selects pods in one object, for older clients. */
import { Endpoints } from '#api/kinds/core/endpoints.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { selectorFromLabels } from '#api/label-selector.ts'
import { isReason } from '#api/status.ts'
import { defineController, type ReconcileContext, watching } from '#client/controller.ts'
import type { Client } from '#client/rest.ts'
import { isNamespaceTerminating, messageOf } from '../pods.ts'
import { isSelecting, servicesOf } from './endpoint-facts.ts'
import { isOurs, type WantedEndpoints, wantedEndpoints } from './endpoints-plan.ts'

/** The server says each time that Endpoints are deprecated, which is why we are here. */
const quiet = (client: Client): Client => client.with({ warn: () => undefined })

export const endpointsController = defineController<Service>({
  name: 'endpoint-controller',
  for: Service,
  watches: [
    watching(Pod, servicesOf),
    watching(Endpoints, function* (endpoints, { cached }) {
      // Those that users make before they make the Service are none of ours.
      const { metadata } = endpoints
      if (isOurs(endpoints) || cached(Service).get(metadata)) yield metadata
    }),
  ],
  async removed(reference, { cached, client }) {
    const present = cached(Endpoints).get(reference)
    if (!present || present.metadata.deletionTimestamp) return
    try {
      await quiet(client).delete(Endpoints, present)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  },
  async reconcile(service, context) {
    if (service.metadata.deletionTimestamp || !isSelecting(service)) return
    const { cached } = context
    const selector = selectorFromLabels(service.spec.selector)
    const pods = cached(Pod).matching(selector, service.metadata.namespace)
    const present = cached(Endpoints).get(service)
    const wanted = wantedEndpoints(service, pods, present)
    if (!wanted) return
    if (present) await update(service, present, wanted, context)
    else await create(service, wanted, context)
  },
})

async function create(
  service: Service,
  { labels, annotations, subsets }: WantedEndpoints,
  { client, events }: ReconcileContext,
): Promise<void> {
  const { name, namespace } = service.metadata
  const metadata = { name, namespace: namespace ?? '', labels, annotations }
  try {
    await quiet(client).create(Endpoints, { metadata, subsets } as never)
  } catch (error) {
    if (isNamespaceTerminating(error)) return
    const message = `Failed to create endpoint for service ${namespace}/${name}: ${messageOf(error)}`
    events.warning(service, 'FailedToCreateEndpoint', message)
    throw error
  }
}

async function update(
  { metadata: { name, namespace } }: Service,
  present: Endpoints,
  { labels, annotations, subsets }: WantedEndpoints,
  { client, events }: ReconcileContext,
): Promise<void> {
  const metadata = { ...present.metadata, labels, annotations }
  try {
    await quiet(client).update(Endpoints, { ...present, metadata, subsets })
  } catch (error) {
    const message = `Failed to update endpoint ${namespace}/${name}: ${messageOf(error)}`
    if (!isReason(error, 'Conflict')) events.warning(present, 'FailedToUpdateEndpoint', message)
    throw error
  }
}
