/** Whether rules of roles are contained in others: nobody grants more than they have. */
import type { PolicyRule } from '../parts/rbac/rules.ts'

const ANY = '*'

/** What `wanted` permits beyond `held`, as rules that each permit a single thing. */
export const missingRules = (
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): PolicyRule[] =>
  wanted.flatMap(brokenDown).filter((each) => !held.some((rule) => covers(rule, each)))

/** Rules that differ in their verbs alone become one. */
export function compacted(rules: readonly PolicyRule[]): PolicyRule[] {
  const complex: PolicyRule[] = []
  const simple = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
    const isSimple = apiGroups.length === 1 && resources.length === 1 && resourceNames.length < 2
    if (!isSimple || nonResourceURLs.length) {
      complex.push(rule)
      continue
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames])
    const present = simple.get(key)
    const verbs = [...new Set([...(present?.verbs ?? []), ...rule.verbs])]
    simple.set(key, { ...rule, verbs })
  }
  return [...complex, ...simple.values()]
}

/** A rule in the words of upstream's messages. */
export function ruleText(rule: PolicyRule): string {
  const { apiGroups, resources, nonResourceURLs, resourceNames, verbs } = rule
  const parts = { apiGroups, resources, nonResourceURLs, resourceNames, verbs }
  const texts = Object.entries(parts).flatMap(([name, values]) =>
    values?.length ? `${labels[name as keyof typeof parts]}:${goList(values)}` : [],
  )
  return `{${texts.join(', ')}}`
}

const labels = {
  apiGroups: 'APIGroups',
  resources: 'Resources',
  nonResourceURLs: 'NonResourceURLs',
  resourceNames: 'ResourceNames',
  verbs: 'Verbs',
}

/** Texts as Go prints a list of them. */
export const goList = (texts: readonly string[]): string =>
  `[${texts.map((each) => JSON.stringify(each)).join(' ')}]`

/** Rules with one verb, one resource, one name and so on each, which permit the same together. */
function brokenDown(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames, nonResourceURLs = [] } = rule
  const names = resourceNames?.length ? resourceNames.map((name) => [name]) : [undefined]
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          ...(name && { resourceNames: name }),
        })),
      ),
    ),
  )
  const ofPaths = nonResourceURLs.flatMap((url) =>
    verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })),
  )
  return [...ofResources, ...ofPaths]
}

/** `wanted` must be broken down. */
function covers(held: PolicyRule, wanted: PolicyRule): boolean {
  if (!hasAll(held.verbs, wanted.verbs)) return false
  const paths = wanted.nonResourceURLs ?? []
  if (paths.length) {
    return paths.every((path) => held.nonResourceURLs?.some((url) => coversPath(url, path)))
  }
  const names = held.resourceNames ?? []
  const areNamesCovered =
    !names.length ||
    (wanted.resourceNames?.length && wanted.resourceNames.every((each) => names.includes(each)))
  return (
    Boolean(areNamesCovered) &&
    hasAll(held.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((each) => coversResource(held.resources ?? [], each))
  )
}

function hasAll(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return held.includes(ANY) || wanted.every((each) => held.includes(each))
}

function coversResource(held: readonly string[], wanted: string): boolean {
  if (held.includes(ANY) || held.includes(wanted)) return true
  const slash = wanted.indexOf('/')
  return slash >= 0 && held.includes(`*${wanted.slice(slash)}`)
}

/** Stars at the end of a rule's path stand for any rest. */
export function coversPath(url: string, path: string): boolean {
  return url === path || (url.endsWith(ANY) && path.startsWith(url.replace(/\*+$/, '')))
}
