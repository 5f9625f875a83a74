/** Where plain HTTP may be served: nowhere that others can reach, unless somebody insists. */
import { cidrContains, parseCidr, parseIp } from '#api/ip.ts'
import type { Flags } from './flags.ts'

const loopback = ['127.0.0.0/8', '::1/128'].map((text) => parseCidr(text)!)

type InsecureFlags = Pick<Flags, 'insecureBindAddress' | 'insecureAllowRemote'>

export function checkInsecureAddress({
  insecureBindAddress: address,
  insecureAllowRemote: isForced,
}: InsecureFlags): void {
  if (address === undefined || isForced || isLoopback(address)) return
  throw new Error(
    `serve plain HTTP: "${address}" is not a loopback address, wanted one; ` +
      '--insecure-allow-remote hands the cluster to everybody who can reach it',
  )
}

export function isLoopback(address: string): boolean {
  if (address === 'localhost') return true
  const ip = parseIp(address)
  return ip !== undefined && loopback.some((range) => cidrContains(range, ip))
}
