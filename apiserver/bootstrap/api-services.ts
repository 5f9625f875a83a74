/** An APIService for each group and version that the server answers itself. */
import { epochToTime } from '#api/time.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { ServerParts } from '../request-context.ts'
import { servedOf } from '../routes/discovery.ts'
import { priorityOf } from '../routes/group-order.ts'
import { enforce, ensure } from './ensure.ts'

/** Says that the server makes the object, and when: once at the start, or as definitions come. */
export const AUTOMANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged'

/** The core group has an empty name, and its service one that ends with a dot. */
export const apiServiceName = (group: string, version: string): string => `${version}.${group}`

export async function ensureApiServices(parts: ServerParts): Promise<void> {
  const served = servedOf(parts.resources)
  await settleAll(
    served.map(({ group, version }) => ensureApiService(parts, group, version, 'onstart')),
  )
}

export async function ensureApiService(
  parts: ServerParts,
  group: string,
  version: string,
  automanaged: 'onstart' | 'true',
): Promise<void> {
  const priority = priorityOf(group, version)
  const named = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: {
      name: apiServiceName(group, version),
      labels: { [AUTOMANAGED_LABEL]: automanaged },
    },
  }
  const spec = {
    ...(group && { group }),
    version,
    groupPriorityMinimum: priority.group,
    versionPriority: priority.version,
  }
  if (!(await ensure(parts, { ...named, spec }))) return
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: epochToTime(Math.floor(parts.clock.now() / 1000)),
    reason: 'Local',
    message: 'Local APIServices are always available',
  }
  await enforce(parts, { ...named, spec, status: { conditions: [condition] } }, 'status')
}
