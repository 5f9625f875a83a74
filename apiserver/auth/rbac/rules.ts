/** What one rule of a role permits, judged as upstream judges it. */
import type { PolicyRule } from '#api/parts/rbac/rules.ts'
import { coversPath } from '#api/rules/rbac-coverage.ts'
import type { RequestInfo } from '../../request-info.ts'

export const ANY = '*'

/** Resources as rules name them: `pods`, or `pods/log` for a subresource. */
export const resourceText = (resource: string, subresource: string): string =>
  subresource ? `${resource}/${subresource}` : resource

export function permits(rule: PolicyRule, info: RequestInfo): boolean {
  if (!holds(rule.verbs, info.verb)) return false
  if (!info.isResource) return permitsPath(rule, info.path)
  const { group, resource, subresource, name } = info
  const { apiGroups, resources, resourceNames } = rule
  return (
    holds(apiGroups, group) &&
    holdsResource(resources, resourceText(resource, subresource), subresource) &&
    (!resourceNames?.length || resourceNames.includes(name))
  )
}

function permitsPath({ nonResourceURLs = [] }: PolicyRule, path: string): boolean {
  return nonResourceURLs.some((url) => url === ANY || coversPath(url, path))
}

const holds = (texts: readonly string[] | undefined, text: string): boolean =>
  texts !== undefined && (texts.includes(text) || texts.includes(ANY))

function holdsResource(
  texts: readonly string[] | undefined,
  wanted: string,
  subresource: string,
): boolean {
  if (!texts) return false
  return holds(texts, wanted) || (subresource !== '' && texts.includes(`*/${subresource}`))
}
