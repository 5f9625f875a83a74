/** Addresses that a proxy may lead to: never the machine of the API server or its own link. */
import { cidrContains, parseCidr, parseIp } from '#api/ip.ts'

const forbidden = [
  '0.0.0.0/32',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
].map((text) => parseCidr(text)!)

export function isReachableAddress(text: string): boolean {
  const ip = parseIp(text)
  return ip !== undefined && !forbidden.some((range) => cidrContains(range, ip))
}
