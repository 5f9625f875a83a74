/** Pure: what the Engine is told to make one container of a pod. */

import type { CreateContainerBody, EngineMount, HostConfig } from '#engine/types.ts'
import type { ContainerResources, ContainerSecurity, ContainerSpec, Mount } from '../runtime.ts'
import type { Abilities } from './abilities.ts'
import { containerLabels, memoryVolumeName, type Scope } from './labels.ts'
import type { SandboxFacts } from './observed.ts'

export interface LogLimits {
  readonly maxBytes: number
  readonly maxFiles: number
}

export interface ContainerBodyOptions {
  readonly scope: Scope
  readonly abilities: Abilities
  readonly logs: LogLimits
  /** Content of the seccomp profile, where the container names one of its own. */
  readonly seccompProfile?: string | undefined
}

/** What was asked for and cannot be had on this host: the container goes without, and says so. */
export interface PlannedContainer {
  readonly body: CreateContainerBody
  readonly lacks: readonly string[]
}

export function planContainer(
  spec: ContainerSpec,
  sandbox: SandboxFacts,
  options: ContainerBodyOptions,
): PlannedContainer {
  const { scope, logs, abilities } = options
  const lacks: string[] = []
  const body: CreateContainerBody = {
    Image: spec.imageId,
    ...(spec.command && { Entrypoint: spec.command }),
    ...(spec.args && { Cmd: spec.args }),
    ...(spec.workingDirectory && { WorkingDir: spec.workingDirectory }),
    ...(spec.security.user !== undefined && { User: spec.security.user }),
    ...(spec.stopSignal !== undefined && { StopSignal: spec.stopSignal }),
    Env: spec.environment.map(({ name, value }) => `${name}=${value}`),
    Labels: containerLabels(scope, spec, sandbox),
    OpenStdin: spec.stdin,
    StdinOnce: spec.stdinOnce,
    Tty: spec.tty,
    // Probes are the kubelet's own; the image's would only burn time.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...namespaces(spec, sandbox),
      ...resources(spec.resources, abilities, lacks),
      ...security(spec.security, options, lacks),
      ...(sandbox.cgroupParent !== undefined && { CgroupParent: sandbox.cgroupParent }),
      Mounts: spec.mounts.map((mount) => mountFor(mount, spec, sandbox)),
      Devices: devices(spec, abilities),
      RestartPolicy: { Name: 'no' },
      Init: false,
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': String(logs.maxBytes), 'max-file': String(logs.maxFiles) },
      },
    },
  }
  return { body, lacks }
}

function namespaces(spec: ContainerSpec, sandbox: SandboxFacts): HostConfig {
  const joined = `container:${sandbox.id}`
  const processes = { pod: joined, node: 'host', container: '' }[sandbox.processes]
  const target = spec.targetContainerId
  return {
    NetworkMode: joined,
    IpcMode: sandbox.ipc === 'node' ? 'host' : joined,
    PidMode: target === undefined ? processes : `container:${target}`,
  }
}

/** The same keys serve for a container that is being made and for one that runs. */
export function limits(asked: ContainerResources): HostConfig {
  const { memoryBytes, cpuShares, cpuQuotaUs, cpuPeriodUs, pids } = asked
  return {
    // Swap counts on top of memory unless both are the same.
    ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(cpuShares !== undefined && { CpuShares: cpuShares }),
    ...(cpuQuotaUs !== undefined && { CpuQuota: cpuQuotaUs }),
    ...(cpuPeriodUs !== undefined && { CpuPeriod: cpuPeriodUs }),
    ...(pids !== undefined && { PidsLimit: pids }),
  }
}

function resources(asked: ContainerResources, abilities: Abilities, lacks: string[]): HostConfig {
  const score = asked.oomScoreAdjustment
  if (score === undefined) return limits(asked)
  if (score >= 0 || abilities.canLowerOomScore) return { ...limits(asked), OomScoreAdj: score }
  lacks.push(`OOM score adjustment ${score} cannot be had on this host, 0 is used`)
  return { ...limits(asked), OomScoreAdj: 0 }
}

