/** Eviction: a pod is deleted if its disruption budget has room for that. */

import { withCondition } from '#api/conditions.ts'
import type { Kind } from '#api/kind.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { DeleteOptions } from '#api/kinds/meta/delete-options.ts'
import { Eviction, type Eviction as EvictionObject } from '#api/kinds/policy/eviction.ts'
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { selectorFromObject } from '#api/label-selector.ts'
import { badRequest, conflict, notFound, StatusError } from '#api/status.ts'
import { checkPreconditions } from '../delete-options.ts'
import { placeObject } from '../lifecycle.ts'
import { timeOf } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Result } from '../result.ts'
import type { Entry } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { deleteEntry } from '../verbs/delete.ts'
import { requestObject } from '../wire/request-object.ts'
import { writeParameters } from '../write-options.ts'
import { success } from './binding.ts'
import { stillProcessed, useBudget } from './disruption-budget.ts'

const ATTEMPTS_MAX = 64

export async function evictPod(
  context: ResourceContext,
  parts: ServerParts,
  pods: Resource,
): Promise<Result> {
  const { info, headers } = context
  const parameters = writeParameters('CreateOptions', info.query, headers['user-agent'] ?? '')
  const object = requestObject(context, Eviction as Kind, parameters.fieldValidation)
  placeObject(object, info.namespace)
  if (object.metadata.name !== info.name) {
    throw badRequest('name in URL does not match name in Eviction object')
  }
  const options = optionsOf(object as unknown as EvictionObject, parameters.dryRun)
  await parts.admission.admit({
    operation: 'CREATE',
    resource: pods,
    subresource: 'eviction',
    namespace: info.namespace,
    name: info.name,
    object,
    user: context.user,
    dryRun: parameters.dryRun,
    warnings: context.warnings,
  })
  await evict(context, parts, pods, options)
  return success(201)
}

/** A dry run may be asked for in the query, in the body, or in both. */
function optionsOf({ deleteOptions }: EvictionObject, isDry: boolean): DeleteOptions {
  const options = (deleteOptions ?? {
    kind: DeleteOptions.kind,
    apiVersion: DeleteOptions.apiVersion,
  }) as DeleteOptions
  return isDry && !options.dryRun?.length ? { ...options, dryRun: ['All'] } : options
}

async function evict(
  context: ResourceContext,
  parts: ServerParts,
  pods: Resource,
  options: DeleteOptions,
): Promise<void> {
  const { namespace, name } = context.info
  const key = pods.keyOf(namespace, name)
  const isDry = Boolean(options.dryRun?.length)
  let permit: Permit | undefined
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const entry = parts.store.get(key)
    if (!entry) throw notFound(pods, name)
    const pod = pods.parse(entry) as unknown as Pod
    // What was granted for a pod as it was is good for one that changed since; it is used once.
    permit ??= isUnguarded(pod) ? undefined : await permitFor(parts, pod, entry, isDry)
    if (permit?.revision !== undefined && permit.revision !== entry.revision) {
      throw stillProcessed(permit.budget)
    }
    checkPreconditions(pods, pod as unknown as ApiObject, options)
    const marked = isDry ? entry : await markedEntry(parts, pods, pod, entry)
    if (!marked) continue
    if (await deleteEntry(context, parts, pods, optionsFor(options, marked), marked)) return
    // What was granted only for the pod as it was holds for nothing that came after our own mark.
    if (permit?.revision === entry.revision) permit = { ...permit, revision: marked.revision }
  }
  throw conflict(pods, name)
}

/** Says why the pod goes, for those who look at what is left of it; undefined when it changed. */
async function markedEntry(
  { store, clock }: ServerParts,
  pods: Resource,
  pod: Pod,
  entry: Entry,
): Promise<Entry | undefined> {
  const { generation } = pod.metadata
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastProbeTime: null,
    ...(generation && { observedGeneration: generation }),
  } as NonNullable<Pod['status']['conditions']>[number]
  const known = pod.status.conditions ?? []
  const conditions = withCondition(known, target, timeOf(clock.now()))
  if (conditions === known) return entry
  const marked = { ...pod, status: { ...pod.status, conditions: [...conditions] } }
  try {
    return await store.update(pods.draft(marked as unknown as ApiObject), entry.revision)
  } catch (error) {
    if (isStoreError(error, 'Conflict', 'KeyNotFound')) return undefined
    throw error
  }
}

/** A version that the caller insisted on, and that was right, is that of our own mark now. */
function optionsFor(options: DeleteOptions, { revision }: Entry): DeleteOptions {
  const { preconditions } = options
  if (!preconditions?.resourceVersion) return options
  return { ...options, preconditions: { ...preconditions, resourceVersion: `${revision}` } }
}

/** Pods that do not run yet, or no longer, are no loss. */
const isUnguarded = ({ metadata, status }: Pod): boolean =>
  Boolean(metadata.deletionTimestamp) ||
  ['Succeeded', 'Failed', 'Pending'].includes(status.phase ?? '')

interface Permit {
  readonly budget: string
  /** It holds only while the pod stays as it is: not ready. */
  readonly revision?: number
}

async function permitFor(
  parts: ServerParts,
  pod: Pod,
  entry: Entry,
  isDry: boolean,
): Promise<Permit> {
  const budgets = budgetsOf(parts, pod)
  if (budgets.length > 1) {
    throw StatusError.withoutReason(
      500,
      'This pod has more than one PodDisruptionBudget, ' +
        'which the eviction subresource does not support.',
    )
  }
  const [budget] = budgets
  if (!budget) return { budget: '' }
  const { name } = budget.metadata
  if (!isReady(pod) && mayLoseUnready(budget)) return { budget: name, revision: entry.revision }
  await useBudget(parts, budget.metadata, pod.metadata.name, isDry)
  return { budget: name }
}

function budgetsOf({ store, resources }: ServerParts, { metadata }: Pod): PodDisruptionBudget[] {
  const resource = resources.find('policy', 'v1', 'poddisruptionbudgets')!
  const prefix = resource.prefixOf(metadata.namespace ?? '')
  return store
    .list(prefix)
    .entries.map((entry) => resource.parse(entry) as unknown as PodDisruptionBudget)
    .filter(({ spec }) => spec.selector && selects(spec.selector, metadata.labels))
}

const selects = (
  selector: NonNullable<PodDisruptionBudget['spec']['selector']>,
  labels: Readonly<Record<string, string>> | undefined,
): boolean => selectorFromObject(selector).matches(labels ?? {})

const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false

function mayLoseUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}
