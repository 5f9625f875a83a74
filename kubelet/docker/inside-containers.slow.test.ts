/** What containers find inside, looked at from inside. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerSubject } from '#test/engine/docker-subject.ts'
import { outputOf } from '#test/runtime/reading.ts'
import {
  containerSpec,
  plainSecurity,
  podIdentity,
  removePod,
  startPod,
  untilStopped,
} from '#test/runtime/specs.ts'
import type { ContainerSecurity, ContainerSpec, SandboxSpec } from '../runtime.ts'

let subject: DockerSubject
let folder: string
beforeAll(async () => {
  subject = await DockerSubject.start()
  folder = mkdtempSync(join(tmpdir(), 'nanokube-inside-'))
  writeFileSync(join(folder, 'file'), 'content')
})
afterAll(async () => {
  await subject[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** What a script says in the only container of a pod. */
async function inside(
  name: string,
  script: string,
  more: Partial<ContainerSpec> = {},
  sandboxMore: Partial<SandboxSpec> = {},
): Promise<string> {
  const pod = podIdentity(name)
  const { runtime, image } = subject
  const { id } = await startPod(runtime, image, pod, more, sandboxMore)
  try {
    return await outputOf(runtime, id, script)
  } finally {
    await removePod(runtime, pod)
  }
}

describe('a container', () => {
  test.for([
    ['has the pod as host name', 'hostname', {}, 'x'],
    [
      'has its environment',
      'echo "$FIRST|$SECOND"',
      {
        environment: [
          { name: 'FIRST', value: 'a=b c' },
          { name: 'SECOND', value: '"quoted"\nline' },
        ],
      },
      'a=b c|"quoted"\nline',
    ],
    ['starts in its directory', 'pwd', { workingDirectory: '/tmp/new' }, '/tmp/new'],
    [
      'limits its memory',
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true',
      { resources: { memoryBytes: 64 << 20 } },
      '67108864',
    ],
  ] as const)('%s', async ([, script, more, output]) => {
    expect(await inside('x', script, more)).toBe(output)
  })

  test('runs its command with its arguments, and not those of the image', async () => {
    const command = ['sh', '-c', 'echo "$@" > /tmp/said; exec sleep 100', 'name']
    const more = { command, args: ['one', 'two words'] }
    expect(await inside('command', 'cat /tmp/said', more)).toBe('one two words')
  })

  test('sees what is mounted, and cannot write where it may not', async () => {
    const mounts = [
      { source: { path: folder }, containerPath: '/rw', isReadOnly: false },
      { source: { path: join(folder, 'file') }, containerPath: '/ro/file', isReadOnly: true },
    ]
    const script = 'cat /ro/file; echo x > /rw/new; cat /rw/new; echo y > /ro/file'
    expect(await inside('mounts', script, { mounts })).toBe(
      "contentx [sh: can't create /ro/file: Read-only file system] (1)",
    )
  })

  test('may use low ports and ping without being root', async () => {
    const sysctls = { 'kernel.shm_rmid_forced': '1', 'net.ipv4.ip_local_port_range': '2000 3000' }
    const names = ['net/ipv4/ip_unprivileged_port_start', 'net/ipv4/ping_group_range']
    const files = [...names, 'kernel/shm_rmid_forced', 'net/ipv4/ip_local_port_range']
    const script = `cd /proc/sys; cat ${files.join(' ')} | tr '\\t\\n' ' ;'`
    expect(await inside('sysctls', script, {}, { sysctls })).toBe('0;0 2147483647;1;2000 3000;')
  })

  test('has a link to its node, and reaches it', async () => {
    const script =
      'ip route | tr "\\n" ";"; ping -c 1 -W 2 10.244.201.1 > /dev/null && echo reached'
    expect(await inside('network', script)).toBe(
      'default via 10.244.201.1 dev eth0 ;10.244.201.1 dev eth0 scope link ;reached',
    )
  })
})

