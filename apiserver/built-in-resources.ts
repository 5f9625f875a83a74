/** The resources of all built-in kinds, and how some of them are stored. */
import type { Kind } from '#api/kind.ts'
import { kinds } from '#api/registry.ts'
import { Resource, type ResourceOptions, ResourceTable } from './resources.ts'

const HOUR_SECONDS = 3600

/** Requests in the form of objects: answered at once, never stored. */
const virtualGroups = new Set(['authentication.k8s.io', 'authorization.k8s.io'])
/** Served by whoever has the figures. */
const foreignGroups = new Set(['metrics.k8s.io'])

const options: Readonly<Record<string, ResourceOptions>> = {
  events: { ttlSeconds: HOUR_SECONDS, relaxed: true },
  'leases.coordination.k8s.io': { relaxed: true },
}

export function builtInResources(): ResourceTable {
  const table = new ResourceTable()
  for (const kind of kinds.filter(isServed)) table.add(new Resource(kind, options[fullName(kind)]))
  return table
}

const isServed = ({ plural, group }: Kind): boolean =>
  plural !== undefined && !foreignGroups.has(group)

export const isVirtual = ({ group }: Kind): boolean => virtualGroups.has(group)

const fullName = ({ group, plural }: Kind): string => (group ? `${plural}.${group}` : plural!)
