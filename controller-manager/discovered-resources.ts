/** Every resource that the server has, custom ones and those of other servers too. */
import type { APIGroupDiscovery } from '#api/kinds/apidiscovery/api-group-discovery.ts'
import type { APIGroupDiscoveryList } from '#api/kinds/apidiscovery/api-group-discovery-list.ts'
import { type AnyResource, resourceId } from '#client/resource.ts'
import type { CallOptions, Client } from '#client/rest.ts'

export interface DiscoveredResource extends AnyResource {
  readonly plural: string
  readonly scope: 'Namespaced' | 'Cluster'
  readonly verbs: readonly string[]
  /** Whether it says how many pods it has, and can be told how many to have. */
  readonly hasScale?: boolean
}

export interface Discovered {
  /** Each in the version that its group prefers of those that have it. */
  readonly resources: readonly DiscoveredResource[]
  /** Groups with their versions, such as metrics.k8s.io/v1beta1, whose servers do not answer. */
  readonly unreachable: readonly string[]
}

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

export async function discoverResources(
  client: Client,
  options?: CallOptions,
): Promise<Discovered> {
  const answers = await Promise.all(
    ['/api', '/apis'].map((path) => client.raw(path, { ...options, accept: ACCEPT })),
  )
  const groups = answers.flatMap((body) => {
    const { items } = JSON.parse(body.toString()) as APIGroupDiscoveryList
    return (items ?? []).filter((group) => group !== null)
  })
  return { resources: groups.flatMap(preferred), unreachable: groups.flatMap(staleVersions) }
}

function preferred({ metadata, versions = [] }: APIGroupDiscovery): DiscoveredResource[] {
  const group = metadata.name ?? ''
  const found = new Map<string, DiscoveredResource>()
  for (const { version, resources = [] } of versions) {
    for (const { resource: plural, responseKind, scope, verbs, subresources } of resources) {
      // What has subresources only is no resource, and says no kind.
      if (!responseKind?.kind) continue
      const apiVersion = group ? `${group}/${version}` : version
      const { kind } = responseKind
      const hasScale = (subresources ?? []).some((each) => each?.subresource === 'scale')
      const resource = { group, version, apiVersion, kind, plural, verbs: verbs ?? [], hasScale }
      const each = { ...resource, scope: scope as DiscoveredResource['scope'] }
      if (!found.has(resourceId(each))) found.set(resourceId(each), each)
    }
  }
  return [...found.values()]
}

function staleVersions({ metadata, versions = [] }: APIGroupDiscovery): string[] {
  return versions
    .filter(({ freshness }) => freshness === 'Stale')
    .map(({ version }) => `${metadata.name}/${version}`)
}
