/** The names of endpoints: what they call themselves, or their address with dashes. */
import { formatIp, parseIp } from '#api/ip.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'

export interface NamedEndpoint {
  readonly hostname: string
  readonly address: string
  readonly ports: readonly EndpointPort[]
}

export interface EndpointPort {
  readonly name: string
  readonly protocol: string
  readonly port: number
}

/** Those that are ready, each address once. */
export function namedEndpoints(slices: readonly EndpointSlice[]): readonly NamedEndpoint[] {
  const found = new Map<string, NamedEndpoint>()
  for (const { addressType, endpoints, ports } of slices) {
    if (addressType !== 'IPv4' && addressType !== 'IPv6') continue
    const shown = (ports ?? []).flatMap(({ name, protocol, port }) =>
      port ? [{ name: name ?? '', protocol: protocol ?? 'TCP', port }] : [],
    )
    for (const { addresses, conditions, hostname } of endpoints ?? []) {
      if (conditions?.ready === false) continue
      for (const address of addresses ?? []) {
        const name = hostname || address.replace(/[.:]/g, '-')
        const key = `${name} ${address}`
        const known = found.get(key)?.ports ?? []
        found.set(key, { hostname: name, address, ports: [...known, ...shown] })
      }
    }
  }
  return [...found.values()]
}

/** `10-244-1-5`, and `fd00--5` for an address of IPv6. */
export function dashedAddress(label: string): string | undefined {
  if (/^\d+-\d+-\d+-\d+$/.test(label)) {
    const ip = parseIp(label.replaceAll('-', '.'))
    return ip && formatIp(ip)
  }
  if (!/^[0-9a-f-]+$/.test(label)) return undefined
  const ip = parseIp(label.replaceAll('-', ':'))
  return ip?.family === 'IPv6' ? formatIp(ip) : undefined
}
