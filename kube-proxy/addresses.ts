/**
 * Addresses of one IP family, in the one form that nftables takes: objects may hold others, and a
 * single word that it refuses would hold up the rules of everybody.
 */
import { formatCidr, formatIp, type IpFamily, parseCidr, parseIp } from '#api/ip.ts'

/** Undefined for what is no address of the family. */
export function addressOf(text: string, family: IpFamily): string | undefined {
  const ip = parseIp(text)
  return ip?.family === family ? formatIp(ip) : undefined
}

/** Each once. */
export function addressesOf(texts: readonly string[], family: IpFamily): string[] {
  return [...new Set(texts.flatMap((text) => addressOf(text, family) ?? []))]
}

export function rangesOf(texts: readonly string[], family: IpFamily): string[] {
  const ranges = texts.flatMap((text) => {
    const cidr = parseCidr(text.trim())
    return cidr?.ip.family === family ? [formatCidr(cidr)] : []
  })
  return [...new Set(ranges)]
}
