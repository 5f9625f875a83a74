/** How the containers of a pod resolve names: resolv.conf, by policy and by wish. */
import type { Pod } from '#api/kinds/core/pod.ts'

export interface ResolverConfig {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

export interface ClusterResolver {
  /** Of the cluster's own DNS. */
  readonly servers: readonly string[]
  readonly domain: string
}

export interface ResolverWarning {
  readonly reason: 'DNSConfigForming' | 'MissingClusterDNS'
  readonly message: string
}

/** Limits of resolvers, as upstream keeps them. */
const SERVERS_MAX = 3
const SEARCHES_MAX = 32
const SEARCH_LENGTH_MAX = 2048

const nothing: ResolverConfig = { servers: [], searches: [], options: [] }
const clusterOptions = ['ndots:5']

/** Reads a resolv.conf, such as that of the node. */
export function parseResolverConfig(text: string): ResolverConfig {
  const servers: string[] = []
  let searches: readonly string[] = []
  let options: readonly string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...fields] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver' && fields[0]) servers.push(fields[0])
    // The last line of each kind is the one that counts.
    if (keyword === 'search') searches = fields.map((each) => each.replace(/(?<=.)\.$/, ''))
    if (keyword === 'options') options = [...options, ...fields]
  }
  return { servers, searches, options: [...new Set(options)] }
}

export function resolverOf(
  pod: Pod,
  ofNode: ResolverConfig,
  cluster: ClusterResolver,
): { readonly config: ResolverConfig; readonly warnings: readonly ResolverWarning[] } {
  const warnings: ResolverWarning[] = []
  const base = byPolicy(pod, ofNode, cluster, warnings)
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {}
  const wished = options.map(({ name, value }) => (value ? `${name}:${value}` : (name ?? '')))
  const whole = {
    servers: unique([...base.servers, ...nameservers]),
    searches: unique([...base.searches, ...searches]),
    options: mergedOptions(base.options, wished),
  }
  return { config: limited(whole, warnings), warnings }
}

function byPolicy(
  { metadata, spec }: Pod,
  ofNode: ResolverConfig,
  { servers, domain }: ClusterResolver,
  warnings: ResolverWarning[],
): ResolverConfig {
  const { dnsPolicy = 'ClusterFirst' } = spec
  if (dnsPolicy === 'None') return nothing
  const isCluster =
    dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !spec.hostNetwork)
  if (!isCluster) return ofNode
  if (servers.length === 0) {
    const { name, namespace, uid } = metadata
    const why =
      'kubelet does not have ClusterDNS IP configured and cannot create Pod using ' +
      '"ClusterFirst" policy. Falling back to "Default" policy.'
    const message = `pod: "${name}_${namespace}(${uid})". ${why}`
    warnings.push({ reason: 'MissingClusterDNS', message })
    return ofNode
  }
  const own = domain ? [`${metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain] : []
  return { servers, searches: unique([...own, ...ofNode.searches]), options: clusterOptions }
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** A later option of the same name wins. */
function mergedOptions(first: readonly string[], then: readonly string[]): readonly string[] {
  const byName = new Map([...first, ...then].map((text) => [text.split(':', 1)[0]!, text]))
  return [...byName.values()]
}

function limited(config: ResolverConfig, warnings: ResolverWarning[]): ResolverConfig {
  const servers = config.servers.slice(0, SERVERS_MAX)
  if (servers.length < config.servers.length) {
    warnings.push({
      reason: 'DNSConfigForming',
      message:
        'Nameserver limits were exceeded, some nameservers have been omitted, ' +
        `the applied nameserver line is: ${servers.join(' ')}`,
    })
  }
  const searches = fittingSearches(config.searches)
  if (searches.length < config.searches.length) {
    warnings.push({
      reason: 'DNSConfigForming',
      message:
        'Search Line limits were exceeded, some search paths have been omitted, ' +
        `the applied search line is: ${searches.join(' ')}`,
    })
  }
  return { ...config, servers, searches }
}

function fittingSearches(searches: readonly string[]): readonly string[] {
  const fitting: string[] = []
  let length = -1
  for (const search of searches.slice(0, SEARCHES_MAX)) {
    length += search.length + 1
    if (length > SEARCH_LENGTH_MAX) break
    fitting.push(search)
  }
  return fitting
}

export function resolverText({ servers, searches, options }: ResolverConfig): string {
  const lines = [
    ...(searches.length ? [`search ${searches.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length ? [`options ${options.join(' ')}`] : []),
  ]
  return lines.map((line) => `${line}\n`).join('')
}
