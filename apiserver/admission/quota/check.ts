/** Whether a request fits into the quotas of its namespace, and what it adds to each. Pure. */
import type { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import {
  type Amounts,
  added,
  amountsOf,
  exceeded,
  negativeNames,
  onlyNamed,
  subtracted,
  textsOf,
  withoutZeros,
} from '#api/rules/quota/amounts.ts'
import type { Evaluator } from '#api/rules/quota/evaluators.ts'
import { requirementsOf } from '#api/rules/quota/scopes.ts'
import type { Attributes } from '../admission.ts'
import { refused } from '../refusals.ts'

export interface QuotaRequest {
  readonly attributes: Attributes
  readonly evaluator: Evaluator
  readonly nowMs: number
}

/** A quota with what is used of it as far as is known by now. */
export interface Account {
  readonly quota: ResourceQuota
  readonly hard: Amounts
  used: Amounts
}

export const accountOf = (quota: ResourceQuota): Account => ({
  quota,
  hard: amountsOf(quota.status.hard),
  used: amountsOf(quota.status.used),
})

/** What a request takes of one quota. */
export interface Entry {
  readonly account: Account
  readonly amounts: Amounts
}

/** Whether any quota counts the object at all. */
export function isConcerned(request: QuotaRequest, quotas: readonly ResourceQuota[]): boolean {
  return quotas.some((quota) => isMatched(request, quota, request.attributes.object!))
}

function isMatched({ evaluator }: QuotaRequest, quota: ResourceQuota, object: object): boolean {
  const { spec, status } = quota
  return (
    Object.keys(status.hard ?? {}).some((name) => evaluator.counts(name)) &&
    requirementsOf(spec).every((requirement) => evaluator.meets(requirement, object))
  )
}

/** What the request adds to each quota that it concerns; throws when one has no room for it. */
export function entriesFor(request: QuotaRequest, accounts: readonly Account[]): Entry[] {
  const { attributes, evaluator, nowMs } = request
  const { object } = attributes
  const matched = accounts.filter(({ quota }) => isMatched(request, quota, object!))
  for (const account of matched) checkComplete(request, account)
  if (!matched.length) return []
  const usage = evaluator.usage(object!, nowMs)
  const negative = negativeNames(usage)
  if (negative.length) {
    const names = negative.join(',')
    throw refused(attributes, `quota usage is negative for resource(s): ${names}`)
  }
  return matched.flatMap((account) => {
    const delta = withoutZeros(increase(request, account, usage))
    if (!delta.size) return []
    const amounts = onlyNamed(delta, account.hard)
    // What happened to a volume is a fact that no quota can undo.
    if (attributes.subresource !== 'status') checkRoom(attributes, account, amounts)
    return { account, amounts }
  })
}

function checkComplete({ attributes, evaluator }: QuotaRequest, { quota, hard, used }: Account) {
  const names = new Set([...hard.keys()].filter((name) => evaluator.counts(name)))
  const { name } = quota.metadata
  const problem = evaluator.constraint?.(attributes.object!, names)
  if (problem) throw refused(attributes, `failed quota: ${name}: ${problem}`)
  if ([...names].every((each) => used.has(each))) return
  const unknown = [...names].sort().join(',')
  throw refused(attributes, `status unknown for quota: ${name}, resources: ${unknown}`)
}

/** An object that was counted already takes only what it grows by. */
function increase(request: QuotaRequest, { quota }: Account, usage: Amounts): Amounts {
  const { attributes, evaluator, nowMs } = request
  const { old } = attributes
  if (!old || !isMatched(request, quota, old)) return usage
  return subtracted(usage, evaluator.usage(old, nowMs))
}

function checkRoom(attributes: Attributes, account: Account, amounts: Amounts): void {
  const { quota, hard, used } = account
  const wanted = onlyNamed(added(used, amounts), amounts)
  const names = new Set(exceeded(wanted, hard))
  if (!names.size) return
  const shown = (all: Amounts): string =>
    Object.entries(textsOf(onlyNamed(all, names)))
      .map(([name, text]) => `${name}=${text}`)
      .join(',')
  throw refused(
    attributes,
    `exceeded quota: ${quota.metadata.name}, requested: ${shown(amounts)}, ` +
      `used: ${shown(used)}, limited: ${shown(hard)}`,
  )
}
