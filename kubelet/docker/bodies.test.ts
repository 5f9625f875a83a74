/** What the Engine is told for what a pod asks, and what a host cannot give. */
import { describe, expect, test } from 'vitest'
import { containerSpec, plainSecurity, podIdentity, sandboxSpec } from '#test/runtime/specs.ts'
import type { ContainerSecurity, ContainerSpec, Image, SandboxSpec } from '../runtime.ts'
import { type Abilities, abilitiesFrom } from './abilities.ts'
import { limits, planContainer } from './container-body.ts'
import type { SandboxFacts } from './observed.ts'
import { cgroupParentFor, type SandboxNetwork, sandboxBody, sysctlFile } from './sandbox-body.ts'

const pod = podIdentity('web')
const scope = { cluster: 'c', node: 'n' }
const image: Image = {
  ...{ id: 'sha256:1', names: ['app:1'], digests: [], sizeBytes: 1, user: '', isOurs: true },
}
const able: Abilities = {
  missingCapabilities: new Set(),
  canLowerOomScore: true,
  hasAppArmor: true,
  hasSeLinux: true,
  lacks: [],
}
const unable: Abilities = {
  missingCapabilities: new Set(['SYS_RESOURCE', 'SYSLOG']),
  canLowerOomScore: false,
  hasAppArmor: false,
  hasSeLinux: false,
  lacks: [],
}
const sandbox: SandboxFacts = {
  ...{ id: 'box', attempt: 2, isReady: true, createdAtMs: 0, ips: [], addresses: [], volumes: [] },
  ...{ network: 'pod', ipc: 'pod', processes: 'container', cgroupParent: '/k/p', processId: 1 },
}

function plan(more: Partial<ContainerSpec>, abilities = able, facts: Partial<SandboxFacts> = {}) {
  const spec = containerSpec(pod, image, more)
  const options = { scope, abilities, logs: { maxBytes: 10, maxFiles: 2 }, seccompProfile: '{}' }
  return planContainer(spec, { ...sandbox, ...facts }, options)
}
const host = (more: Partial<ContainerSpec>, abilities = able, facts: Partial<SandboxFacts> = {}) =>
  plan(more, abilities, facts).body.HostConfig
const secure = (more: Partial<ContainerSecurity>) => ({ security: { ...plainSecurity, ...more } })

describe('a sandbox', () => {
  const body = (network: SandboxNetwork, more: Partial<SandboxSpec> = {}) =>
    sandboxBody(sandboxSpec(pod, more), {
      ...{ scope, image: 'pause', network, cgroupParent: undefined },
      addresses: [{ ip: '10.0.0.2', gateway: '10.0.0.1' }],
    })

  test.for([
    ['unshare', 'unshare', 'host'],
    ['none', 'keep', 'none'],
    ['host', 'keep', 'host'],
    [{ file: '/ns' }, 'join', 'host'],
  ] as const)('network %j', ([network, verb, mode]) => {
    const { Cmd: command, HostConfig: config } = body(network)
    expect(command?.[0]).toBe(verb)
    expect(config.NetworkMode).toBe(mode)
    expect(config.Mounts?.map(({ Target: target }) => target)).toEqual(
      verb === 'join' ? ['/netns'] : [],
    )
  })

  test('sysctls of the pod win over those that every pod has', () => {
    const sysctls = { 'net.ipv4.ip_unprivileged_port_start': '80', 'kernel.shmmax': '9' }
    expect(body('unshare', { sysctls }).Cmd?.slice(1)).toEqual([
      ...['/proc/sys/net/ipv4/ip_unprivileged_port_start', '80'],
      ...['/proc/sys/net/ipv4/ping_group_range', '0 2147483647'],
      ...['/proc/sys/kernel/shmmax', '9'],
    ])
    expect(body('host', { network: 'node' }).Cmd).toEqual(['keep'])
  })

  test('labels of the pod cannot replace ours', () => {
    const labels = { team: 'blue', 'io.nanokube.node': 'other' }
    expect(body('unshare', { labels }).Labels).toMatchObject({
      ...{ team: 'blue', 'io.nanokube.node': 'n', 'io.nanokube.sandbox.ips': '10.0.0.2' },
    })
  })

  test.for([
    ['kernel.shmmax', '/proc/sys/kernel/shmmax'],
    ['net.ipv4.conf.eth0.forwarding', '/proc/sys/net/ipv4/conf/eth0/forwarding'],
    ['net/ipv4/conf/eno2.100/rp_filter', '/proc/sys/net/ipv4/conf/eno2.100/rp_filter'],
    ['net.ipv4.conf.eno2/100.rp_filter', '/proc/sys/net/ipv4/conf/eno2.100/rp_filter'],
  ] as const)('sysctl %s is %s', ([name, file]) => {
    expect(sysctlFile(name)).toBe(file)
  })

  test.for([
    ['cgroupfs', '/kubepods/burstable/pod1-2', '/kubepods/burstable/pod1-2'],
    ['systemd', '/kubepods/burstable/pod1-2', 'kubepods-burstable-pod1_2.slice'],
    ['systemd', undefined, undefined],
  ] as const)('with %s the cgroup %s is %s', ([driver, path, parent]) => {
    expect(cgroupParentFor(driver, path)).toBe(parent)
  })
})

