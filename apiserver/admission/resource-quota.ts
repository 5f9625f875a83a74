/** ResourceQuota: a namespace uses no more than its quotas grant. */
import type { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { type Evaluator, evaluatorOf } from '#api/rules/quota/evaluators.ts'
import { qualified } from '#api/status.ts'
import type { AdmissionContext, AdmissionPlugin, Attributes, Undo } from './admission.ts'
import { isConcerned, type QuotaRequest } from './quota/check.ts'
import { QuotaLedgers } from './quota/ledger.ts'

/** Nobody counts what happens, nor namespaces within themselves. */
const uncounted = new Set(['events', 'events.events.k8s.io', 'namespaces', 'bindings'])

export function resourceQuota(context: AdmissionContext): AdmissionPlugin {
  const quotas = context.cache.of<ResourceQuota>('resourcequotas')
  const ledgers = new QuotaLedgers(context)
  const evaluators = new Map<string, Evaluator>()
  const evaluatorFor = (name: string): Evaluator => {
    let found = evaluators.get(name)
    if (!found) {
      found = evaluatorOf(name)
      evaluators.set(name, found)
    }
    return found
  }
  return {
    name: 'ResourceQuota',
    handles: (attributes) =>
      attributes.namespace !== '' &&
      isCounted(attributes) &&
      quotas.list(attributes.namespace).length > 0,
    validate(attributes): undefined | Promise<Undo | undefined> {
      const evaluator = evaluatorFor(qualified(attributes.resource))
      const request: QuotaRequest = { attributes, evaluator, nowMs: context.clock.now() }
      if (!isConcerned(request, quotas.list(attributes.namespace))) return undefined
      return ledgers.charge(request)
    },
  }
}

/** Most objects count as long as they exist; some grow or shrink while they do. */
function isCounted({ operation, subresource, resource, object, old }: Attributes): boolean {
  const name = qualified(resource)
  if (uncounted.has(name) || !object) return false
  const isPlain = subresource === ''
  if (operation === 'CREATE') return isPlain
  if (operation !== 'UPDATE' || !old) return false
  switch (name) {
    case 'pods':
      return subresource === 'resize'
    case 'services':
    case 'resourceclaims.resource.k8s.io':
      return isPlain
    case 'persistentvolumeclaims':
      return isPlain || subresource === 'status'
    default:
      return false
  }
}
