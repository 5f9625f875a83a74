/** IP addresses and CIDRs: parsed as upstream parses them, compared, and printed canonically. */

export type IpFamily = 'IPv4' | 'IPv6'

export interface Ip {
  /** An IPv4-mapped IPv6 address counts as IPv4. */
  readonly family: IpFamily
  readonly value: bigint
  readonly isMapped: boolean
}

export interface Cidr {
  readonly ip: Ip
  readonly prefixLength: number
}

const ipv4Bits = 32
const ipv6Bits = 128
const mappedPrefix = 0xffffn << 32n

/** Undefined when the text is no address. Leading zeros of IPv4 numbers do not make them octal. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    const value = parseIpv4(text)
    return value === undefined ? undefined : { family: 'IPv4', value, isMapped: false }
  }
  const value = parseIpv6(text)
  if (value === undefined) return undefined
  if (value >> 32n === 0xffffn)
    return { family: 'IPv4', value: value - mappedPrefix, isMapped: true }
  return { family: 'IPv6', value, isMapped: false }
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    const number = Number(part)
    if (!(number <= 255) || !decimal.test(part)) return undefined
    value = value * 256 + number
  }
  return BigInt(value)
}

const decimal = /^[0-9]{1,16}$/

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half, at) => groupsOf(half, at === halves.length - 1))
  const [head, tail] = groups
  if (!head || (halves.length === 2 && !tail)) return undefined
  if (!tail) return head.length === 8 ? joined(head) : undefined
  const missing = 8 - head.length - tail.length
  if (missing < 1) return undefined
  return joined([...head, ...Array<bigint>(missing).fill(0n), ...tail])
}

/** The 16-bit groups of a part of an address, whose last ones may be written as IPv4. */
function groupsOf(text: string, isLast: boolean): bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    if (isLast && at === parts.length - 1 && part.includes('.')) {
      const value = parseIpv4(part)
      if (value === undefined) return undefined
      groups.push(value >> 16n, value & 0xffffn)
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups.length > 8 ? undefined : groups
}

function joined(groups: readonly bigint[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | group, 0n)
}

/** The canonical text: RFC 5952 for IPv6. */
export function formatIp({ family, value }: Pick<Ip, 'family' | 'value'>): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((at) => (value >> at) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => (value >> BigInt(112 - at * 16)) & 0xffffn)
  const { start, length } = longestZeros(groups)
  const hex = (part: readonly bigint[]) => part.map((group) => group.toString(16)).join(':')
  if (length < 2) return hex(groups)
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`
}

function longestZeros(groups: readonly bigint[]) {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [at, group] of groups.entries()) {
    if (group !== 0n) start = at + 1
    else if (at + 1 - start > best.length) best = { start, length: at + 1 - start }
  }
  return best
}

/** Undefined when the text is no address with a prefix length. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const lengthText = text.slice(slash + 1)
  if (slash < 0 || !/^[0-9]{1,4}$/.test(lengthText)) return undefined
  const ip = parseIp(text.slice(0, slash))
  const prefixLength = Number(lengthText)
  if (!ip) return undefined
  // A mapped address keeps the prefix length of the IPv6 form that it is written in.
  if (ip.isMapped) return undefined
  return prefixLength > bitsOf(ip.family) ? undefined : { ip, prefixLength }
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(networkOf(cidr))}/${cidr.prefixLength}`
}

/** The first address of a CIDR. */
export function networkOf({ ip, prefixLength }: Cidr): Ip {
  const hostBits = BigInt(bitsOf(ip.family) - prefixLength)
  return { ...ip, value: (ip.value >> hostBits) << hostBits }
}

export function cidrContains(cidr: Cidr, ip: Ip): boolean {
  if (cidr.ip.family !== ip.family) return false
  const hostBits = BigInt(bitsOf(ip.family) - cidr.prefixLength)
  return cidr.ip.value >> hostBits === ip.value >> hostBits
}

export function bitsOf(family: IpFamily): number {
  return family === 'IPv4' ? ipv4Bits : ipv6Bits
}

// --- What upstream says about texts --------------------------------------------------------------

const notAnIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const notACidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** As fields that are older than the strict rule are judged: unmistakable, if not canonical. */
export function isIpForLegacyField(text: string): readonly string[] {
  const ip = parseIp(text)
  if (!ip) return [notAnIp]
  if (hasLeadingZeros(text)) return ['must not have leading 0s']
  return ip.isMapped ? ['must not be an IPv4-mapped IPv6 address'] : []
}

/** Strictly: canonical texts only. */
export function isIp(text: string): readonly string[] {
  const messages = isIpForLegacyField(text)
  if (messages.length) return messages
  const canonical = formatIp(parseIp(text)!)
  return text === canonical ? [] : [`must be in canonical form ("${canonical}")`]
}

/** As fields that are older than the strict rule are judged: unmistakable, if not canonical. */
export function isCidrForLegacyField(text: string): readonly string[] {
  const cidr = parseCidr(text)
  if (!cidr) return [notACidr]
  const [address, length] = text.split('/') as [string, string]
  if (hasLeadingZeros(address) || /^0./.test(length)) {
    return ['must not have leading 0s in IP or prefix length']
  }
  if (networkOf(cidr).value !== cidr.ip.value) {
    return ['must not have bits set beyond the prefix length']
  }
  return []
}

/** Strictly: canonical texts of networks only. */
export function isCidr(text: string): readonly string[] {
  const messages = isCidrForLegacyField(text)
  if (messages.length) return messages
  const canonical = formatCidr(parseCidr(text)!)
  return text === canonical ? [] : [`must be in canonical form ("${canonical}")`]
}

/** Only IPv4 numbers: leading zeros are usual in IPv6 groups. */
function hasLeadingZeros(text: string): boolean {
  return /(?:^|[.:])0[0-9]+(?=\.)|\.0[0-9]+$/.test(text)
}

/** What is wrong with an address that traffic is to be sent to. */
export function isEndpointIp(text: string): readonly string[] {
  const ip = parseIp(text)
  if (!ip) return ['must be a valid IP address']
  const found = badRanges.filter(({ cidrs }) => cidrs.some((cidr) => cidrContains(cidr, ip)))
  const messages = found.map(({ message }) => message)
  return ip.value === 0n ? [`may not be unspecified (${text})`, ...messages] : messages
}

const badRange = (message: string, ...texts: string[]) => ({
  message,
  cidrs: texts.map((text) => parseCidr(text)!),
})
const badRanges = [
  badRange('may not be in the loopback range (127.0.0.0/8, ::1/128)', '127.0.0.0/8', '::1/128'),
  badRange(
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    '169.254.0.0/16',
    'fe80::/10',
  ),
  badRange(
    'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    '224.0.0.0/24',
    'ff02::/16',
  ),
]
