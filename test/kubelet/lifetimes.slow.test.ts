/** How pods of a real Engine come to be ready, and in which order and how soon they end. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import { NodeProcess, type Spec } from './node-process.ts'

const PATIENCE_MS = 120_000

let node: NodeProcess
/** Of the machine, seen in pods as /shared. */
let shared: string

beforeAll(async () => {
  node = await NodeProcess.start()
  shared = join(node.rootDirectory, 'shared')
  mkdirSync(shared)
}, PATIENCE_MS)
afterAll(() => node[Symbol.asyncDispose](), PATIENCE_MS)

const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
const withShared = (spec: Spec): Spec => ({
  volumes: [{ name: 'shared', hostPath: { path: shared } }],
  ...spec,
})

/** Asked to end, it notes its name and takes its time. */
const noting = (name: string, file: string, seconds: number, more: object = {}) =>
  node.script(
    `trap 'echo ${name} >> /shared/${file}; sleep ${seconds}; exit 0' TERM; while :; do sleep 0.05; done`,
    { name, volumeMounts, ...more },
  )

const remove = async (name: string, gracePeriodSeconds?: number): Promise<void> => {
  const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
  await node.client.delete(Pod, { name, namespace: 'default' }, options)
}

const measured = async (work: Promise<void>): Promise<number> => {
  const begunAt = clock.monotonic()
  await work
  return clock.monotonic() - begunAt
}

/** Says over gRPC that it serves, unless a file says otherwise. */
const grpcServer = `
const { createServer } = require('node:http2')
const { existsSync } = require('node:fs')
createServer().on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.resume()
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, existsSync('/tmp/sick') ? 2 : 1]))
}).listen(7000)
`

const isReady = ({ status }: Pod): boolean =>
  findCondition(status.conditions, 'Ready')?.status === 'True'

