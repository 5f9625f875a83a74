/** Which kernel parameters pods may set. */
import type { PodSpec } from '#api/parts/core/pod-spec.ts'

/** Those that are kept apart for each pod, and cannot hurt others; upstream's list. */
const safe: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]

/** Kept apart with the network or the IPC of a pod; no others can be set for a pod at all. */
const ofNetwork = ['net.']
const ofIpc = ['kernel.shm', 'kernel.msg', 'kernel.sem', 'fs.mqueue.']

/** `allowed`: further names, or beginnings of names that end in `*`. */
export function forbiddenSysctl(spec: PodSpec, allowed: readonly string[]): string | undefined {
  const given = (spec.securityContext?.sysctls ?? []).map(({ name }) => name.replaceAll('/', '.'))
  return given.find((name) => {
    const isListed = safe.includes(name) || allowed.some((pattern) => matches(pattern, name))
    if (!isListed) return true
    if (startsWithAny(name, ofNetwork)) return spec.hostNetwork === true
    return !startsWithAny(name, ofIpc) || spec.hostIPC === true
  })
}

const startsWithAny = (name: string, beginnings: readonly string[]): boolean =>
  beginnings.some((beginning) => name.startsWith(beginning))

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
