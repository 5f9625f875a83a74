/** What pods may do and use, as containers of a real Engine find it: users, rights, shares. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { NodeProcess, type Spec } from './node-process.ts'

const PATIENCE_MS = 120_000
const PIDS_MAX = 64
const PROFILE = 'profiles/no-directories.json'

let node: NodeProcess
const pods = new Map<string, Pod>()

/** All of them run side by side, and each is looked at once it is ready. */
function specs(): Record<string, Spec> {
  const idle = (more: object = {}) => [node.script('sleep 1000', more)]
  const cpus = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m' } }
  const all = { cpu: '50m', memory: '32Mi' }
  return {
    user: {
      securityContext: {
        ...{ runAsUser: 1000, runAsGroup: 2000, runAsNonRoot: true, fsGroup: 3000 },
        supplementalGroups: [4000, 5000],
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        ...idle(),
        node.script('sleep 1000', { name: 'other', securityContext: { runAsUser: 1001 } }),
      ],
    },
    rights: {
      containers: [
        ...idle({ securityContext: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } } }),
        node.script('sleep 1000', {
          name: 'profiled',
          securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: PROFILE } },
        }),
        node.script('sleep 1000', { name: 'privileged', securityContext: { privileged: true } }),
      ],
    },
    parameters: {
      securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '2000 3000' }] },
    },
    burstable: { containers: idle({ resources: cpus }) },
    guaranteed: { containers: idle({ resources: { requests: all, limits: all } }) },
    effortless: {},
    'on-host': {
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
    },
    sharing: {
      shareProcessNamespace: true,
      containers: [...idle(), node.script('sleep 777', { name: 'other' })],
    },
    named: {
      hostname: 'host',
      subdomain: 'sub',
      setHostnameAsFQDN: true,
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['9.9.9.9'],
        searches: ['example.com'],
        options: [{ name: 'edns0' }],
      },
    },
    ...specsOfFiles(),
  } as Record<string, Spec>
}

/** What its files, its variables and its root say. */
function specsOfFiles(): Record<string, unknown> {
  const mounts = { volumeMounts: [{ name: 'host', mountPath: '/host' }] }
  const idle = (more: object = {}) => [node.script('sleep 1000', more)]
  return {
    described: {
      containers: idle({
        resources: { limits: { cpu: '1500m', memory: '64Mi' } },
        env: [
          { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          {
            name: 'MEGABYTES',
            valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
          },
          { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
          { name: 'LITERAL', value: '$$(NODE) $(MISSING)' },
        ],
      }),
    },
    mounting: {
      volumes: [
        {
          name: 'host',
          hostPath: { path: join(node.rootDirectory, 'made'), type: 'DirectoryOrCreate' },
        },
      ],
      containers: [
        node.script('exec sleep 1000', {
          ...mounts,
          securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        }),
      ],
    },
  }
}

beforeAll(async () => {
  node = await NodeProcess.start({ flags: [`--pod-max-pids=${PIDS_MAX}`] })
  const profile = join(node.rootDirectory, 'seccomp', PROFILE)
  mkdirSync(dirname(profile), { recursive: true })
  const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', args: [] }
  writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }))
  const all = Object.entries(specs())
  await Promise.all(all.map(([name, spec]) => node.create(name, spec)))
  for (const [name] of all) pods.set(name, await node.untilReady(name))
}, PATIENCE_MS)

afterAll(() => node[Symbol.asyncDispose](), PATIENCE_MS)

/** Where a figure lies in the first version of cgroups, and in the second. */
const figure = (first: string, second: string): string =>
  `cd /sys/fs/cgroup; cat ${first} 2>/dev/null || cat ${second}`

const shares = figure('cpu/cpu.shares', 'cpu.weight')
const quota = figure('cpu/cpu.cfs_quota_us', 'cpu.max')

const status = (key: string): string => `awk '/^${key}:/ { print $2 }' /proc/self/status`

