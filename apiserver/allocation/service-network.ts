/** The addresses and ports that Services may be given, as the flags say. */
import { type Cidr, formatIp, type Ip, networkOf, parseCidr } from '#api/ip.ts'

export interface PortRange {
  readonly first: number
  readonly last: number
}

export interface ServiceNetwork {
  /** One, or two of different families; the first is of the preferred family. */
  readonly ranges: readonly Cidr[]
  readonly nodePorts: PortRange
}

const IPV6_PREFIX_MIN = 64
const PORT_MAX = 65_535

/** Throws with a message for people when the texts make no network. */
export function serviceNetwork(ranges: string, nodePorts: string): ServiceNetwork {
  return { ranges: clusterIpRanges(ranges), nodePorts: portRange(nodePorts) }
}

function clusterIpRanges(text: string): Cidr[] {
  const ranges = text.split(',').map((each) => {
    const cidr = parseCidr(each.trim())
    if (!cidr) throw new Error(`service cluster IP range: "${each}" is not a CIDR`)
    if (cidr.ip.family === 'IPv6' && cidr.prefixLength < IPV6_PREFIX_MIN) {
      throw new Error(`service cluster IP range: "${each}" is larger than /${IPV6_PREFIX_MIN}`)
    }
    return cidr
  })
  const families = new Set(ranges.map(({ ip }) => ip.family))
  if (ranges.length > 2 || families.size < ranges.length) {
    throw new Error(`service cluster IP range: "${text}", wanted one CIDR, or one of each family`)
  }
  return ranges
}

/** `30000-32767`, `30000+2767` or `30000`. */
function portRange(text: string): PortRange {
  const [, start, sign, end] = /^(\d{1,5})(?:([-+])(\d{1,5}))?$/.exec(text.trim()) ?? []
  const first = Number(start)
  const last = sign === undefined ? first : sign === '-' ? Number(end) : first + Number(end)
  if (!(first >= 1 && last >= first && last <= PORT_MAX)) {
    throw new Error(`service node port range: "${text}", wanted ports such as "30000-32767"`)
  }
  return { first, last }
}

/** The address that the Service `kubernetes` has: the first of the range. */
export function firstServiceIp(cidr: Cidr): string {
  const network = networkOf(cidr)
  const first: Ip = { ...network, value: network.value + 1n }
  return formatIp(first)
}