describe.concurrent('a pod', () => {
  test('is asked over gRPC whether it is ready', async () => {
    writeFileSync(join(shared, 'grpc.cjs'), grpcServer)
    // The Node of the machine with its libraries: no image brings one.
    const paths = ['/usr', '/lib', '/lib64', dirname(process.execPath)]
    const readinessProbe = { grpc: { port: 7000 }, periodSeconds: 1, failureThreshold: 1 }
    const mounts = paths.map((_, at) => ({ name: `path-${at}`, readOnly: true }))
    const targets = ['/usr', '/lib', '/lib64', '/node']
    await node.create('grpc', {
      volumes: [
        { name: 'shared', hostPath: { path: shared } },
        ...paths.map((path, at) => ({ name: `path-${at}`, hostPath: { path } })),
      ],
      containers: [
        node.script('exec /node/node /shared/grpc.cjs', {
          readinessProbe,
          volumeMounts: [
            ...volumeMounts,
            ...mounts.map((mount, at) => ({ ...mount, mountPath: targets[at]! })),
          ],
        }),
      ],
    })
    const pod = await node.untilReady('grpc')
    node.inside(pod, 'touch /tmp/sick')
    await node.until('grpc', (each) => !isReady(each))
    await node.untilTold(
      'grpc',
      'Unhealthy: Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
    )
    node.inside(pod, 'rm /tmp/sick')
    await node.until('grpc', isReady)
  })

  test('that does not come up in time begins again', async () => {
    const startupProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 }
    const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 1 }
    await node.create('late', {
      containers: [node.script('exec sleep 1000', { startupProbe, livenessProbe })],
      terminationGracePeriodSeconds: 0,
    })
    await node.until('late', ({ status }) => status.containerStatuses?.[0]?.restartCount === 1)
    const killing = 'Killing: Container main failed startup probe, will be restarted'
    await node.untilTold('late', 'Unhealthy: Startup probe failed: ', killing)
    expect((await node.eventsOf('late')).join('\n')).not.toContain('Liveness probe failed')
  })

  test('ends its sidecars last, and the last of them first', async () => {
    const sidecar = { restartPolicy: 'Always' }
    await node.create('ordered', {
      ...withShared({
        initContainers: [
          noting('first', 'order', 0, sidecar),
          noting('second', 'order', 0.3, sidecar),
        ],
        containers: [noting('main', 'order', 0.5)],
      }),
      terminationGracePeriodSeconds: 20,
    })
    await node.untilReady('ordered')
    await remove('ordered')
    await node.untilGone('ordered')
    expect(node.file('shared/order')).toBe('main\nsecond\nfirst\n')
  })

  test('is told by HTTP and given a moment before it is stopped', async () => {
    const page = "echo 'Content-type: text/plain'; echo; echo asked >> /shared/asked"
    const serving =
      'mkdir -p /tmp/cgi-bin; printf "#!/bin/sh\\n%s\\n" "$0" > /tmp/cgi-bin/stop; chmod +x /tmp/cgi-bin/stop; ' +
      "httpd -p 8080 -h /tmp; touch /tmp/up; trap 'echo stopped >> /shared/asked; exit' TERM; while :; do sleep 0.05; done"
    await node.create('hooked', {
      ...withShared({
        containers: [
          node.script(serving, {
            command: ['sh', '-c', serving, page],
            ports: [{ name: 'web', containerPort: 8080 }],
            readinessProbe: { exec: { command: ['cat', '/tmp/up'] }, periodSeconds: 1 },
            lifecycle: { preStop: { httpGet: { path: '/cgi-bin/stop', port: 'web' } } },
            volumeMounts,
          }),
          noting('patient', 'patient', 0, { lifecycle: { preStop: { sleep: { seconds: 2 } } } }),
        ],
      }),
      terminationGracePeriodSeconds: 20,
    })
    await node.untilReady('hooked')
    const tookMs = await measured(remove('hooked').then(() => node.untilGone('hooked')))
    expect(node.file('shared/asked')).toBe('asked\nstopped\n')
    expect(tookMs).toBeGreaterThanOrEqual(2000)
  })

  test('that will not end is killed, and its end told before it goes', async () => {
    await node.client.create(Pod, {
      metadata: { name: 'stubborn', namespace: 'default', finalizers: ['test/seen'] },
      spec: {
        nodeName: 'node-1',
        terminationGracePeriodSeconds: 2,
        containers: [node.script('trap "" TERM; while :; do sleep 0.1; done')],
      },
    })
    await node.untilReady('stubborn')
    await remove('stubborn')
    const { status } = await node.untilPhase('stubborn', 'Failed')
    const [main] = status.containerStatuses ?? []
    expect(main?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    expect(main?.ready).toBe(false)
    const patch = { metadata: { finalizers: null } }
    await node.client.patch(Pod, { name: 'stubborn', namespace: 'default' }, patch, {
      type: 'merge',
    })
    await node.untilGone('stubborn')
  })

  test('that is removed by force leaves nothing either', async () => {
    await node.create('forced', { terminationGracePeriodSeconds: 3 })
    const pod = await node.untilReady('forced')
    await remove('forced', 0)
    const label = [
      `io.nanokube.cluster=${node.cluster}`,
      `io.kubernetes.pod.uid=${pod.metadata.uid}`,
    ]
    const endsAt = clock.monotonic() + 20_000
    const left = () => node.engine.listContainers({ label })
    while ((await left()).length > 0 && clock.monotonic() < endsAt) await clock.sleep(50)
    expect(await left()).toEqual([])
  })

  test('may be active for so long', async () => {
    await node.create('short', { activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 0 })
    const { status } = await node.untilPhase('short', 'Failed')
    expect(status).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    })
  })

  test('whose volume grows over its size has to leave', async () => {
    await node.create('greedy', {
      volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }],
      containers: [
        node.script('dd if=/dev/zero of=/data/file bs=1M count=4; exec sleep 1000', {
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        }),
      ],
    })
    const { status } = await node.untilPhase('greedy', 'Failed')
    expect(status.reason).toBe('Evicted')
    expect(status.message).toBe('Usage of EmptyDir volume "data" exceeds the limit "1Mi". ')
  })
})