function security(
  asked: ContainerSecurity,
  options: ContainerBodyOptions,
  lacks: string[],
): HostConfig {
  const { missingCapabilities: missing } = options.abilities
  const shared = {
    ReadonlyRootfs: asked.isReadOnlyRoot,
    GroupAdd: asked.groups.map(String),
  }
  if (asked.isPrivileged && missing.size === 0) return { ...shared, Privileged: true }
  if (asked.isPrivileged) {
    lacks.push(`privileged without ${names(missing)}, which this host does not have`)
    return { ...shared, ...nearlyPrivileged(missing) }
  }
  const { added, dropped } = capabilities(asked, missing, lacks)
  return {
    ...shared,
    CapAdd: added,
    CapDrop: dropped,
    SecurityOpt: securityOptions(asked, options, lacks),
    ...(asked.isProcUnmasked && { MaskedPaths: [], ReadonlyPaths: [] }),
  }
}

/** All that `Privileged` gives, one by one, because the Engine would refuse it as a whole. */
function nearlyPrivileged(missing: ReadonlySet<string>): HostConfig {
  return {
    CapAdd: ['ALL'],
    CapDrop: [...missing],
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
    MaskedPaths: [],
    ReadonlyPaths: [],
    DeviceCgroupRules: ['a *:* rwm'],
  }
}

function capabilities(
  { addedCapabilities, droppedCapabilities }: ContainerSecurity,
  missing: ReadonlySet<string>,
  lacks: string[],
): { added: readonly string[]; dropped: readonly string[] } {
  const plain = (name: string): string => name.toUpperCase().replace(/^CAP_/, '')
  const added = addedCapabilities.map(plain)
  const dropped = droppedCapabilities.map(plain)
  const unavailable = added.includes('ALL')
    ? [...missing]
    : added.filter((name) => missing.has(name))
  if (unavailable.length > 0) {
    lacks.push(`${names(unavailable)} cannot be had on this host`)
  }
  return {
    added: added.filter((name) => !missing.has(name)),
    dropped: added.includes('ALL') ? [...new Set([...dropped, ...missing])] : dropped,
  }
}

function securityOptions(
  asked: ContainerSecurity,
  { abilities, seccompProfile }: ContainerBodyOptions,
  lacks: string[],
): string[] {
  const { seccomp, appArmor, seLinux } = asked
  const list: string[] = []
  if (!asked.mayGainPrivileges) list.push('no-new-privileges')
  if (seccomp?.type === 'unconfined') list.push('seccomp=unconfined')
  if (seccomp?.type === 'local') list.push(`seccomp=${seccompProfile ?? ''}`)
  if (appArmor && !abilities.hasAppArmor && appArmor.type === 'local') {
    lacks.push(`AppArmor profile "${appArmor.profile}" cannot be had: this host has no AppArmor`)
  } else if (appArmor?.type === 'local') list.push(`apparmor=${appArmor.profile}`)
  else if (appArmor?.type === 'unconfined') list.push('apparmor=unconfined')
  if (seLinux && !abilities.hasSeLinux) {
    lacks.push('SELinux options cannot be had: this host has no SELinux')
  } else if (seLinux) {
    for (const key of ['user', 'role', 'type', 'level'] as const) {
      if (seLinux[key] !== undefined) list.push(`label=${key}:${seLinux[key]}`)
    }
  }
  return list
}

/** Directories stand for all devices in them. What is privileged as a whole needs no list. */
function devices(
  { devices: asked, security: { isPrivileged } }: ContainerSpec,
  { missingCapabilities: missing }: Abilities,
) {
  const needsAll = isPrivileged && missing.size > 0
  const all = needsAll ? [{ path: '/dev', containerPath: '/dev' }, ...asked] : asked
  return all.map(({ path, containerPath }) => ({
    PathOnHost: path,
    PathInContainer: containerPath,
    CgroupPermissions: 'rwm',
  }))
}

function mountFor(mount: Mount, { pod }: ContainerSpec, sandbox: SandboxFacts): EngineMount {
  const { source, containerPath, isReadOnly, propagation } = mount
  const shared = { Target: containerPath, ReadOnly: isReadOnly }
  if ('memoryVolume' in source) {
    const name = memoryVolumeName(pod, sandbox.attempt, source.memoryVolume)
    return { ...shared, Type: 'volume', Source: name, VolumeOptions: { NoCopy: true } }
  }
  const Propagation = propagation === 'private' ? 'rprivate' : (propagation ?? 'rprivate')
  return { ...shared, Type: 'bind', Source: source.path, BindOptions: { Propagation } }
}

function names(capabilities: Iterable<string>): string {
  return [...capabilities].map((name) => `CAP_${name}`).join(', ')
}
