/** Addresses that may be given to Services, as ranges, and which of them is the next. Pure. */
import { bitsOf, formatIp, type Ip, type IpFamily, networkOf, parseCidr, parseIp } from '#api/ip.ts'

interface AddressRange {
  readonly family: IpFamily
  readonly first: bigint
  readonly last: bigint
}

export type AddressPool = readonly AddressRange[]

/** `192.0.2.0/28`, `192.0.2.10-192.0.2.20` or single addresses. Throws a RangeError otherwise. */
export const parsePool = (texts: readonly string[]): AddressPool => texts.map(parseRange)

function parseRange(text: string): AddressRange {
  if (text.includes('/')) return fromCidr(text)
  const [from = '', to = from, ...rest] = text.split('-')
  const [first, last] = [parseIp(from.trim()), parseIp(to.trim())]
  if (!first || !last || rest.length > 0) throw unusable(text)
  if (first.family !== last.family || first.value > last.value) throw unusable(text)
  return { family: first.family, first: first.value, last: last.value }
}

/** The first and the last address of an IPv4 network stand for the network itself. */
function fromCidr(text: string): AddressRange {
  const cidr = parseCidr(text)
  if (!cidr) throw unusable(text)
  const { family, value } = networkOf(cidr)
  const hostBits = bitsOf(family) - cidr.prefixLength
  const last = value + (1n << BigInt(hostBits)) - 1n
  const isNetwork = family === 'IPv4' && hostBits > 1
  return isNetwork ? { family, first: value + 1n, last: last - 1n } : { family, first: value, last }
}

const unusable = (text: string): RangeError =>
  new RangeError(
    `--load-balancer-pool: found "${text}", wanted a range such as 192.0.2.10-192.0.2.20 ` +
      'or 192.0.2.0/28',
  )

export const poolHas = (pool: AddressPool, { family, value }: Ip): boolean =>
  pool.some((range) => range.family === family && range.first <= value && value <= range.last)

export const poolKnows = (pool: AddressPool, family: IpFamily): boolean =>
  pool.some((range) => range.family === family)

/** The lowest that is free, so that the same Services get the same addresses again. */
export function nextAddress(
  pool: AddressPool,
  family: IpFamily,
  isTaken: (address: string) => boolean,
): string | undefined {
  for (const range of pool) {
    if (range.family !== family) continue
    for (let value = range.first; value <= range.last; value++) {
      const address = formatIp({ family, value })
      if (!isTaken(address)) return address
    }
  }
  return undefined
}
