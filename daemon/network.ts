/** The addresses of the machine that we run on. */
import { hostname, networkInterfaces } from 'node:os'

/** An address under which others may reach us; IPv4 unless there is only IPv6. */
export function outwardAddress(interfaces = networkInterfaces()): string | undefined {
  const all = Object.values(interfaces).flatMap((each) => each ?? [])
  const outward = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  const first = outward.find(({ family }) => family === 'IPv4') ?? outward[0]
  return first?.address
}

/** What the machine calls itself. */
export const hostName = (): string => hostname()