describe('a node', () => {
  test('whose disk is full sends pods away, and takes none', async () => {
    await node.kill('SIGTERM')
    await node.create('evicted', { terminationGracePeriodSeconds: 0 })
    await node.run()
    await node.untilReady('evicted')
    await node.kill('SIGTERM')
    const transition = '--eviction-pressure-transition-period=1s'
    await node.run('--eviction-hard=nodefs.available<99.9%', transition)
    const { status } = await node.untilPhase('evicted', 'Failed')
    expect(status.reason).toBe('Evicted')
    expect(status.message).toMatch(
      /^The node was low on resource: ephemeral-storage\. Threshold quantity: .*, available: .*\. /,
    )
    const condition = async () =>
      findCondition((await node.node()).status.conditions, 'DiskPressure')
    await expect.poll(condition, { timeout: 20_000 }).toMatchObject({
      ...{ status: 'True', reason: 'KubeletHasDiskPressure' },
    })
    await node.create('unwanted')
    const refused = await node.untilPhase('unwanted', 'Failed')
    expect(refused.status.reason).toBe('Evicted')
    expect(refused.status.message).toContain('The node had condition: [DiskPressure]')
    await node.kill('SIGTERM')
    await node.run()
    await expect.poll(condition, { timeout: 20_000 }).toMatchObject({ status: 'False' })
  })

  test('that shuts down ends its pods first', async () => {
    await node.kill('SIGTERM')
    await node.run('--shutdown-grace-period=10s')
    await node.create('shut', withShared({ containers: [noting('main', 'shut', 0.2)] }))
    await node.untilReady('shut')
    await node.kill('SIGTERM')
    const { status } = await node.get('shut')
    expect(status).toMatchObject({
      ...{ phase: 'Failed', reason: 'Terminated' },
      message: 'Pod was terminated in response to imminent node shutdown.',
    })
    expect(node.file('shared/shut')).toBe('main\n')
  })

  test('runs what lies in its folder, whatever the API does to it', async () => {
    const folder = join(node.rootDirectory, 'manifests')
    mkdirSync(folder)
    await node.kill()
    await node.run(`--pod-manifest-path=${folder}`, '--file-check-frequency=1s')
    const write = (colour: string): void =>
      writeFileSync(
        join(folder, 'web.yaml'),
        JSON.stringify({
          ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default' } },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [
              node.script('exec sleep 1000', { env: [{ name: 'COLOUR', value: colour }] }),
            ],
          },
        }),
      )
    write('red')
    const seen = async (): Promise<Pod | undefined> => node.find('web-node-1')
    const ready = async (): Promise<boolean> => {
      const pod = await seen()
      return pod !== undefined && isReady(pod)
    }
    await expect.poll(ready, { timeout: 20_000 }).toBe(true)
    const first = (await seen())!
    expect(node.inside(first, 'echo $COLOUR')).toBe('red')
    await remove('web-node-1', 0)
    const newUid = async () => (await seen())?.metadata.uid ?? first.metadata.uid
    await expect.poll(newUid, { timeout: 20_000 }).not.toBe(first.metadata.uid)
    await expect.poll(ready, { timeout: 20_000 }).toBe(true)
    const second = (await seen())!
    expect(second.status.containerStatuses?.[0]?.containerID).toBe(
      first.status.containerStatuses?.[0]?.containerID,
    )
    write('blue')
    const colour = async (): Promise<string | undefined> => {
      const pod = await seen()
      return pod && isReady(pod) && pod.metadata.uid !== second.metadata.uid
        ? node.inside(pod, 'echo $COLOUR')
        : undefined
    }
    await expect.poll(colour, { timeout: 20_000 }).toBe('blue')
    rmSync(join(folder, 'web.yaml'))
    await node.untilGone('web-node-1')
  })
})
