/** What a kubelet makes of pods over time, on a node that only pretends to run them. */
import { describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Change } from '#client/informer.ts'
import { seededRandom } from '#daemon/random.ts'
import { type HollowCluster, startHollowCluster } from '#test/hollow-cluster.ts'
import { annotations } from './hollow/behaviour.ts'
import { hollowProber } from './hollow/hollow-prober.ts'
import { ImagePuller } from './images.ts'
import { Kubelet } from './kubelet.ts'
import { noProvisions } from './provisions.ts'

const SECOND_MS = 1000

const short = ({ status }: Pod) =>
  [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(
    ({ name, state, restartCount, ready }) => {
      const { waiting, running, terminated } = state ?? {}
      const what = waiting?.reason ?? terminated?.reason ?? (running && 'running')
      return `${name} ${what}${ready ? ' ready' : ''} x${restartCount}`
    },
  )

const main = (more: object = {}) => ({ name: 'main', image: 'web:1', ...more })

test('a pod runs, and its status says so', async () => {
  await using cluster = await startHollowCluster()
  await cluster.run('web')
  await cluster.settle()
  const pod = await cluster.get('web')
  expect(pod.status).toMatchObject({
    phase: 'Running',
    podIP: '10.244.0.1',
    hostIP: '192.168.0.1',
    qosClass: 'BestEffort',
    observedGeneration: 1,
  })
  expect(short(pod)).toEqual(['main running ready x0'])
  expect(pod.status.conditions?.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'PodReadyToStartContainers True',
    'Initialized True',
    'Ready True',
    'ContainersReady True',
    'PodScheduled True',
  ])
  expect(await cluster.eventsOf('web')).toEqual([
    'Pulling: Pulling image "web:1"',
    'Pulled: Successfully pulled image "web:1" in 0s (0s including waiting). Image size: 1000000 bytes.',
    'Created: Container created',
    'Started: Container started',
  ])
  expect(cluster.logged).toEqual([])
})

test('a deleted pod stops within its grace, says how it ended, and is gone', async () => {
  await using cluster = await startHollowCluster()
  await cluster.run('web', {}, { [annotations.stopDelay]: '5s' })
  await cluster.settle()
  const pod = await cluster.get('web')
  const seen: string[] = []
  await cluster.client.delete(Pod, pod)
  await cluster.pass(4 * SECOND_MS)
  seen.push((await cluster.get('web')).status.phase!)
  await cluster.pass(2 * SECOND_MS)
  await cluster.settle()
  expect(seen).toEqual(['Running'])
  expect(await cluster.find('web')).toBeUndefined()
  expect(await cluster.runtime.list()).toEqual([])
  expect(await cluster.eventsOf('web')).toContain('Killing: Stopping container main')
})

test('a pod whose container is done succeeds or fails', async () => {
  await using cluster = await startHollowCluster()
  const spec = { restartPolicy: 'Never' } as const
  await cluster.run('good', spec, { [annotations.exitAfter]: '2s' })
  await cluster.run('bad', spec, { [annotations.exitAfter]: '2s', [annotations.exitCode]: '3' })
  await cluster.pass(5 * SECOND_MS)
  await cluster.settle()
  const good = await cluster.get('good')
  expect(good.status.phase).toBe('Succeeded')
  expect(findCondition(good.status.conditions, 'Ready')).toMatchObject({
    status: 'False',
    reason: 'PodCompleted',
  })
  const bad = await cluster.get('bad')
  expect(bad.status.phase).toBe('Failed')
  expect(bad.status.containerStatuses?.[0]?.state?.terminated).toMatchObject({
    exitCode: 3,
    reason: 'Error',
    startedAt: '2030-01-01T00:00:00Z',
    finishedAt: '2030-01-01T00:00:02Z',
  })
  const [left] = await cluster.runtime.list()
  expect(left?.sandboxes.map(({ isReady }) => isReady)).toEqual([false])
})

