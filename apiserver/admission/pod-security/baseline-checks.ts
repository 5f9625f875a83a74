/** The checks of the level baseline: against known ways out of a container. */
import type { Container } from '#api/parts/core/container.ts'
import {
  type Check,
  containersNamed,
  containersOf,
  type Finding,
  hasOwnUsers,
  plural,
  quoted,
  type Subject,
  setters,
  sortedSet,
} from './check.ts'
import { profileChecks } from './profile-checks.ts'

const usualCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** The names of containers, and what of theirs is forbidden, sorted. */
function offending(
  { spec }: Subject,
  find: (container: Container) => readonly string[],
): { names: string[]; values: string[] } {
  const found = containersOf(spec).map((container) => [container.name, find(container)] as const)
  const bad = found.filter(([, values]) => values.length)
  return { names: bad.map(([name]) => name), values: sortedSet(bad.flatMap(([, each]) => each)) }
}

function capabilities(subject: Subject): Finding | undefined {
  const { names, values } = offending(subject, ({ securityContext }) =>
    (securityContext?.capabilities?.add ?? []).filter((each) => !usualCapabilities.has(each)),
  )
  if (!names.length) return undefined
  const what = `must not include ${quoted(values)} in securityContext.capabilities.add`
  return { reason: 'non-default capabilities', detail: `${containersNamed(names)} ${what}` }
}

function hostNamespaces({ spec }: Subject): Finding | undefined {
  const fields = ['hostNetwork', 'hostPID', 'hostIPC'] as const
  const shared = fields.filter((field) => spec[field])
  if (!shared.length) return undefined
  return {
    reason: 'host namespaces',
    detail: shared.map((field) => `${field}=true`).join(', '),
  }
}

function hostPaths({ spec }: Subject): Finding | undefined {
  const names = (spec.volumes ?? []).flatMap(({ name, hostPath }) => (hostPath ? name : []))
  if (!names.length) return undefined
  const detail = `${plural('volume', 'volumes', names.length)} ${quoted(names)}`
  return { reason: 'hostPath volumes', detail }
}

function hostPorts(subject: Subject): Finding | undefined {
  const { names, values } = offending(subject, ({ ports }) =>
    (ports ?? []).flatMap(({ hostPort }) => (hostPort ? String(hostPort) : [])),
  )
  if (!names.length) return undefined
  const verb = plural('uses', 'use', names.length)
  const what = `${plural('hostPort', 'hostPorts', values.length)} ${values.join(', ')}`
  return { reason: 'hostPort', detail: `${containersNamed(names)} ${verb} ${what}` }
}

function probeHosts(subject: Subject): Finding | undefined {
  const { names, values } = offending(subject, (container) => {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
    const hooks = [lifecycle?.postStart, lifecycle?.preStop]
    return [livenessProbe, readinessProbe, startupProbe, ...hooks].flatMap((each) =>
      [each?.httpGet?.host, each?.tcpSocket?.host].flatMap((host) => host || []),
    )
  })
  if (!names.length) return undefined
  const subjects = containersNamed(sortedSet(names))
  const hosts = plural('probe or lifecycle host', 'probe or lifecycle hosts', values.length)
  const verb = plural('uses', 'use', names.length)
  return {
    reason: 'probe or lifecycle host',
    detail: `${subjects} ${verb} ${hosts} ${quoted(values)}`,
  }
}

function privileged({ spec }: Subject): Finding | undefined {
  const names = containersOf(spec).flatMap(({ name, securityContext }) =>
    securityContext?.privileged ? name : [],
  )
  if (!names.length) return undefined
  const detail = `${containersNamed(names)} must not set securityContext.privileged=true`
  return { reason: 'privileged', detail }
}

export function procMount(subject: Subject): Finding | undefined {
  const { names, values } = offending(subject, ({ securityContext }) => {
    const mount = securityContext?.procMount
    return mount === undefined || mount === 'Default' ? [] : [mount]
  })
  if (!names.length) return undefined
  const what = `must not set securityContext.procMount to ${quoted(values)}`
  return { reason: 'procMount', detail: `${containersNamed(names)} ${what}` }
}

const sysctlsByMinor: readonly (readonly [number, readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
]

function sysctlsSince(minor: number) {
  const lists = sysctlsByMinor.filter(([since]) => since <= minor)
  const safe = new Set(lists.flatMap(([, names]) => names))
  return ({ spec }: Subject): Finding | undefined => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name)
    const unsafe = names.filter((name) => !safe.has(name))
    return unsafe.length ? { reason: 'forbidden sysctls', detail: unsafe.join(', ') } : undefined
  }
}

function hostProcess({ spec }: Subject): Finding | undefined {
  const isPod = spec.securityContext?.windowsOptions?.hostProcess === true
  const names = containersOf(spec).flatMap(({ name, securityContext }) =>
    securityContext?.windowsOptions?.hostProcess ? name : [],
  )
  const who = setters(isPod, names).join(' and ')
  if (!who) return undefined
  const detail = `${who} must not set securityContext.windowsOptions.hostProcess=true`
  return { reason: 'hostProcess', detail }
}

export const baselineChecks: readonly Check[] = [
  ...profileChecks,
  { id: 'capabilities_baseline', level: 'baseline', versions: [[0, capabilities]] },
  { id: 'hostNamespaces', level: 'baseline', versions: [[0, hostNamespaces]] },
  { id: 'hostPathVolumes', level: 'baseline', versions: [[0, hostPaths]] },
  { id: 'hostPorts', level: 'baseline', versions: [[0, hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', versions: [[34, probeHosts]] },
  { id: 'privileged', level: 'baseline', versions: [[0, privileged]] },
  {
    id: 'procMount',
    level: 'baseline',
    versions: [
      [0, procMount],
      [35, (subject) => (hasOwnUsers(subject.spec) ? undefined : procMount(subject))],
    ],
  },
  {
    id: 'sysctls',
    level: 'baseline',
    versions: sysctlsByMinor.map(([minor]) => [minor, sysctlsSince(minor)]),
  },
  { id: 'windowsHostProcess', level: 'baseline', versions: [[0, hostProcess]] },
]
