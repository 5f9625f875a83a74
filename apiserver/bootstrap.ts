/** What every cluster has from its first start on, made again at each start when it is missing. */
import { epochToTime } from '#api/time.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { repairAllocations } from './allocation/repair.ts'
import { ensureApiServices } from './bootstrap/api-services.ts'
import { enforce, ensure } from './bootstrap/ensure.ts'
import { flowSchemas, foundStatus, priorityLevels } from './bootstrap/flow-control.ts'
import {
  type Advertised,
  ensureKubernetesService,
  ensureServiceRange,
} from './bootstrap/kubernetes-service.ts'
import { priorityClasses } from './bootstrap/priority-classes.ts'
import { ensurePolicy } from './bootstrap/rbac/ensure-policy.ts'
import { localPathClass } from './bootstrap/storage-classes.ts'
import type { ServerParts } from './request-context.ts'

const namespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default']

/** Side by side where order does not matter, so that the writes share flushes. */
export async function bootstrap(parts: ServerParts, advertised?: Advertised): Promise<void> {
  // Before what a first start is known by, so that a start that was cut off is one again.
  if (isFirstStart(parts)) await ensure(parts, localPathClass)
  await settleAll<unknown>([
    ...namespaces.map((name) => ensureNamespace(parts, name)),
    ensureServiceRange(parts),
  ])
  await repairAllocations(parts)
  await settleAll<unknown>([
    ensureKubernetesService(parts, advertised),
    ensureApiServices(parts),
    ensurePolicy(parts),
    ...[...priorityClasses, ...priorityLevels].map((each) => ensure(parts, each)),
    ...flowSchemas.map((each) => ensureFlowSchema(parts, each)),
  ])
}

const isFirstStart = ({ store, resources }: ServerParts): boolean =>
  !store.get(resources.find('', 'v1', 'namespaces')!.keyOf('', 'kube-system'))

const ensureNamespace = (parts: ServerParts, name: string): Promise<boolean> =>
  ensure(parts, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

async function ensureFlowSchema(
  parts: ServerParts,
  schema: (typeof flowSchemas)[number],
): Promise<void> {
  if (!(await ensure(parts, schema))) return
  const now = epochToTime(Math.floor(parts.clock.now() / 1000))
  const { metadata, spec } = schema
  const status = foundStatus(metadata.name, spec.priorityLevelConfiguration.name, now)
  await enforce(parts, status, 'status')
}
