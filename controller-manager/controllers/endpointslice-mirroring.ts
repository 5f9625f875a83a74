/** Shows Endpoints that users fill by hand as slices, which is all that anybody reads today. */
import { Endpoints } from '#api/kinds/core/endpoints.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { selectorFromLabels } from '#api/label-selector.ts'
import { isReason } from '#api/status.ts'
import {
  type CacheAccess,
  type Controller,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { controllerReference, isNamespaceTerminating, podNamePrefix } from '../pods.ts'
import { isSelecting } from './endpoint-facts.ts'
import {
  isMirrored,
  MANAGED_BY,
  MANAGER,
  type Mirror,
  type MirrorSlice,
  mirrorOf,
  planMirror,
  SERVICE_NAME,
  type SliceMeta,
  sliceMeta,
} from './endpointslice-mirroring-plan.ts'

export interface MirroringSettings {
  /** Addresses of a subset that are mirrored at most. */
  readonly perSubsetMax: number
}

export const mirroringController = ({ perSubsetMax }: MirroringSettings): Controller =>
  defineController<Endpoints>({
    name: 'endpoint-slice-mirroring-controller',
    for: Endpoints,
    owns: [EndpointSlice],
    watches: [watching(Service, ({ metadata }) => [metadata])],
    removed: (reference, context) => mirror([], undefined, reference, context),
    async reconcile(endpoints, context) {
      const { metadata } = endpoints
      const service = context.cached(Service).get(metadata)
      const isWanted = service && !isFilledByUs(service) && isMirrored(endpoints)
      if (!isWanted || metadata.deletionTimestamp) {
        return mirror([], undefined, metadata, context)
      }
      const found = mirrorOf(endpoints, perSubsetMax)
      report(endpoints, found, perSubsetMax, context)
      await mirror(found.slices, endpoints, metadata, context)
    },
  })

/** An ExternalName with a selector is filled by nobody, and is no reason to mirror either. */
const isFilledByUs = (service: Service): boolean =>
  isSelecting(service) || Object.keys(service.spec.selector ?? {}).length > 0

function report(
  endpoints: Endpoints,
  { invalid, skipped }: Mirror,
  perSubsetMax: number,
  { events }: ReconcileContext,
): void {
  if (invalid > 0) {
    const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`
    events.warning(endpoints, 'InvalidIPAddress', message)
  }
  if (skipped > 0) {
    const message =
      `A max of ${perSubsetMax} addresses can be mirrored to EndpointSlices per Endpoints subset. ` +
      `${skipped} addresses were skipped`
    events.warning(endpoints, 'TooManyAddressesToMirror', message)
  }
}

function ourSlices({ name, namespace }: Reference, { cached }: CacheAccess) {
  const selector = selectorFromLabels({ [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER })
  return cached(EndpointSlice)
    .matching(selector, namespace)
    .filter(({ metadata }) => !metadata.deletionTimestamp)
}

async function mirror(
  wanted: readonly MirrorSlice[],
  endpoints: Endpoints | undefined,
  reference: Reference,
  context: ReconcileContext,
): Promise<void> {
  const { client } = context
  const meta = endpoints ? sliceMeta(endpoints) : { labels: {}, annotations: {} }
  const { create, update, remove } = planMirror(wanted, ourSlices(reference, context), meta)
  await settleAll([
    ...create.map((slice) => createSlice(endpoints!, slice, meta, context)),
    ...update.map((slice) => client.update(EndpointSlice, slice)),
    ...remove.map((slice) => removeSlice(slice, context)),
  ])
}

async function createSlice(
  endpoints: Endpoints,
  slice: MirrorSlice,
  meta: SliceMeta,
  { client }: ReconcileContext,
): Promise<void> {
  const { name, namespace } = endpoints.metadata
  const ownerReferences = [controllerReference(Endpoints, endpoints)]
  const metadata = { generateName: podNamePrefix(name), namespace, ...meta, ownerReferences }
  try {
    await client.create(EndpointSlice, { metadata, ...slice } as never)
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error
  }
}

async function removeSlice(slice: EndpointSlice, { client }: ReconcileContext): Promise<void> {
  try {
    await client.delete(EndpointSlice, slice)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
