/** The flags of the cluster's DNS server. */

import { isIP } from 'node:net'
import { apiServerFlags, monitoringFlags } from '#client/component.ts'
import { type OptionValues, option } from '#daemon/options.ts'
import type { ServerAddress } from './upstream.ts'

export const flags = {
  'API server flags': {
    ...apiServerFlags,
  },
  'Zone flags': {
    'cluster-domain': option.text({
      help: 'Domain of the cluster: Services are named <service>.<namespace>.svc.<domain>.',
      default: 'cluster.local',
    }),
    pods: option.choice(['insecure', 'verified', 'disabled'], {
      help:
        'Names of pods, such as 10-244-1-5.default.pod.<domain>: insecure answers for every ' +
        'address, verified for those of pods in the namespace, disabled for none.',
      default: 'insecure',
    }),
    ttl: option.duration({
      help: 'How long clients may remember what they were told about the cluster.',
      default: 30_000,
    }),
    'dns-service': option.text({
      help: 'Service in front of this server, as namespace/name: what ns.dns.<domain> stands for.',
      default: 'kube-system/kube-dns',
    }),
  },
  'Serving flags': {
    'listen-address': option.text({
      help: 'Address to answer on, over UDP and TCP.',
      default: '0.0.0.0',
    }),
    port: option.port({ help: 'Port to answer on.', default: 53 }),
    lameduck: option.duration({
      help: 'How long to go on answering, and not be ready any more, when told to stop.',
      default: 0,
    }),
  },
  'Forwarding flags': {
    upstream: option.list({
      help:
        'Servers to ask for all other names, as address or address:port; those of --resolv-conf ' +
        'unless given.',
    }),
    'resolv-conf': option.text({
      help: 'File that names servers to ask when no --upstream is given; nobody is asked if empty.',
      default: '/etc/resolv.conf',
    }),
    'stub-domain': option.list({
      help:
        'Servers to ask for names below a domain, as domain=address or domain=address:port; may be ' +
        'given several times, also for the same domain.',
    }),
    'upstream-timeout': option.duration({
      help: 'How long one server may take before the next one is asked.',
      default: 2000,
    }),
    'cache-ttl': option.duration({
      help: 'How long replies of others are kept at most; not at all if 0.',
      default: 30_000,
    }),
    'cache-size': option.integer({
      help: 'How many replies of others are kept at most.',
      default: 10_000,
      min: 1,
    }),
  },
  'Monitoring flags': {
    'health-address': option.text({
      help: 'Address that /health and /ready are served on, to everybody.',
      default: '0.0.0.0',
    }),
    'health-port': option.port({ help: 'Port of /health and /ready.', default: 8181 }),
    ...monitoringFlags(9153),
  },
}

export type Flags = OptionValues<typeof flags>

const DNS_PORT = 53

/** `10.0.0.1`, `10.0.0.1:5353`, `fd00::1` or `[fd00::1]:5353`. */
export function parseServer(flag: string, text: string): ServerAddress {
  if (isIP(text)) return { host: text, port: DNS_PORT }
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain ?? ''
  const port = digits === undefined ? DNS_PORT : Number(digits)
  if (!isIP(host) || port < 1 || port > 65_535) {
    throw new Error(`--${flag}: found "${text}", wanted an address such as 10.0.0.1:53`)
  }
  return { host, port }
}

export function parseStubDomains(texts: readonly string[]): Map<string, ServerAddress[]> {
  const domains = new Map<string, ServerAddress[]>()
  for (const text of texts) {
    const [, domain, server] = /^([^=]+)=(.+)$/.exec(text) ?? []
    if (domain === undefined || server === undefined) {
      throw new Error(`--stub-domain: found "${text}", wanted domain=address`)
    }
    const name = domain.toLowerCase().replace(/\.$/, '')
    domains.set(name, [...(domains.get(name) ?? []), parseServer('stub-domain', server)])
  }
  return domains
}

/** The servers that a resolv.conf names. An address with a zone of its own is kept as it is. */
export function serversIn(resolvConf: string): ServerAddress[] {
  return resolvConf.split('\n').flatMap((line) => {
    const [, host] = /^\s*nameserver\s+(\S+)/.exec(line) ?? []
    return host !== undefined && isIP(host) ? [{ host, port: DNS_PORT }] : []
  })
}