test('a container that crashes waits longer each time', async () => {
  await using cluster = await startHollowCluster()
  await cluster.run('crash', {}, { [annotations.exitAfter]: '1s', [annotations.exitCode]: '1' })
  const seen: string[] = []
  for (let second = 0; second < 76; second++) {
    await cluster.pass(SECOND_MS)
    const [text = ''] = short(await cluster.get('crash'))
    if (seen.at(-1) !== text) seen.push(text)
  }
  expect(seen).toEqual([
    'main running ready x1',
    'main CrashLoopBackOff x1',
    'main running ready x2',
    'main CrashLoopBackOff x2',
    'main running ready x3',
    'main CrashLoopBackOff x3',
    'main running ready x4',
    'main CrashLoopBackOff x4',
  ])
  const { status, metadata } = await cluster.get('crash')
  expect(status.phase).toBe('Running')
  expect(status.containerStatuses?.[0]?.state?.waiting?.message).toBe(
    `back-off 1m20s restarting failed container=main pod=crash_default(${metadata.uid})`,
  )
  expect(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(1)
  expect(findCondition(status.conditions, 'Ready')?.message).toBe(
    'containers with unready status: [main]',
  )
})

describe('init containers', () => {
  const spec = {
    initContainers: [main({ name: 'first' }), main({ name: 'second' })],
    containers: [main()],
  }

  test('run one after the other before all else', async () => {
    await using cluster = await startHollowCluster()
    const behaviour = {
      [`${annotations.exitAfter}.first`]: '2s',
      [`${annotations.exitAfter}.second`]: '2s',
    }
    await cluster.run('init', spec, behaviour)
    await cluster.pass(SECOND_MS)
    const early = await cluster.get('init')
    expect(early.status.phase).toBe('Pending')
    expect(short(early)).toEqual([
      'first running x0',
      'second PodInitializing x0',
      'main PodInitializing x0',
    ])
    expect(findCondition(early.status.conditions, 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [first second]',
    })
    await cluster.pass(2 * SECOND_MS)
    expect(short(await cluster.get('init'))).toEqual([
      'first Completed ready x0',
      'second running x0',
      'main PodInitializing x0',
    ])
    await cluster.pass(3 * SECOND_MS)
    expect(short(await cluster.get('init'))).toEqual([
      'first Completed ready x0',
      'second Completed ready x0',
      'main running ready x0',
    ])
  })

  test('that fail for good fail the pod', async () => {
    await using cluster = await startHollowCluster()
    const behaviour = {
      [`${annotations.exitAfter}.first`]: '1s',
      [`${annotations.exitCode}.first`]: '1',
    }
    await cluster.run('init', { ...spec, restartPolicy: 'Never' }, behaviour)
    await cluster.pass(3 * SECOND_MS)
    await cluster.settle()
    const pod = await cluster.get('init')
    expect(pod.status.phase).toBe('Failed')
    expect(short(pod)[0]).toBe('first Error x0')
  })

  test('that are sidecars start before the others and stop after them', async () => {
    await using cluster = await startHollowCluster()
    const sidecar = main({ name: 'side', restartPolicy: 'Always' })
    const behaviour = { [`${annotations.stopDelay}.main`]: '3s' }
    await cluster.run('side', { initContainers: [sidecar] }, behaviour)
    await cluster.settle()
    const pod = await cluster.get('side')
    expect(short(pod)).toEqual(['side running ready x0', 'main running ready x0'])
    await cluster.client.delete(Pod, pod)
    await cluster.pass(2 * SECOND_MS)
    expect(short(await cluster.get('side'))).toEqual([
      'side running ready x0',
      'main running ready x0',
    ])
    await cluster.pass(3 * SECOND_MS)
    await cluster.settle()
    expect(await cluster.find('side')).toBeUndefined()
  })

  test('that are sidecars do not keep a finished pod alive', async () => {
    await using cluster = await startHollowCluster()
    const sidecar = main({ name: 'side', restartPolicy: 'Always' })
    const behaviour = { [`${annotations.exitAfter}.main`]: '2s' }
    await cluster.run('job', { initContainers: [sidecar], restartPolicy: 'Never' }, behaviour)
    await cluster.pass(4 * SECOND_MS)
    await cluster.settle()
    const pod = await cluster.get('job')
    expect(pod.status.phase).toBe('Succeeded')
    expect(short(pod)).toEqual(['side Completed x0', 'main Completed x0'])
  })
})

describe('probes', () => {
  const probe = { httpGet: { port: 80 }, periodSeconds: 1, failureThreshold: 2 }

  test('of readiness decide what is ready', async () => {
    await using cluster = await startHollowCluster()
    const containers = [main({ readinessProbe: probe })]
    await cluster.run('web', { containers }, { [annotations.readyAfter]: '3s' })
    await cluster.pass(SECOND_MS)
    expect(short(await cluster.get('web'))).toEqual(['main running x0'])
    await cluster.pass(4 * SECOND_MS)
    expect(short(await cluster.get('web'))).toEqual(['main running ready x0'])
    await cluster.settle()
    expect(await cluster.eventsOf('web')).toContain(
      'Unhealthy: Readiness probe failed: told not to be well yet',
    )
  })

  test('of liveness restart a container', async () => {
    await using cluster = await startHollowCluster()
    const containers = [main({ livenessProbe: probe })]
    await cluster.run('web', { containers }, { [annotations.readyAfter]: 'never' })
    await cluster.pass(3 * SECOND_MS)
    await cluster.settle()
    expect(short(await cluster.get('web'))).toEqual(['main running ready x1'])
    expect(await cluster.eventsOf('web')).toContain(
      'Killing: Container main failed liveness probe, will be restarted',
    )
  })

  test('of the start hold back the others', async () => {
    await using cluster = await startHollowCluster()
    const containers = [main({ startupProbe: { ...probe, failureThreshold: 10 } })]
    await cluster.run('web', { containers }, { [annotations.readyAfter]: '3s' })
    await cluster.pass(2 * SECOND_MS)
    const early = (await cluster.get('web')).status.containerStatuses?.[0]
    expect(early).toMatchObject({ started: false, ready: false })
    await cluster.pass(3 * SECOND_MS)
    expect((await cluster.get('web')).status.containerStatuses?.[0]).toMatchObject({
      started: true,
      ready: true,
    })
  })
})

test('an image that cannot be pulled is tried again, ever later', async () => {
  await using cluster = await startHollowCluster()
  await cluster.run('web', {}, { [annotations.fails]: 'pull' })
  await cluster.settle()
  const seen: string[] = []
  for (let second = 0; second < 40; second++) {
    const [text = ''] = short(await cluster.get('web'))
    if (seen.at(-1) !== text) seen.push(text)
    await cluster.pass(SECOND_MS)
  }
  expect(seen).toEqual([
    'main ErrImagePull x0',
    'main ImagePullBackOff x0',
    'main ErrImagePull x0',
    'main ImagePullBackOff x0',
    'main ErrImagePull x0',
    'main ImagePullBackOff x0',
  ])
  const { status } = await cluster.get('web')
  expect(status.phase).toBe('Pending')
  expect(status.containerStatuses?.[0]?.state?.waiting?.message).toBe(
    'Back-off pulling image "web:1": ErrImagePull: told to fail',
  )
  expect(new Set(await cluster.eventsOf('web'))).toEqual(
    new Set([
      'Pulling: Pulling image "web:1"',
      'Failed: Failed to pull image "web:1": told to fail',
      'Failed: Error: ErrImagePull',
      'BackOff: Back-off pulling image "web:1"',
      'Failed: Error: ImagePullBackOff',
    ]),
  )
})

test('a pod that has been active too long fails', async () => {
  await using cluster = await startHollowCluster()
  await cluster.run('late', { activeDeadlineSeconds: 5 })
  await cluster.pass(7 * SECOND_MS)
  await cluster.settle()
  const { status } = await cluster.get('late')
  expect(status).toMatchObject({
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  })
})

test('a pod that does not fit is refused', async () => {
  await using cluster = await startHollowCluster()
  const containers = [main({ resources: { requests: { cpu: '9' } } })]
  await cluster.run('large', { containers })
  await cluster.settle()
  const { status } = await cluster.get('large')
  expect(status).toMatchObject({
    phase: 'Failed',
    reason: 'OutOfcpu',
    message:
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 4000",
  })
  expect(status.containerStatuses ?? []).toEqual([])
  expect(await cluster.eventsOf('large')).toEqual([
    "OutOfcpu: Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 4000",
  ])
})

describe('a kubelet that starts anew', () => {
  test('takes over what runs', async () => {
    await using cluster = await startHollowCluster()
    await cluster.run('web')
    await cluster.settle()
    const before = await cluster.get('web')
    await cluster.restart()
    await cluster.settle()
    const after = await cluster.get('web')
    expect(after.status).toEqual(before.status)
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
  })

  test('ends what was deleted meanwhile', async () => {
    await using cluster = await startHollowCluster()
    const pod = await cluster.run('web')
    await cluster.settle()
    await cluster.restart(() => cluster.client.delete(Pod, pod))
    await cluster.settle()
    expect(await cluster.find('web')).toBeUndefined()
    expect(await cluster.runtime.list()).toEqual([])
  })

  test('ends what nobody knows any more', async () => {
    await using cluster = await startHollowCluster()
    const pod = await cluster.run('web')
    await cluster.settle()
    await cluster.restart(() => cluster.client.delete(Pod, pod, { gracePeriodSeconds: 0 }))
    await cluster.settle()
    expect(await cluster.runtime.list()).toEqual([])
  })

  test('starts again what died meanwhile, with its history', async () => {
    await using cluster = await startHollowCluster()
    await cluster.run('web')
    await cluster.settle()
    await cluster.restart(async () => crashAll(cluster))
    await cluster.settle()
    expect(short(await cluster.get('web'))).toEqual(['main running ready x1'])
  })
})

async function crashAll({ runtime }: HollowCluster): Promise<void> {
  for (const { containers } of await runtime.list()) {
    for (const { id } of containers) runtime.crash(id)
  }
}

test('a pod that comes while what is left of others is removed is not overlooked', async () => {
  await using cluster = await startHollowCluster()
  const { runtime, client, clock, log } = cluster
  const events = { normal: () => undefined, warning: () => undefined }
  const { images } = runtime
  const sources = { secret: async () => undefined }
  let tell: (change: Change<Pod>) => void = () => undefined
  const run = await cluster.run('run')
  const pod = { ...run, metadata: { ...run.metadata, name: 'late', uid: 'late' } }
  const kubelet = new Kubelet({
    ...{ runtime, client, clock, log, events, random: seededRandom(1) },
    images: new ImagePuller({ images, sources, events, clock }),
    prober: hollowProber(runtime),
    feed: {
      synced: Promise.resolve(),
      onChange(listener) {
        tell = listener
        return { [Symbol.dispose]: () => undefined }
      },
    },
    provisions: {
      ...noProvisions,
      async orphans() {
        tell({ type: 'added', object: pod })
        return []
      },
    },
    thisNode: () => undefined,
    node: cluster.node.context,
    admission: { allowedSysctls: [], acceptsRuntimeClass: () => true },
    pressures: () => [],
  })
  await kubelet.start(new AbortController().signal)
  expect(kubelet.find('default', 'late')?.metadata.uid).toBe(pod.metadata.uid)
  await kubelet[Symbol.asyncDispose]()
})
