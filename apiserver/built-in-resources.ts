/** The resources of all built-in kinds, and how some of them are stored. */
import type { Kind } from '#api/kind.ts'
import { HorizontalPodAutoscaler as Autoscaler } from '#api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { Event as CoreEvent } from '#api/kinds/core/event.ts'
import { kinds } from '#api/registry.ts'
import { newerAutoscaler, olderAutoscaler } from '#api/rules/autoscaler-versions.ts'
import { coreEvent, newerEvent } from '#api/rules/event-versions.ts'
import { Resource, type ResourceOptions, ResourceTable } from './resources.ts'

const HOUR_SECONDS = 3600

const events = { ttlSeconds: HOUR_SECONDS, relaxed: true }

/** By group and plural, or by version and kind where versions differ. */
const options: Readonly<Record<string, ResourceOptions>> = {
  events,
  'events.k8s.io/v1 Event': {
    ...events,
    conversion: {
      stored: CoreEvent,
      toStored: (event) => coreEvent(event as never) as never,
      fromStored: (event) => newerEvent(event as never) as never,
    },
  },
  'autoscaling/v1 HorizontalPodAutoscaler': {
    conversion: {
      stored: Autoscaler,
      toStored: (autoscaler) => newerAutoscaler(autoscaler as never) as never,
      fromStored: (autoscaler) => olderAutoscaler(autoscaler as never) as never,
    },
  },
  'leases.coordination.k8s.io': { relaxed: true },
}

/** `disabled`: versions such as `apps/v1` that are not served. */
export function builtInResources(disabled: ReadonlySet<string> = new Set()): ResourceTable {
  const table = new ResourceTable()
  for (const kind of kinds.filter(isServed)) {
    if (disabled.has(kind.apiVersion)) continue
    const found = options[`${kind.apiVersion} ${kind.kind}`] ?? options[fullName(kind)]
    table.add(new Resource(kind, found))
  }
  return table
}

const isServed = ({ plural }: Kind): boolean => plural !== undefined

const fullName = ({ group, plural }: Kind): string => (group ? `${plural}.${group}` : plural!)
