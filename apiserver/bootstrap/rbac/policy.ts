/** Words in which the roles of a fresh cluster are written down. */
import type { PolicyRule } from '#api/parts/rbac/rules.ts'

export type RoleTable = Readonly<Record<string, readonly PolicyRule[]>>

export const READ = 'get list watch'
export const WRITE = 'create delete deletecollection patch update'

const words = (text: string): string[] => text.split(' ')

/** Each text is a list with spaces; `core` stands for the group without a name. */
export function allow(
  verbs: string,
  groups: string,
  resources: string,
  resourceNames?: string,
): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)),
    resources: words(resources),
    ...(resourceNames && { resourceNames: words(resourceNames) }),
  }
}

export const allowPaths = (verbs: string, paths: string): PolicyRule => ({
  verbs: words(verbs),
  nonResourceURLs: words(paths),
})

/** Telling what happened, in either form of events. */
export const events = allow('create patch update', 'core events.k8s.io', 'events')
