/** Which clients a balancer lets through, as an anonymous set of nftables. */
import { type Cidr, cidrContains, parseCidr, parseIp } from '#api/ip.ts'

export interface SourceRanges {
  /** Canonical, and of one family, as are all addresses here. */
  readonly ranges: readonly string[]
  readonly nodeAddresses: readonly string[]
  readonly balancerAddresses: readonly string[]
}

/** Undefined when everybody is let through. */
export function clientsLetThrough({
  ranges,
  nodeAddresses,
  balancerAddresses,
}: SourceRanges): string | undefined {
  if (ranges.length === 0 || balancerAddresses.length === 0) return undefined
  const cidrs = ranges.map((text) => parseCidr(text)!)
  if (cidrs.some(({ prefixLength }) => prefixLength === 0)) return undefined
  const isNodeWithin = nodeAddresses.some((address) => {
    const ip = parseIp(address)
    return ip && cidrs.some((cidr) => cidrContains(cidr, ip))
  })
  // A node that asks an address of its own for the Service appears with that address.
  const sources = [...ranges, ...(isNodeWithin ? balancerAddresses : [])]
  return `{ ${withoutOverlap(sources).join(', ')} }`
}

/** nftables refuses ranges that overlap: the wider one stands for those within it. */
function withoutOverlap(sources: readonly string[]): string[] {
  const all = [...new Set(sources)].map((text) => ({ text, cidr: asCidr(text) }))
  return all
    .filter(
      ({ cidr, text }) => !all.some((other) => other.text !== text && holds(other.cidr, cidr)),
    )
    .map(({ text }) => text)
}

/** Canonical texts of the same range are the same text, so that one of two is always wider. */
const holds = (outer: Cidr, inner: Cidr): boolean =>
  outer.prefixLength <= inner.prefixLength && cidrContains(outer, inner.ip)

const asCidr = (text: string): Cidr =>
  parseCidr(text) ?? parseCidr(`${text}/${text.includes(':') ? 128 : 32}`)!
