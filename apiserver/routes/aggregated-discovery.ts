/** Aggregated discovery: every group, version and resource in one document. Pure. */
import type { Kind } from '#api/kind.ts'
import type { Resource } from '../resources.ts'
import type { ServedVersion } from './legacy-discovery.ts'

/** `scope` is the half that is asked for: /api has the core group, /apis all others. */
export function apiGroupDiscoveryList(
  served: readonly ServedVersion[],
  scope: 'core' | 'named',
  version: string,
) {
  const wanted = served.filter(({ group }) => (group === '') === (scope === 'core'))
  const groups = Map.groupBy(wanted, ({ group }) => group)
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: [...groups].map(([name, versions]) => ({
      metadata: name ? { name } : {},
      versions: versions.map(versionDiscovery),
    })),
  }
}

function versionDiscovery({ version, resources }: ServedVersion) {
  return { version, resources: resources.map(resourceDiscovery), freshness: 'Current' }
}

function resourceDiscovery({ kind, plural, isNamespaced }: Resource) {
  const { shortNames, categories } = kind
  const subresources = subresourcesOf(kind)
  return {
    resource: plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs.toSorted(),
    ...(shortNames?.length && { shortNames }),
    ...(categories?.length && { categories }),
    ...(subresources.length > 0 && { subresources }),
  }
}

function subresourcesOf(kind: Kind) {
  return Object.entries(kind.subresources ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([subresource, sub]) => ({
      subresource,
      responseKind: {
        group: sub.version === undefined ? kind.group : (sub.group ?? ''),
        version: sub.version ?? kind.version,
        kind: sub.kind ?? kind.kind,
      },
      verbs: sub.verbs.toSorted(),
    }))
}
