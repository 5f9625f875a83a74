/** Takes one disruption out of a budget, or says why there is none. */
import { findCondition, withCondition } from '#api/conditions.ts'
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { forbidden, StatusError } from '#api/status.ts'
import { timeOf } from '../managed-fields.ts'
import type { ServerParts } from '../request-context.ts'
import { selfContext, selfParameters } from '../self.ts'
import type { ApiObject } from '../stored-object.ts'
import { changeObject } from '../verbs/update.ts'

/** Evictions that the budget's controller has not seen happen yet. */
const DISRUPTED_PODS_MAX = 2000
const RETRY_SECONDS = 10

/** As messages name it. */
const budgets = { group: 'policy', plural: 'poddisruptionbudget' }

export async function useBudget(
  parts: ServerParts,
  { namespace = '', name }: ApiObject['metadata'],
  podName: string,
  isDry: boolean,
): Promise<void> {
  const resource = parts.resources.find('policy', 'v1', 'poddisruptionbudgets')!
  const context = selfContext(resource, 'update', namespace, name, 'status')
  const parameters = { ...selfParameters, dryRun: isDry }
  await changeObject(context, parts, resource, parameters, (present) => {
    takeOne(present as unknown as PodDisruptionBudget, podName, timeOf(parts.clock.now()))
    return present
  })
}

/** Pure but for the change of `budget` in place; throws when it has no room. */
function takeOne(budget: PodDisruptionBudget, podName: string, now: string): void {
  const { metadata, status } = budget
  const { name, generation = 0 } = metadata
  if ((status.observedGeneration ?? 0) < generation) throw stillProcessed(name)
  if (status.disruptionsAllowed < 0) {
    throw forbidden(budgets, name, 'pdb disruptions allowed is negative')
  }
  if (Object.keys(status.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX) {
    throw forbidden(
      budgets,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    )
  }
  if (status.disruptionsAllowed === 0) throw exhausted(budget)
  status.disruptionsAllowed -= 1
  // The controller must not count the pod as available while its deletion is under way.
  status.disruptedPods = { ...status.disruptedPods, [podName]: now }
  if (status.disruptionsAllowed === 0) {
    const used = {
      type: 'DisruptionAllowed',
      status: 'False',
      observedGeneration: status.observedGeneration ?? 0,
      lastTransitionTime: now,
      reason: 'InsufficientPods',
      message: '',
    } as const
    status.conditions = [...withCondition(status.conditions ?? [], used, now)]
  }
}

/** The budget has not caught up with what it is about: worth another try soon. */
export const stillProcessed = (name: string): StatusError =>
  refused(`The disruption budget ${name} is still being processed by the server.`, RETRY_SECONDS)

function exhausted({ metadata, status }: PodDisruptionBudget): StatusError {
  const allowed = findCondition(status.conditions, 'DisruptionAllowed')
  const hasFailed = allowed?.status === 'False' && allowed.reason === 'SyncFailed'
  return refused(
    hasFailed && allowed.message
      ? `The disruption budget ${metadata.name} does not allow evicting pods currently ` +
          `because it failed sync: ${allowed.message}`
      : `The disruption budget ${metadata.name} needs ${status.desiredHealthy} healthy pods ` +
          `and has ${status.currentHealthy} currently`,
  )
}

const refused = (why: string, retrySeconds?: number): StatusError =>
  new StatusError(
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [{ reason: 'DisruptionBudget', message: why }],
      ...(retrySeconds && { retryAfterSeconds: retrySeconds }),
    },
  )
