/** Which address of a node's range is whose; pure, and rebuilt from the sandboxes at each start. */
import { isIPv6 } from 'node:net'

/** The first address is the network's own, the second the node's. */
const RESERVED = 2n

export interface AddressRange {
  readonly cidr: string
  readonly isIPv6: boolean
  /** The node's own address in it, where all pods send their packets. */
  readonly gateway: string
  readonly first: bigint
  readonly last: bigint
}

/** Throws when the text is no range, or one that has no room for a pod. */
export function addressRange(cidr: string): AddressRange {
  const [text = '', lengthText = ''] = cidr.split('/')
  const is6 = isIPv6(text)
  const bits = is6 ? 128 : 32
  const length = Number(lengthText)
  const base = numberFrom(text)
  if (base === undefined || !/^\d+$/.test(lengthText) || length > bits - 2) {
    throw new Error(`podCIDR: "${cidr}" is no range of addresses, wanted one such as 10.244.1.0/24`)
  }
  const size = 1n << BigInt(bits - length)
  const start = (base / size) * size
  // The last address of an IPv4 range is for everybody.
  const last = start + size - (is6 ? 1n : 2n)
  return { cidr, isIPv6: is6, gateway: textFrom(start + 1n, is6), first: start + RESERVED, last }
}

/**
 * The next free address behind the one that was given last, so that an address rests before it
 * serves another pod. Undefined when none is free.
 */
export function nextAddress(
  range: AddressRange,
  isTaken: (address: string) => boolean,
  lastGiven: string | undefined,
): string | undefined {
  const count = range.last - range.first + 1n
  const before = lastGiven === undefined ? undefined : numberFrom(lastGiven)
  const begin = before !== undefined && isWithin(range, before) ? before - range.first + 1n : 0n
  for (let step = 0n; step < count; step++) {
    const address = textFrom(range.first + ((begin + step) % count), range.isIPv6)
    if (!isTaken(address)) return address
  }
  return undefined
}

function isWithin({ first, last }: AddressRange, number: bigint): boolean {
  return number >= first && number <= last
}

function numberFrom(address: string): bigint | undefined {
  if (!isIPv6(address)) {
    const parts = address.split('.').map(Number)
    if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined
    return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  }
  // Only ranges and what textFrom() writes come here: no zones, no dotted ends.
  const [left = '', right] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const missing = 8 - groups(left).length - groups(right ?? '').length
  const middle = right === undefined ? [] : new Array<string>(missing).fill('0')
  return [...groups(left), ...middle, ...groups(right ?? '')].reduce(
    (sum, group) => sum * 65_536n + BigInt(`0x${group}`),
    0n,
  )
}

/** IPv6 in the canonical form of RFC 5952, as every other program writes it. */
function textFrom(number: bigint, is6: boolean): string {
  if (!is6) {
    return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  )
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}
