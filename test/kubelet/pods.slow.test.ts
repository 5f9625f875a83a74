/** Pods on a real Engine, as a kubelet that runs as a process makes them, looked at from inside. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { NodeProcess } from './node-process.ts'

const START_MS = 60_000

let node: NodeProcess
beforeAll(async () => {
  node = await NodeProcess.start()
}, START_MS)
afterAll(() => node?.[Symbol.asyncDispose](), START_MS)

const container = (more: object = {}) => ({
  name: 'main',
  image: node.image,
  imagePullPolicy: 'IfNotPresent' as const,
  command: ['sleep', '1000'],
  ...more,
})

const script = (text: string, more: object = {}) =>
  container({ command: ['sh', '-c', text], ...more })

test('a node registers with all that it is', async () => {
  const { metadata, status } = await node.node()
  expect(metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'node-1' })
  expect(findCondition(status.conditions, 'Ready')).toMatchObject({
    status: 'True',
    reason: 'KubeletReady',
  })
  expect(status.nodeInfo?.containerRuntimeVersion).toMatch(/^docker:\/\/\d/)
  expect(Number(status.capacity?.cpu)).toBeGreaterThan(0)
})

test('a pod comes, says who it is, and goes without a trace', async () => {
  await node.create('plain')
  const pod = await node.untilReady('plain')
  expect(node.inside(pod, 'hostname')).toBe('plain')
  expect(node.inside(pod, 'ip -o -4 addr show eth0')).toContain(pod.status.podIP)
  await node.client.delete(Pod, pod)
  await node.untilGone('plain')
  await node.untilTold('plain', 'Killing: Stopping container main')
  await expect.poll(() => node.leftovers(), { timeout: 10_000 }).toEqual([])
})

test('fields of the spec are seen inside', async () => {
  const namespace = 'default'
  await node.client.create(ConfigMap, {
    metadata: { name: 'settings', namespace },
    data: { colour: 'blue' },
  })
  await node.create('inside', {
    hostname: 'host',
    subdomain: 'sub',
    hostAliases: [{ ip: '10.1.2.3', hostnames: ['alias.example'] }],
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000 },
    volumes: [
      { name: 'data', emptyDir: {} },
      { name: 'settings', configMap: { name: 'settings' } },
    ],
    containers: [
      container({
        command: ['sh', '-c', 'sleep $(TIME)'],
        workingDir: '/data',
        env: [
          { name: 'TIME', value: '999' },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        envFrom: [{ configMapRef: { name: 'settings' } }],
        resources: { limits: { memory: '64Mi', cpu: '500m' } },
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'settings', mountPath: '/settings' },
        ],
      }),
    ],
  })
  const pod = await node.untilReady('inside')
  const inside = (text: string): string => node.inside(pod, text)
  expect(inside('id -u; id -g')).toBe('1000\n2000')
  expect(inside('id -G')).toContain('3000')
  expect(inside('hostname')).toBe('host')
  expect(inside('cat /etc/hosts')).toContain('host.sub.default.svc.cluster.local')
  expect(inside('cat /etc/hosts')).toContain('10.1.2.3')
  expect(inside('cat /etc/resolv.conf')).toContain('nameserver 10.96.0.10')
  expect(inside('echo $POD $colour $TIME; pwd')).toBe('inside blue 999\n/data')
  expect(inside('cat /settings/colour')).toBe('blue')
  expect(inside('touch /data/file && echo ok')).toBe('ok')
  expect(inside('touch /file 2>/dev/null || echo read-only')).toBe('read-only')
  expect(inside('grep NoNewPrivs /proc/self/status')).toMatch(/1$/)
  expect(inside('grep CapPrm /proc/self/status')).toMatch(/0{16}$/)
  expect(inside('tr "\\0" " " < /proc/1/cmdline')).toContain('sleep 999')
  const limit = inside(
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true',
  )
  expect(limit).toBe(String(64 << 20))
  expect(pod.status.qosClass).toBe('Guaranteed')
})

test('init containers, a sidecar and the end of a job', async () => {
  const mount = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  await node.create('job', {
    restartPolicy: 'Never',
    volumes: [{ name: 'data', emptyDir: {} }],
    initContainers: [
      script('echo first > /data/log', { name: 'first', ...mount }),
      script('trap "exit 0" TERM; echo side >> /data/log; while :; do sleep 0.1; done', {
        name: 'side',
        restartPolicy: 'Always',
        ...mount,
      }),
    ],
    containers: [script('sleep 0.3; cat /data/log > /dev/termination-log; exit 3', mount)],
  })
  const pod = await node.untilPhase('job', 'Failed')
  const [first, side] = pod.status.initContainerStatuses ?? []
  expect(first?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
  expect(side?.state?.terminated?.exitCode).toBe(0)
  expect(pod.status.containerStatuses?.[0]?.state?.terminated).toMatchObject({
    exitCode: 3,
    reason: 'Error',
    message: 'first\nside\n',
  })
})

describe('what goes wrong', () => {
  test('a command that is not there', async () => {
    await node.create('no-command', { containers: [container({ command: ['/not/there'] })] })
    const pod = await node.until('no-command', ({ status }) =>
      /CrashLoopBackOff|RunContainerError/.test(
        status.containerStatuses?.[0]?.state?.waiting?.reason ?? '',
      ),
    )
    expect(pod.status.containerStatuses?.[0]?.lastState?.terminated?.reason).toBe('StartError')
  })

  test('an image that may not be pulled', async () => {
    const image = 'nanokube-test/absent:1'
    await node.create('absent', { containers: [container({ image, imagePullPolicy: 'Never' })] })
    const pod = await node.until('absent', ({ status }) =>
      Boolean(status.containerStatuses?.[0]?.state?.waiting?.message),
    )
    expect(pod.status.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'ErrImageNeverPull',
      message: `Container image "${image}" is not present with pull policy of Never`,
    })
  })

  test('a setting that is not there, until it is', async () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'late', key: 'a' } } }]
    await node.create('late', { containers: [container({ env })] })
    await node.until(
      'late',
      ({ status }) =>
        status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    )
    await node.client.create(ConfigMap, {
      metadata: { name: 'late', namespace: 'default' },
      data: { a: '1' },
    })
    expect(node.inside(await node.untilReady('late'), 'echo $A')).toBe('1')
  })

  test('root where it must not be', async () => {
    await node.create('root', { securityContext: { runAsNonRoot: true } })
    const pod = await node.until(
      'root',
      ({ status }) =>
        status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    )
    expect(pod.status.containerStatuses?.[0]?.state?.waiting?.message).toContain(
      'container has runAsNonRoot and image will run as root',
    )
  })

  test('too much memory', async () => {
    const text = 'x=a; while :; do x=$x$x; done'
    const resources = { limits: { memory: '16Mi' } }
    await node.create('greedy', {
      restartPolicy: 'Never',
      containers: [script(text, { resources })],
    })
    const pod = await node.untilPhase('greedy', 'Failed')
    expect(pod.status.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    })
  })
})

describe('probes', () => {
  const serving =
    'mkdir -p /tmp/www; echo ok > /tmp/www/index.html; httpd -p 8080 -h /tmp/www; sleep 1000'
  const ports = [{ name: 'web', containerPort: 8080 }]

  test('over HTTP and TCP, in the network of the pod', async () => {
    await node.create('probed', {
      containers: [
        script(serving, {
          ports,
          startupProbe: { tcpSocket: { port: 'web' }, periodSeconds: 1, failureThreshold: 20 },
          readinessProbe: { httpGet: { port: 'web', path: '/' }, periodSeconds: 1 },
        }),
      ],
    })
    const pod = await node.untilReady('probed')
    node.inside(pod, 'rm /tmp/www/index.html')
    const unready = await node.until(
      'probed',
      ({ status }) => findCondition(status.conditions, 'Ready')?.status === 'False',
    )
    expect(findCondition(unready.status.conditions, 'Ready')?.message).toBe(
      'containers with unready status: [main]',
    )
    await node.untilTold(
      'probed',
      'Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404',
    )
  })

  test('by a command, which restarts what is not alive', async () => {
    const livenessProbe = {
      exec: { command: ['cat', '/tmp/alive'] },
      periodSeconds: 1,
      failureThreshold: 2,
      initialDelaySeconds: 1,
    }
    await node.create('dying', {
      containers: [script('touch /tmp/alive; exec sleep 1000', { livenessProbe })],
      terminationGracePeriodSeconds: 0,
    })
    node.inside(await node.untilReady('dying'), 'rm /tmp/alive')
    const pod = await node.until(
      'dying',
      ({ status }) => status.containerStatuses?.[0]?.restartCount === 1,
    )
    expect(pod.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(137)
  })
})

test('hooks run at the start and before the stop', async () => {
  await node.create('hooked', {
    terminationGracePeriodSeconds: 10,
    volumes: [{ name: 'data', hostPath: { path: node.rootDirectory } }],
    containers: [
      container({
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
        lifecycle: {
          postStart: { exec: { command: ['sh', '-c', 'echo start > /data/hooks'] } },
          preStop: { exec: { command: ['sh', '-c', 'echo stop >> /data/hooks'] } },
        },
      }),
    ],
  })
  const pod = await node.untilReady('hooked')
  await node.client.delete(Pod, pod)
  await node.untilGone('hooked')
  expect(node.file('hooks')).toBe('start\nstop\n')
})

test('resources change while the container goes on', async () => {
  await node.create('resized', {
    containers: [
      container({ resources: { limits: { memory: '32Mi' }, requests: { memory: '32Mi' } } }),
    ],
  })
  const before = await node.untilReady('resized')
  const resources = { limits: { memory: '48Mi' }, requests: { memory: '48Mi' } }
  const patch = { spec: { containers: [{ name: 'main', resources }] } }
  await node.client.patch(Pod, before, patch, { type: 'strategic', subresource: 'resize' })
  const after = await node.until(
    'resized',
    ({ status }) => status.containerStatuses?.[0]?.resources?.limits?.memory === '48Mi',
  )
  expect(after.status.containerStatuses?.[0]?.containerID).toBe(
    before.status.containerStatuses?.[0]?.containerID,
  )
  const limit = node.inside(
    after,
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true',
  )
  expect(limit).toBe(String(48 << 20))
})

describe('a kubelet that is killed', () => {
  test('goes on with what runs, and with what was to end', async () => {
    await node.create('stays')
    await node.create('leaves')
    const before = await node.untilReady('stays')
    const leaving = await node.untilReady('leaves')
    await node.kill()
    await node.client.delete(Pod, leaving)
    await node.run()
    await node.untilGone('leaves')
    const after = await node.get('stays')
    expect(after.status).toEqual(before.status)
    expect(node.inside(after, 'hostname')).toBe('stays')
  })
})