describe('a container', () => {
  test.for([
    [
      'its own processes',
      {},
      {},
      { NetworkMode: 'container:box', IpcMode: 'container:box', PidMode: '' },
    ],
    ['shared processes', {}, { processes: 'pod' }, { PidMode: 'container:box' }],
    ['the processes of the node', {}, { processes: 'node' }, { PidMode: 'host' }],
    ['the IPC of the node', {}, { ipc: 'node' }, { IpcMode: 'host' }],
    [
      'those of a target',
      { targetContainerId: 't' },
      { processes: 'pod' },
      { PidMode: 'container:t' },
    ],
  ] as const)('has %s', ([, more, facts, config]) => {
    expect(host(more, able, facts)).toMatchObject(config)
  })

  test('command and arguments stay out where the image decides', () => {
    expect(plan({}).body).not.toHaveProperty('Entrypoint')
    expect(plan({}).body).not.toHaveProperty('Cmd')
    expect(plan({ command: ['a'], args: [] }).body).toMatchObject({ Entrypoint: ['a'], Cmd: [] })
  })

  test('the image checks no health', () => {
    expect(plan({}).body.Healthcheck).toEqual({ Test: ['NONE'] })
  })

  test('memory has no swap, and what is not limited is not said', () => {
    expect(limits({ memoryBytes: 7, cpuShares: 2 })).toEqual({
      Memory: 7,
      MemorySwap: 7,
      CpuShares: 2,
    })
    expect(limits({})).toEqual({})
  })

  test('mounts are paths, or volumes of this attempt of the sandbox', () => {
    const mounts = [
      { source: { path: '/a' }, containerPath: '/x', isReadOnly: true },
      { source: { memoryVolume: 'm' }, containerPath: '/y', isReadOnly: false },
      { source: { path: '/b' }, containerPath: '/z', isReadOnly: false, propagation: 'rslave' },
    ] as const
    expect(host({ mounts }).Mounts).toMatchObject([
      { Type: 'bind', Source: '/a', ReadOnly: true, BindOptions: { Propagation: 'rprivate' } },
      { Type: 'volume', Source: `nanokube_${pod.uid}_2_m`, Target: '/y' },
      { Type: 'bind', Source: '/b', BindOptions: { Propagation: 'rslave' } },
    ])
  })

  test('security options', () => {
    const config = host(
      secure({
        mayGainPrivileges: false,
        seccomp: { type: 'local', profile: '/p' },
        appArmor: { type: 'local', profile: 'mine' },
        seLinux: { level: 's0', type: 't' },
        addedCapabilities: ['CAP_NET_ADMIN', 'sys_time'],
        droppedCapabilities: ['ALL'],
      }),
    )
    expect(config.SecurityOpt).toEqual([
      ...['no-new-privileges', 'seccomp={}', 'apparmor=mine', 'label=type:t', 'label=level:s0'],
    ])
    expect(config).toMatchObject({ CapAdd: ['NET_ADMIN', 'SYS_TIME'], CapDrop: ['ALL'] })
  })
})

describe('a host that lacks something', () => {
  test.for([
    ['a low OOM score', { resources: { oomScoreAdjustment: -5 } }, { OomScoreAdj: 0 }, /-5/],
    [
      'a capability',
      secure({ addedCapabilities: ['SYSLOG', 'CHOWN'] }),
      { CapAdd: ['CHOWN'], CapDrop: [] },
      /^CAP_SYSLOG cannot/,
    ],
    [
      'all capabilities',
      secure({ addedCapabilities: ['ALL'], droppedCapabilities: ['CHOWN'] }),
      { CapAdd: ['ALL'], CapDrop: ['CHOWN', 'SYS_RESOURCE', 'SYSLOG'] },
      /CAP_SYS_RESOURCE, CAP_SYSLOG cannot/,
    ],
    [
      'privileges',
      secure({ isPrivileged: true }),
      { CapAdd: ['ALL'], CapDrop: ['SYS_RESOURCE', 'SYSLOG'], MaskedPaths: [] },
      /privileged without CAP_SYS_RESOURCE, CAP_SYSLOG/,
    ],
    ['AppArmor', secure({ appArmor: { type: 'local', profile: 'x' } }), { SecurityOpt: [] }, /"x"/],
    ['SELinux', secure({ seLinux: { level: 's0' } }), { SecurityOpt: [] }, /SELinux/],
  ] as const)('%s: the container goes without, and says so', ([, more, config, lack]) => {
    const planned = plan(more, unable)
    expect(planned.body.HostConfig).toMatchObject(config)
    expect(planned.body.HostConfig).not.toHaveProperty('Privileged')
    expect(planned.lacks).toHaveLength(1)
    expect(planned.lacks[0]).toMatch(lack)
    expect(plan(more, able).lacks).toEqual([])
  })

  test('is found by what its first process may have', () => {
    const status = (bits: string) => `Name:\tinit\nCapBnd:\t${bits}\n`
    const none = { SecurityOptions: null }
    expect(abilitiesFrom(none, status('000001ffffffffff')).lacks).toEqual([])
    const without = abilitiesFrom(none, status('000001fffeffffff'))
    expect([...without.missingCapabilities]).toEqual(['SYS_RESOURCE'])
    expect(without.canLowerOomScore).toBe(false)
    const options = {
      SecurityOptions: ['name=apparmor', 'name=rootless', 'name=seccomp,profile=x'],
    }
    const rootless = abilitiesFrom(options, status('000001ffffffffff'))
    expect(rootless).toMatchObject({
      hasAppArmor: true,
      canLowerOomScore: false,
      hasSeLinux: false,
    })
  })
})