describe('security', () => {
  const withSecurity = (more: Partial<ContainerSecurity>): Partial<ContainerSpec> => ({
    security: { ...plainSecurity, ...more },
  })
  const capabilities = "grep CapEff /proc/self/status | tr -d '\\t'"

  test.for([
    [
      'user and groups',
      'id -u; id -g; id -G',
      { user: '1000:2000', groups: [3000] },
      '1000\n2000\n2000 3000',
    ],
    ['no capabilities', capabilities, { droppedCapabilities: ['ALL'] }, 'CapEff:0000000000000000'],
    [
      'one capability',
      capabilities,
      { droppedCapabilities: ['ALL'], addedCapabilities: ['NET_ADMIN'] },
      'CapEff:0000000000001000',
    ],
    [
      'no new privileges',
      'grep NoNewPrivs /proc/self/status',
      { mayGainPrivileges: false },
      'NoNewPrivs:\t1',
    ],
    [
      'no seccomp',
      'grep Seccomp: /proc/self/status',
      { seccomp: { type: 'unconfined' } },
      'Seccomp:\t0',
    ],
    ['seccomp', 'grep Seccomp: /proc/self/status', { seccomp: { type: 'default' } }, 'Seccomp:\t2'],
    [
      'a root that cannot be written to',
      'echo x > /x',
      { isReadOnlyRoot: true },
      "[sh: can't create /x: Read-only file system] (1)",
    ],
    [
      'an unmasked /proc',
      'grep -c " /proc/" /proc/self/mounts || true',
      { isProcUnmasked: true },
      '0',
    ],
  ] as const)('%s', async ([name, script, security, output]) => {
    const more = withSecurity(security)
    expect(await inside(name.replaceAll(/[^a-z]/g, '-'), script, more)).toBe(output)
  })

  test('a seccomp profile of its own', async () => {
    const profile = join(folder, 'profile.json')
    const rule = { names: ['mkdirat', 'mkdir'], action: 'SCMP_ACT_ERRNO', args: [] }
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }))
    const more = withSecurity({ seccomp: { type: 'local', profile } })
    expect(await inside('profile', 'mkdir /x', more)).toContain('Operation not permitted')
    const missing = withSecurity({ seccomp: { type: 'local', profile: '/nowhere.json' } })
    await expect(inside('missing', 'true', missing)).rejects.toMatchObject({
      reason: 'CreateContainerError',
    })
    await removePod(subject.runtime, podIdentity('missing'))
  })

  test('privileged: devices, sysctls and all that the host has; what it lacks is told', async () => {
    subject.lacks.length = 0
    const script = `ls /dev/loop-control /dev/null | wc -l; ${capabilities}; echo 1 > /proc/sys/vm/overcommit_memory 2>/dev/null; echo $?`
    const output = await inside('privileged', script, withSecurity({ isPrivileged: true }))
    const own = /CapBnd:\s*(\w+)/.exec(
      execFileSync('cat', ['/proc/1/status'], { encoding: 'utf8' }),
    )
    expect(output).toMatch(/CapEff:[0-9a-f]+\n0$/)
    expect(output).toContain(String(own?.[1]).slice(-8))
    const { lacks } = await subject.runtime.info()
    expect(subject.lacks.length > 0).toBe(lacks.length > 0)
  })

  test('a score below 0 where the host allows it, and a word where it does not', async () => {
    subject.lacks.length = 0
    const resources = { oomScoreAdjustment: -997 }
    const score = await inside('score', 'cat /proc/1/oom_score_adj', { resources })
    if (score === '-997') expect(subject.lacks).toEqual([])
    else expect([score, subject.lacks.length]).toEqual(['0', 1])
  })
})

