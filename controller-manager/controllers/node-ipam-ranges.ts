/** Ranges of addresses that are cut into blocks of one size, one block for each node. Pure. */
import {
  bitsOf,
  type Cidr,
  cidrContains,
  formatCidr,
  type IpFamily,
  networkOf,
  parseCidr,
} from '#api/ip.ts'

/** One family of addresses of pods. */
export interface BlockRange {
  readonly cidr: Cidr
  /** Prefix length of each block. */
  readonly blockLength: number
  /** How many blocks there are. */
  readonly count: number
}

export interface RangeOptions {
  /** One of each family at most. */
  readonly clusterCidrs: readonly string[]
  /** For clusters of one family only. */
  readonly blockLength?: number | undefined
  readonly ipv4BlockLength?: number | undefined
  readonly ipv6BlockLength?: number | undefined
}

const usualLengths: Readonly<Record<IpFamily, number>> = { IPv4: 24, IPv6: 64 }
/** As upstream: more blocks of IPv6 addresses than that are no use to anybody. */
const IPV6_BITS_MAX = 16
const FAMILIES_MAX = 2

/** Throws a RangeError that names the flag that is wrong. */
export function blockRanges(options: RangeOptions): readonly BlockRange[] {
  const cidrs = options.clusterCidrs.map((text) => parsedCidr('--cluster-cidr', text))
  const families = new Set(cidrs.map(({ ip }) => ip.family))
  if (cidrs.length === 0) throw new RangeError('--cluster-cidr: found none, wanted one or two')
  if (cidrs.length > FAMILIES_MAX || families.size < cidrs.length) {
    const found = options.clusterCidrs.join(',')
    throw new RangeError(`--cluster-cidr: found "${found}", wanted at most one of each family`)
  }
  checkLengthFlags(options, families)
  return cidrs.map((cidr) => blockRange(cidr, lengthFor(cidr.ip.family, options)))
}

export function parsedCidr(flag: string, text: string): Cidr {
  const cidr = parseCidr(text)
  if (cidr) return cidr
  throw new RangeError(`${flag}: found "${text}", wanted a range such as 10.244.0.0/16`)
}

function checkLengthFlags(options: RangeOptions, families: ReadonlySet<IpFamily>): void {
  const { blockLength, ipv4BlockLength, ipv6BlockLength } = options
  if (blockLength !== undefined && families.size > 1) {
    const others = '--node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6'
    throw new RangeError(`--node-cidr-mask-size: the cluster has two families, wanted ${others}`)
  }
  if (ipv4BlockLength !== undefined && !families.has('IPv4')) {
    throw new RangeError('--node-cidr-mask-size-ipv4: the cluster has no IPv4 addresses')
  }
  if (ipv6BlockLength !== undefined && !families.has('IPv6')) {
    throw new RangeError('--node-cidr-mask-size-ipv6: the cluster has no IPv6 addresses')
  }
}

function lengthFor(family: IpFamily, options: RangeOptions): number {
  const { blockLength, ipv4BlockLength, ipv6BlockLength } = options
  const own = family === 'IPv4' ? ipv4BlockLength : ipv6BlockLength
  return own ?? blockLength ?? usualLengths[family]
}

function blockRange(cidr: Cidr, blockLength: number): BlockRange {
  const { ip, prefixLength } = cidr
  const bits = blockLength - prefixLength
  const text = formatCidr(cidr)
  if (bits < 0 || blockLength > bitsOf(ip.family)) {
    throw new RangeError(`--cluster-cidr: ${text} has no block with a mask of ${blockLength} bits`)
  }
  if (ip.family === 'IPv6' && bits > IPV6_BITS_MAX) {
    const most = prefixLength + IPV6_BITS_MAX
    const wanted = `wanted a mask of ${most} bits at most`
    throw new RangeError(`--cluster-cidr: too many blocks of ${blockLength} in ${text}, ${wanted}`)
  }
  return { cidr, blockLength, count: 2 ** bits }
}

export function blockAt({ cidr, blockLength }: BlockRange, index: number): Cidr {
  const first = networkOf(cidr)
  const size = BigInt(bitsOf(first.family) - blockLength)
  const ip = { ...first, value: first.value + (BigInt(index) << size) }
  return { ip, prefixLength: blockLength }
}

export const overlap = (one: Cidr, other: Cidr): boolean =>
  cidrContains(one, networkOf(other)) || cidrContains(other, networkOf(one))

/** The first free block from a place on, all around; undefined when there is none. */
export function freeBlock(
  range: BlockRange,
  start: number,
  isUsed: (block: Cidr, text: string) => boolean,
): { readonly text: string; readonly index: number } | undefined {
  for (let step = 0; step < range.count; step++) {
    const index = (start + step) % range.count
    const block = blockAt(range, index)
    const text = formatCidr(block)
    if (!isUsed(block, text)) return { text, index }
  }
  return undefined
}
