/** Discovery document by document: the groups, and the resources of each version. Pure. */
import { createHash } from 'node:crypto'
import type { Kind, Subresource } from '#api/kind.ts'
import type { Resource } from '../resources.ts'
import { compareGroups, compareVersions } from './group-order.ts'

/** The bytes of a hash that tell one storage version from another. */
const HASH_BYTES = 8

/** Everything served in one version of a group. */
export interface ServedVersion {
  readonly group: string
  readonly version: string
  readonly resources: readonly Resource[]
}

/** What is served, the preferred groups and versions first; resources by name. */
export function servedVersions(resources: Iterable<Resource>): ServedVersion[] {
  const found = Map.groupBy(resources, ({ group, version }) => `${group}/${version}`)
  return [...found.values()]
    .map((all) => {
      const { group, version } = all[0]!
      return { group, version, resources: all.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)) }
    })
    .sort((a, b) =>
      a.group === b.group
        ? compareVersions(a.group, a.version, b.version)
        : compareGroups(a.group, b.group),
    )
}

export function apiResourceList({ group, version, resources }: ServedVersion) {
  return {
    kind: 'APIResourceList',
    // The core group has gone without since before there were versions of this document.
    ...(group && { apiVersion: 'v1' }),
    groupVersion: group ? `${group}/${version}` : version,
    resources: resources.flatMap((each) => [apiResource(each), ...subresources(each)]),
  }
}

function apiResource(resource: Resource) {
  const { kind, plural, isNamespaced } = resource
  const { shortNames, categories } = kind
  return {
    name: plural,
    singularName: kind.singular,
    namespaced: isNamespaced,
    kind: kind.kind,
    verbs: resource.isCustom ? kind.verbs : kind.verbs.toSorted(),
    ...(shortNames?.length && { shortNames }),
    ...(categories?.length && { categories }),
    // Only what is stored has a version in which it is stored.
    ...(kind.verbs.includes('watch') && { storageVersionHash: storageVersionHash(resource) }),
  }
}

function subresources({ kind, plural, isNamespaced }: Resource) {
  return Object.entries(kind.subresources ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, sub]) => ({
      name: `${plural}/${name}`,
      singularName: '',
      namespaced: isNamespaced,
      ...foreignVersion(sub, kind),
      kind: sub.kind ?? kind.kind,
      verbs: sub.verbs.toSorted(),
    }))
}

/** Named only when it is not that of the list. */
function foreignVersion({ group, version }: Subresource, kind: Kind) {
  if (version === undefined || (group === kind.group && version === kind.version)) return {}
  return { ...(group && { group }), version }
}

function storageVersionHash({ kind, conversion }: Resource): string {
  const stored = conversion?.stored ?? kind
  return createHash('sha256')
    .update(`${stored.group}/${stored.version}/${stored.kind}`)
    .digest()
    .subarray(0, HASH_BYTES)
    .toString('base64')
}

/** One group of the list of all; on its own it also says what it is. */
export function apiGroup(versions: readonly ServedVersion[]) {
  const named = versions.map(({ group, version }) => ({
    groupVersion: `${group}/${version}`,
    version,
  }))
  return { name: versions[0]!.group, versions: named, preferredVersion: named[0]! }
}

export function apiGroupList(served: readonly ServedVersion[]) {
  const groups = Map.groupBy(served, ({ group }) => group)
  groups.delete('')
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups.values()].map(apiGroup) }
}

/** `address` is where the caller reached the server. */
export function apiVersions(served: readonly ServedVersion[], address: string) {
  return {
    kind: 'APIVersions',
    versions: served.filter(({ group }) => group === '').map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  }
}
