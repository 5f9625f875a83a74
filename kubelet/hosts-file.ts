/** The hosts file of a pod, and the names that it has. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { HostAlias } from '#api/parts/core/pod-dns.ts'
import { ConfigError } from './config-error.ts'

export interface PodName {
  readonly hostname: string
  /** Empty for a pod without a subdomain. */
  readonly domain: string
}

/** What the kernel takes, and what upstream leaves of it for short names. */
const HOSTNAME_LENGTH_MAX = 63
const FQDN_LENGTH_MAX = 64

export function podName({ metadata, spec }: Pod, clusterDomain: string): PodName {
  if (spec.hostnameOverride) return { hostname: shortened(spec.hostnameOverride), domain: '' }
  const hostname = shortened(spec.hostname || metadata.name)
  if (!spec.subdomain) return { hostname, domain: '' }
  return { hostname, domain: `${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` }
}

const shortened = (name: string): string =>
  name.length <= HOSTNAME_LENGTH_MAX
    ? name
    : name.slice(0, HOSTNAME_LENGTH_MAX).replace(/[-.]+$/, '')

/** What `hostname` prints inside. Throws ConfigError where a whole name is wanted and too long. */
export function sandboxHostname(pod: Pod, clusterDomain: string): string {
  const { hostname, domain } = podName(pod, clusterDomain)
  if (!pod.spec.setHostnameAsFQDN || !domain) return hostname
  const whole = `${hostname}.${domain}`
  if (whole.length <= FQDN_LENGTH_MAX) return whole
  throw new ConfigError(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${whole} is too long ` +
      `(${FQDN_LENGTH_MAX} characters is the max, ${whole.length} characters requested)`,
  )
}

const HEADER = '# Kubernetes-managed hosts file.\n'
const HOST_NETWORK_HEADER = '# Kubernetes-managed hosts file (host network).\n'
const COMMON_LINES = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

export function podHostsFile(
  podIps: readonly string[],
  { hostname, domain }: PodName,
  aliases: readonly HostAlias[],
): string {
  const names = domain ? `${hostname}.${domain}\t${hostname}` : hostname
  const lines = [...COMMON_LINES, ...podIps.map((ip) => `${ip}\t${names}`)]
  return `${HEADER}${lines.join('\n')}\n${aliasText(aliases)}`
}

/** A pod on the network of the node sees what the node sees. */
export const nodeHostsFile = (ofNode: string, aliases: readonly HostAlias[]): string =>
  `${HOST_NETWORK_HEADER}${ofNode}${aliasText(aliases)}`

function aliasText(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return ''
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`)
  return `\n# Entries added by HostAliases.\n${lines.join('')}`
}
