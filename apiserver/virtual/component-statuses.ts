/** ComponentStatuses: how the store and the leaders of other components are, when asked. */

import type { Lease } from '#api/kinds/coordination/lease.ts'
import type { ComponentStatus } from '#api/kinds/core/component-status.ts'
import { notFound } from '#api/status.ts'
import { microTimeToEpoch } from '#api/time.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { entryResult, type Result } from '../result.ts'
import { selectionOf } from '../selection.ts'
import type { Entry } from '../store/store.ts'
import { type ApiObject, storedBytes } from '../stored-object.ts'

type Health = Pick<NonNullable<ComponentStatus['conditions']>[number], 'message' | 'error'>

/** Those that elect a leader are well while their leader keeps its Lease. */
const leaders: Readonly<Record<string, string>> = {
  'controller-manager': 'kube-controller-manager',
  scheduler: 'kube-scheduler',
}

export async function componentStatuses(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const { name } = context.info
  const entries = [...Object.keys(leaders), 'etcd-0'].map((each) =>
    entryOf(parts, resource, each, healthOf(parts, each)),
  )
  if (name) {
    const entry = entries.find(({ key }) => key === resource.keyOf('', name))
    if (!entry) throw notFound(resource, name)
    return entryResult(200, resource, entry)
  }
  const { prefix, select } = selectionOf(context, resource)
  const wanted = entries.filter(
    (entry) => entry.key.startsWith(prefix) && (select?.(entry) ?? true),
  )
  return { type: 'list', resource, entries: wanted, revision: parts.store.revision }
}

function healthOf(parts: ServerParts, component: string): Health {
  const lease = leaders[component]
  if (lease) return leaderHealth(parts, lease)
  const { fault } = parts.store
  return fault ? { error: fault.message } : { message: 'ok' }
}

function leaderHealth({ store, resources, clock }: ServerParts, name: string): Health {
  const leases = resources.find('coordination.k8s.io', 'v1', 'leases')!
  const entry = store.get(leases.keyOf('kube-system', name))
  if (!entry) return { error: 'no leader has been elected' }
  const { spec } = leases.parse(entry) as unknown as Lease
  if (!spec.renewTime) return { error: 'there is no leader' }
  const end = microTimeToEpoch(spec.renewTime).seconds + (spec.leaseDurationSeconds ?? 0)
  const isLate = end * 1000 < clock.now()
  return isLate
    ? { error: `the leader has not been seen since ${spec.renewTime}` }
    : { message: 'ok' }
}

/** As if it were stored, so that it can be shown in every form. */
function entryOf({ store }: ServerParts, resource: Resource, name: string, health: Health): Entry {
  const { kind } = resource
  const condition = { type: 'Healthy', status: health.error ? 'False' : 'True', ...health }
  const object = {
    kind: kind.kind,
    apiVersion: kind.apiVersion,
    metadata: { name, creationTimestamp: null },
    conditions: [condition],
  } as unknown as ApiObject
  return {
    key: resource.keyOf('', name),
    value: storedBytes(kind, object),
    labels: {},
    fields: {},
    revision: store.revision,
    createRevision: store.revision,
    expiresAt: 0,
  }
}