test.for([
  ['user', 'main', 'its user and group', 'id -u; id -g', /^1000\n2000$/],
  ['user', 'main', 'further groups', 'id -G', /^2000( (3000|4000|5000)){3}$/],
  ['user', 'main', 'a filter of calls', status('Seccomp'), /^2$/],
  ['user', 'other', 'a user of its own', 'id -u; id -g', /^1001\n2000$/],
  ['rights', 'main', 'one right alone', status('CapEff'), /^0{12}1000$/],
  ['rights', 'profiled', 'a profile of the node', 'mkdir /tmp/x 2>&1', /not permitted/],
  ['rights', 'profiled', 'the rest of it', 'touch /tmp/x && echo done', /^done$/],
  ['rights', 'privileged', 'devices', 'ls /dev/loop-control', /loop/],
  [
    'parameters',
    'main',
    'a parameter',
    'cat /proc/sys/net/ipv4/ip_local_port_range',
    /2000\s+3000/,
  ],
  ['burstable', 'main', 'its share of processors', shares, /^(102|4)$/],
  ['burstable', 'main', 'its most of processors', quota, /^20000( 100000)?$/],
  [
    'burstable',
    'main',
    'its most of processes',
    figure('pids/pids.max', 'pids.max'),
    new RegExp(`^${PIDS_MAX}$`),
  ],
  ['on-host', 'main', 'processes of the machine', 'cat /proc/1/comm', /^(?!sleep|pause)/],
  ['on-host', 'main', 'the name of the node', 'hostname', /^node-1$/],
  ['on-host', 'main', 'the DNS of the cluster', 'cat /etc/resolv.conf', /nameserver 10\.96\.0\.10/],
  ['sharing', 'main', 'processes beside it', 'cat /proc/[0-9]*/comm | grep -c "^sleep$"', /^2$/],
  ['sharing', 'main', 'the sandbox first', 'cat /proc/1/comm', /^pause/],
  ['named', 'main', 'its whole name', 'hostname', /^host\.sub\.default\.svc\.cluster\.local$/],
  [
    'named',
    'main',
    'its own DNS alone',
    'cat /etc/resolv.conf',
    /^search example\.com\nnameserver 9\.9\.9\.9\noptions edns0$/,
  ],
  [
    'described',
    'main',
    'what it was granted, and where it is',
    'echo "$CPUS $MEGABYTES $NODE $LITERAL"',
    /^2 64 node-1 \$\(NODE\) \$\(MISSING\)$/,
  ],
  ['mounting', 'main', 'a root that it cannot change', 'touch /x 2>&1', /Read-only/],
  ['mounting', 'main', 'a folder that was made for it', 'touch /host/x && echo done', /^done$/],
  ['mounting', 'main', 'no way to more rights', status('NoNewPrivs'), /^1$/],
] as const)('%s/%s finds %s', ([name, container, , script, wanted]) => {
  expect(node.inside(pods.get(name)!, `${script} || true`, container)).toMatch(wanted)
})

test('what the status says about who runs is what runs', () => {
  const { containerStatuses } = pods.get('user')!.status
  expect(containerStatuses?.map(({ user }) => user?.linux)).toEqual([
    { uid: 1000, gid: 2000, supplementalGroups: [2000, 4000, 5000, 3000] },
    { uid: 1001, gid: 2000, supplementalGroups: [2000, 4000, 5000, 3000] },
  ])
})

test('who is on the network of the node has its address', () => {
  const { status } = pods.get('on-host')!
  expect(status.podIP).toBe(status.hostIP)
  expect(node.inside(pods.get('on-host')!, 'ip -o -4 addr')).toContain(status.hostIP)
})

test.for([
  ['effortless', 'BestEffort', 1000, 1000],
  ['burstable', 'Burstable', 2, 999],
  // Where the machine permits no less, nothing is changed.
  ['guaranteed', 'Guaranteed', -997, 0],
] as const)('%s is %s, which the kernel knows', ([name, quality, least, most]) => {
  const pod = pods.get(name)!
  expect(pod.status.qosClass).toBe(quality)
  const score = Number(node.inside(pod, 'cat /proc/1/oom_score_adj'))
  expect(score).toBeGreaterThanOrEqual(least)
  expect(score).toBeLessThanOrEqual(most)
})

test('a node that is not where its Engine is says so, and does not try without end', async () => {
  await node.kill()
  await node.run('--node-network=host')
  await node.create('astray', { hostNetwork: true })
  await expect
    .poll(async () => (await node.eventsOf('astray')).join(), { timeout: 20_000 })
    .toMatch(/FailedCreatePodSandBox: .* in the network of the Engine, wanted that of the node/)
})

describe('what no container could be given is refused', () => {
  const privileged = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } })
  test.for<[string, object, string, string]>([
    [
      'parameter',
      privileged('vm.swappiness'),
      'SysctlForbidden',
      'Pod was rejected: forbidden sysctl: "vm.swappiness" not allowlisted',
    ],
    [
      'users',
      { hostUsers: false },
      'UnexpectedAdmissionError',
      'Pod was rejected: spec.hostUsers: user namespaces are not supported',
    ],
    [
      'groups',
      { securityContext: { supplementalGroupsPolicy: 'Strict' } },
      'SupplementalGroupsPolicyNotSupported',
      'Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node',
    ],
    [
      'greed',
      { resources: { requests: { memory: '9000Gi' }, limits: { memory: '9000Gi' } } },
      'OutOfmemory',
      "Pod was rejected: Node didn't have enough resource: memory, requested: ",
    ],
  ])('%s', async ([name, spec, reason, message]) => {
    await node.create(`refused-${name}`, spec)
    const { status } = await node.untilPhase(`refused-${name}`, 'Failed')
    expect(status.reason).toBe(reason)
    expect(status.message).toContain(message)
    expect(findCondition(status.conditions, 'PodReadyToStartContainers')?.status).not.toBe('True')
    await node.untilTold(`refused-${name}`, reason)
  })
})