describe('containers of one pod', () => {
  /** A second container beside the first. */
  async function beside(name: string, more: Partial<SandboxSpec>, script: string) {
    const pod = podIdentity(name)
    const { runtime, image } = subject
    const { sandbox, id } = await startPod(runtime, image, pod, mountsOf(more), more)
    const found = await runtime.images.find(image)
    const spec = { name: 'second', command: untilStopped, ...mountsOf(more) }
    const second = await runtime.createContainer(sandbox, containerSpec(pod, found!, spec))
    await runtime.startContainer(second)
    try {
      return [await outputOf(runtime, id, script), await outputOf(runtime, second, script)]
    } finally {
      await removePod(runtime, pod)
    }
  }

  const mountsOf = ({ memoryVolumes = [] }: Partial<SandboxSpec>): Partial<ContainerSpec> => ({
    mounts: memoryVolumes.map(({ name }) => ({
      source: { memoryVolume: name },
      containerPath: `/${name}`,
      isReadOnly: false,
    })),
  })

  test.for(['net', 'ipc'] as const)('share their %s namespace', async (space) => {
    const [first, second] = await beside(`share-${space}`, {}, `readlink /proc/self/ns/${space}`)
    expect(first).toBe(second)
  })

  test('see their own processes alone', async () => {
    const [first, second] = await beside('alone', {}, 'readlink /proc/self/ns/pid')
    expect(first).not.toBe(second)
  })

  test('share processes where the pod says so, and the sandbox reaps what is left', async () => {
    const script =
      'cat /proc/1/comm; (sh -c "sleep 0.01 & exec true"); sleep 0.1; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l'
    const both = await beside('processes', { processes: 'pod' }, script)
    expect(both).toEqual(['pause-ready\n0', 'pause-ready\n0'])
  })

  test('share what is kept in memory, up to its size', async () => {
    const memoryVolumes = [{ name: 'cache', sizeBytes: 1 << 20 }]
    const script =
      'mktemp /cache/XXXXXX > /dev/null; ls /cache | wc -l; stat -c %a /cache; dd if=/dev/zero of=/cache/big bs=1M count=2 2>&1 | grep -o "No space.*"; rm -f /cache/big'
    const both = await beside('memory', { memoryVolumes }, script)
    expect(both.map((text) => text.split('\n').slice(1))).toEqual([
      ['1777', 'No space left on device'],
      ['1777', 'No space left on device'],
    ])
    expect(both[1]?.split('\n')[0]).toBe('2')
  })
})

test('a pod of the host network is in the network of its node', async () => {
  const ports = { network: 'node', hostname: 'node-1' } as const
  const script = 'hostname; readlink /proc/self/ns/net'
  const [name, namespace] = (await inside('host', script, {}, ports)).split('\n')
  expect(name).toBe('node-1')
  expect(namespace).toBe(subject.node.run('readlink', '/proc/self/ns/net').trim())
})

test('pods of one node reach each other', async () => {
  const { runtime, image } = subject
  const [asking, asked] = [podIdentity('asking'), podIdentity('asked')]
  const server = 'nc -ll -p 7000 -e hostname'
  const { sandbox } = await startPod(runtime, image, asked, { command: ['sh', '-c', server] })
  const { id } = await startPod(runtime, image, asking)
  const script = `for i in 1 2 3 4 5 6 7 8 9; do nc ${sandbox.ips[0]} 7000 < /dev/null && exit; sleep 0.1; done`
  expect(await outputOf(runtime, id, script)).toMatch(/^asked/)
  await removePod(runtime, asking)
  await removePod(runtime, asked)
})

test('names at their limits', async () => {
  const pod = { uid: podIdentity('long').uid, name: 'p'.repeat(253), namespace: 'n'.repeat(63) }
  const { runtime, image } = subject
  const name = 'c'.repeat(63)
  const hostname = 'h'.repeat(63)
  const { id } = await startPod(runtime, image, pod, { name }, { hostname })
  expect(await outputOf(runtime, id, 'hostname')).toBe(hostname)
  expect((await runtime.observe(pod)).pod).toEqual(pod)
  await removePod(runtime, pod)
})
