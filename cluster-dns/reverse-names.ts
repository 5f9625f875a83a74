/** Names that stand for addresses: 5.1.244.10.in-addr.arpa and its longer kin. */
import { formatIp, parseIp } from '#api/ip.ts'

/** Undefined for any other name. */
export function addressIn(labels: readonly string[]): string | undefined {
  if (labels.at(-1) !== 'arpa') return undefined
  const digits = labels.slice(0, -2).toReversed()
  if (labels.at(-2) === 'in-addr' && digits.length === 4) return canonical(digits.join('.'))
  if (labels.at(-2) !== 'ip6' || digits.length !== 32) return undefined
  if (!digits.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined
  const groups = digits.join('').match(/.{4}/g)!
  return canonical(groups.join(':'))
}

function canonical(text: string): string | undefined {
  const ip = parseIp(text)
  return ip && formatIp(ip)
}
