/** What a namespace uses of a quota, counted from what is there. Pure. */
import type { ResourceQuota, ResourceQuotaSpec } from '#api/kinds/core/resource-quota.ts'
import { compareQuantities } from '#api/quantity.ts'
import { type Amounts, added, onlyNamed, textsOf, zero } from '#api/rules/quota/amounts.ts'
import { type Evaluator, evaluatorOf } from '#api/rules/quota/evaluators.ts'
import { requirementsOf } from '#api/rules/quota/scopes.ts'

/** Counted by more than their number, or by a name of their own. */
const special = [
  'pods',
  'services',
  'persistentvolumeclaims',
  'resourceclaims.resource.k8s.io',
  'configmaps',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
]
const COUNT = 'count/'

/** Objects of a resource in the namespace, by plural and group; undefined when nobody knows yet. */
export type ObjectsOf = (resource: string) => readonly object[] | undefined

/** The resources, by plural and group, that the quota is about, with how each is counted. */
export function countedBy({ hard = {} }: ResourceQuotaSpec): Map<string, Evaluator> {
  const names = Object.keys(hard)
  const plain = names.filter((name) => name.startsWith(COUNT))
  const resources = new Set([...special, ...plain.map((name) => name.slice(COUNT.length))])
  const evaluators = [...resources].map((name) => [name, evaluatorOf(name)] as const)
  return new Map(evaluators.filter(([, evaluator]) => names.some((name) => evaluator.counts(name))))
}

/** By name, each that the quota bounds; what cannot be counted yet is left out. */
export function usedOf(
  spec: ResourceQuotaSpec,
  objectsOf: ObjectsOf,
  nowMs: number,
): Record<string, string> {
  const names = Object.keys(spec.hard ?? {})
  const requirements = requirementsOf(spec)
  let used: Amounts = new Map()
  for (const [resource, evaluator] of countedBy(spec)) {
    const objects = objectsOf(resource)
    if (!objects) continue
    const counted = names.filter((name) => evaluator.counts(name))
    used = added(used, new Map(counted.map((name) => [name, zero])))
    const wanted = new Set(counted)
    for (const object of objects) {
      if (!requirements.every((each) => evaluator.meets(each, object))) continue
      used = added(used, onlyNamed(evaluator.usage(object, nowMs), wanted))
    }
  }
  return textsOf(used)
}

type Texts = Readonly<Record<string, string>> | undefined

/** `1Gi` is `1024Mi`: both say the same. */
export function sameAmounts(a: Texts = {}, b: Texts = {}): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && compareQuantities(a[name] ?? '0', b[name]) === 0)
  )
}

/** Whether anything that was counted before is counted less now. */
export const isLess = (used: Texts = {}, before: Texts = {}): boolean =>
  Object.entries(before).some(([name, text]) => compareQuantities(used[name] ?? '0', text) < 0)

/** Whether a request was charged between the two. */
export const isCharged = ({ status }: ResourceQuota, previous: ResourceQuota): boolean =>
  isLess(previous.status.used, status.used)
