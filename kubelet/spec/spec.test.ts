/** What the runtime is told about containers, by tables. */
import { describe, expect, test } from 'vitest'
import { podOf } from '#test/observed-pod.ts'
import type { Image } from '../runtime.ts'
import { containerResources } from './resources.ts'
import { sandboxSpec } from './sandbox.ts'
import { containerSecurity } from './security.ts'
import { forbiddenSysctl } from './sysctls.ts'

const GI = 2 ** 30
const facts = { memoryBytes: 4 * GI }
const c = (more: object = {}) => ({ name: 'main', image: 'web:1', ...more })

describe('resources', () => {
  test.for<[string, object, object]>([
    ['nothing', {}, { cpuShares: 2, oomScoreAdjustment: 1000 }],
    [
      'as much as asked for',
      { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '500m', memory: '64Mi' } },
      {
        cpuShares: 512,
        cpuQuotaUs: 50_000,
        cpuPeriodUs: 100_000,
        memoryBytes: 64 << 20,
        oomScoreAdjustment: -997,
      },
    ],
    [
      'a quarter of the memory',
      { requests: { memory: '1Gi' } },
      { cpuShares: 2, oomScoreAdjustment: 750 },
    ],
    ['next to nothing', { requests: { memory: '1Ki' } }, { cpuShares: 2, oomScoreAdjustment: 999 }],
    ['all of it', { requests: { memory: '5Gi' } }, { cpuShares: 2, oomScoreAdjustment: 3 }],
    ['a sliver of a processor', { limits: { cpu: '1m' } }, { cpuQuotaUs: 1000, cpuShares: 2 }],
  ])('%s', ([, resources, wanted]) => {
    const pod = podOf({ containers: [c({ resources })] })
    expect(containerResources(pod, pod.spec.containers![0]!, facts)).toMatchObject(wanted)
  })

  test('of critical pods are taken last', () => {
    const pod = podOf({ priority: 2_000_001_000 })
    const resources = containerResources(pod, pod.spec.containers![0]!, { ...facts, pids: 10 })
    expect(resources).toMatchObject({ oomScoreAdjustment: -997, pids: 10 })
  })
})

const image = (user = ''): Image => ({
  id: 'i',
  names: [],
  digests: [],
  sizeBytes: 1,
  user,
  isOurs: true,
})
const settings = { seccompFolder: '/profiles', seccompDefault: false }

function security(shared: object, own: object, user = '') {
  const pod = podOf({ securityContext: shared, containers: [c({ securityContext: own })] })
  return containerSecurity(pod, pod.spec.containers![0]!, image(user), settings)
}

describe('security', () => {
  test.for<[string, object, object, string, object]>([
    ['of the image', {}, {}, '', { user: undefined, isPrivileged: false, mayGainPrivileges: true }],
    ['of the pod', { runAsUser: 1, runAsGroup: 2 }, {}, '', { user: '1:2' }],
    ['of the container', { runAsUser: 1 }, { runAsUser: 3 }, '', { user: '3' }],
    ['of a group alone', {}, { runAsGroup: 5 }, '7:8', { user: '7:5' }],
    ['of more groups', { fsGroup: 3, supplementalGroups: [4, 3] }, {}, '', { groups: [4, 3] }],
    [
      'of capabilities',
      {},
      { capabilities: { add: ['CAP_net_admin'], drop: ['ALL'] } },
      '',
      { addedCapabilities: ['NET_ADMIN'], droppedCapabilities: ['ALL'] },
    ],
    [
      'of seccomp',
      { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } },
      {},
      '',
      { seccomp: { type: 'local', profile: '/profiles/a.json' } },
    ],
    ['of nothing said', {}, {}, '', { seccomp: { type: 'unconfined' } }],
  ])('%s', ([, shared, own, user, wanted]) => {
    expect(security(shared, own, user)).toMatchObject(wanted)
  })

  const about = '(pod: "web_default(u)", container: main)'
  test.for<[object, string, string]>([
    [{}, '', `container has runAsNonRoot and image will run as root ${about}`],
    [{}, '0:0', `container has runAsNonRoot and image will run as root ${about}`],
    [
      {},
      'nginx',
      `container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root ${about}`,
    ],
    [{ runAsUser: 0 }, '5', `container's runAsUser breaks non-root policy ${about}`],
  ])('refuses root: %o, image %s', ([own, user, message]) => {
    expect(() => security({ runAsNonRoot: true }, own, user)).toThrow(message)
  })

  test('lets others through', () => {
    expect(security({ runAsNonRoot: true }, {}, '1000').user).toBeUndefined()
    expect(security({ runAsNonRoot: true }, { runAsUser: 7 }).user).toBe('7')
  })
})

describe('sysctls', () => {
  const sysctl = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } })
  test.for<[object, readonly string[], string | undefined]>([
    [sysctl('net.ipv4.tcp_syncookies'), [], undefined],
    [sysctl('net/ipv4/tcp_syncookies'), [], undefined],
    [sysctl('net.core.somaxconn'), [], 'net.core.somaxconn'],
    [sysctl('net.core.somaxconn'), ['net.core.*'], undefined],
    [{ ...sysctl('net.core.somaxconn'), hostNetwork: true }, ['net.core.*'], 'net.core.somaxconn'],
    [sysctl('vm.swappiness'), ['vm.*'], 'vm.swappiness'],
  ])('%j, allowed %j', ([spec, allowed, wanted]) => {
    expect(forbiddenSysctl(podOf(spec).spec, allowed)).toBe(wanted)
  })
})

test('a sandbox is what the pod says about its machine', () => {
  const pod = podOf({
    hostNetwork: true,
    shareProcessNamespace: true,
    securityContext: { sysctls: [{ name: 'net/ipv4/tcp_syncookies', value: '0' }] },
  })
  const node = { nodeName: 'node-1', clusterDomain: 'cluster.local', cgroupRoot: '/pods' }
  expect(sandboxSpec(pod, 3, [], node)).toMatchObject({
    attempt: 3,
    hostname: 'node-1',
    network: 'node',
    ipc: 'pod',
    processes: 'pod',
    sysctls: { 'net.ipv4.tcp_syncookies': '0' },
    cgroupParent: '/pods/podu',
  })
})
