/** Which API groups and versions come first where all are listed: as upstream's APIServices say. */

export interface GroupVersionPriority {
  readonly group: number
  readonly version: number
}

/** Priorities of groups; those that are not here are the groups of custom resources. */
const groups: Readonly<Record<string, number>> = {
  '': 18_000,
  'apiregistration.k8s.io': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'admissionregistration.k8s.io': 16_700,
  'apiextensions.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'resource.k8s.io': 15_900,
}

/** Versions that differ from the usual priority. */
const versions: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
}

const VERSION_PRIORITY = 15
const CUSTOM: GroupVersionPriority = { group: 1000, version: 100 }

export function priorityOf(group: string, version: string): GroupVersionPriority {
  const known = groups[group]
  if (known === undefined) return CUSTOM
  return { group: known, version: versions[`${group}/${version}`] ?? VERSION_PRIORITY }
}

/** Orders groups: the most important first, equals by name. */
export function compareGroups(one: string, other: string): number {
  const order = priorityOf(other, '').group - priorityOf(one, '').group
  return order || (one < other ? -1 : 1)
}

/** Orders the versions of a group: the preferred one first. */
export function compareVersions(group: string, one: string, other: string): number {
  const order = priorityOf(group, other).version - priorityOf(group, one).version
  return order || compareVersionNames(one, other)
}

const stages = ['alpha', 'beta', '']

/** `v2` before `v1` before `v2beta1` before `v1alpha3`, and names of another form last. */
export function compareVersionNames(one: string, other: string): number {
  const [a, b] = [rank(one), rank(other)]
  if (!a || !b) return a ? -1 : b ? 1 : one < other ? -1 : 1
  return b.stage - a.stage || b.major - a.major || b.minor - a.minor
}

function rank(name: string) {
  const [whole, major, stage = '', minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name) ?? []
  if (whole === undefined) return undefined
  return { stage: stages.indexOf(stage), major: Number(major), minor: Number(minor ?? 0) }
}
