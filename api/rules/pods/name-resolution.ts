/** Rules about how the containers of a pod resolve names. */
import { isIpForLegacyField } from '../../ip.ts'
import { isDnsSubdomain, isDnsSubdomainWithUnderscore } from '../../names.ts'
import type { HostAlias, PodDNSConfig } from '../../parts/core/pod-dns.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { Path, Problems } from '../../problems.ts'
import { report } from './checks.ts'

/** Bounds of the resolver in the C library. */
const NAME_SERVERS_MAX = 3
const SEARCHES_MAX = 32
const SEARCHES_MAX_CHARACTERS = 2048

export function validateNameResolution(
  { dnsPolicy, dnsConfig }: PodSpec,
  at: Path,
  problems: Problems,
): void {
  if (dnsPolicy === 'None' && !dnsConfig) {
    problems.required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')
  } else if (dnsPolicy === 'None' && !dnsConfig?.nameservers) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    problems.required(at.child('nameservers'), detail)
  } else if (dnsConfig) validateConfig(dnsConfig, at, problems)
}

function validateConfig(config: PodDNSConfig, at: Path, problems: Problems): void {
  const { nameservers = [], searches = [], options = [] } = config
  const serversAt = at.child('nameservers')
  if (nameservers.length > NAME_SERVERS_MAX) {
    const detail = `must not have more than ${NAME_SERVERS_MAX} nameservers`
    problems.invalid(serversAt, nameservers, detail)
  }
  for (const [position, server] of nameservers.entries()) {
    report(isIpForLegacyField(server), server, serversAt.index(position), problems)
  }
  if (searches.length) checkSearches(searches, at.child('searches'), problems)
  for (const [position, { name }] of options.entries()) {
    if (!name) problems.required(at.child('options').index(position), 'must not be empty')
  }
}

function checkSearches(searches: readonly string[], at: Path, problems: Problems): void {
  if (searches.length > SEARCHES_MAX) {
    problems.invalid(at, searches, `must not have more than ${SEARCHES_MAX} search paths`)
  }
  if (Buffer.byteLength(searches.join(' ')) > SEARCHES_MAX_CHARACTERS) {
    const bound = `${SEARCHES_MAX_CHARACTERS} characters (including spaces)`
    problems.invalid(at, searches, `must not have more than ${bound} in the search list`)
  }
  for (const [position, search] of searches.entries()) {
    if (search === '.') continue
    const name = search.endsWith('.') ? search.slice(0, -1) : search
    report(isDnsSubdomainWithUnderscore(name), name, at.index(position), problems)
  }
}

export function validateHostAliases(
  aliases: readonly HostAlias[],
  at: Path,
  problems: Problems,
): void {
  for (const [position, { ip, hostnames }] of aliases.entries()) {
    const place = at.index(position)
    report(isIpForLegacyField(ip), ip, place.child('ip'), problems)
    for (const [namePosition, name] of (hostnames ?? []).entries()) {
      report(isDnsSubdomain(name), name, place.child('hostnames').index(namePosition), problems)
    }
  }
}
