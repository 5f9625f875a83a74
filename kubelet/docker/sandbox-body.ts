/** Pure: what the Engine is told to make the sandbox of a pod. */
import { isIPv6 } from 'node:net'
import { JOINED_NAMESPACE_PATH } from '#engine/pause/pause-program.ts'
import type { CreateContainerBody, EngineMount } from '#engine/types.ts'
import type { SandboxSpec } from '../runtime.ts'
import { memoryVolumeName, type PodAddress, type Scope, sandboxLabels } from './labels.ts'

/**
 * How a sandbox comes to its network. `unshare`: it makes one itself, which takes the Engine a
 * third of the time of `none`, where the Engine makes it. `host`: the node is the machine. A file:
 * the node is whatever has this namespace.
 */
export type SandboxNetwork = 'unshare' | 'none' | 'host' | { readonly file: string }

export interface SandboxBodyOptions {
  readonly scope: Scope
  readonly image: string
  readonly network: SandboxNetwork
  readonly addresses: readonly PodAddress[]
  readonly cgroupParent: string | undefined
}

/** What container runtimes give every pod unless it says otherwise. */
const defaultSysctls = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
}
/** Engines and hosts may have it switched off. */
const sysctlsForIPv6 = {
  'net.ipv6.conf.all.disable_ipv6': '0',
  'net.ipv6.conf.default.disable_ipv6': '0',
}
/** Where memory volumes are mounted, so that they live as long as the sandbox. */
const VOLUMES_PATH = '/volumes'

export function sandboxBody(spec: SandboxSpec, options: SandboxBodyOptions): CreateContainerBody {
  const { scope, image, network, addresses, cgroupParent } = options
  const mounts: EngineMount[] = spec.memoryVolumes.map(({ name }) => ({
    Type: 'volume',
    Source: memoryVolumeName(spec.pod, spec.attempt, name),
    Target: `${VOLUMES_PATH}/${name}`,
    ReadOnly: false,
    VolumeOptions: { NoCopy: true },
  }))
  if (typeof network === 'object') {
    const Source = network.file
    mounts.push({ Type: 'bind', Source, Target: JOINED_NAMESPACE_PATH, ReadOnly: true })
  }
  return {
    Image: image,
    Hostname: spec.hostname,
    Cmd: [verbOf(network), ...sysctlArguments(spec, addresses)],
    Labels: sandboxLabels(scope, spec, addresses),
    HostConfig: {
      NetworkMode: network === 'none' ? 'none' : 'host',
      IpcMode: 'shareable',
      // Enough to make a namespace; given up before anything else runs in the pod.
      CapDrop: ['ALL'],
      CapAdd: ['SYS_ADMIN'],
      // Profiles of hosts let nobody write sysctls, its own not either.
      SecurityOpt: [
        ...['seccomp=unconfined', 'apparmor=unconfined', 'label=disable', 'no-new-privileges'],
      ],
      ReadonlyRootfs: true,
      // Sysctls of its own namespaces are written from inside.
      ReadonlyPaths: [],
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'none', Config: {} },
      Mounts: mounts,
      ...(cgroupParent !== undefined && { CgroupParent: cgroupParent }),
    },
  }
}

function verbOf(network: SandboxNetwork): string {
  if (typeof network === 'object') return 'join'
  return network === 'unshare' ? 'unshare' : 'keep'
}

function sysctlArguments(
  { network, sysctls }: SandboxSpec,
  addresses: readonly PodAddress[],
): string[] {
  const usesIPv6 = addresses.some(({ ip }) => isIPv6(ip))
  const all =
    network === 'pod' ? { ...defaultSysctls, ...(usesIPv6 && sysctlsForIPv6), ...sysctls } : sysctls
  return Object.entries(all).flatMap(([name, value]) => [sysctlFile(name), value])
}

/** Names are parts with dots between them, or with slashes where a part has dots in it. */
export function sysctlFile(name: string): string {
  const separator = /[./]/.exec(name)?.[0]
  const parts = separator === '/' ? name.split('/') : name.split('.')
  const path = parts.map((part) => (separator === '.' ? part.replaceAll('/', '.') : part))
  return `/proc/sys/${path.join('/')}`
}

/** systemd has its own way to write a path of cgroups: `/a/b` is `a-b.slice`. */
export function cgroupParentFor(driver: string, path: string | undefined): string | undefined {
  if (path === undefined || driver !== 'systemd') return path
  const parts = path.split('/').filter((part) => part !== '')
  return `${parts.map((part) => part.replaceAll('-', '_')).join('-')}.slice`
}
