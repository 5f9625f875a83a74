/** Pods that cannot be what they ask for, or ask for very much: on a real Engine, all at a time. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { busyboxArchive } from '../engine/images.ts'
import { Registry } from '../engine/registry.ts'
import { NodeProcess, type Spec } from './node-process.ts'

const PATIENCE_MS = 120_000
const NOWHERE = '127.0.0.1:1/nothing:1'
const CONTAINERS = 100
const VARIABLES = 10
const VARIABLE_BYTES = 104_858

let node: NodeProcess
let registry: Registry
let guarded: string

beforeAll(async () => {
  node = await NodeProcess.start()
  registry = await Registry.start({ password: true })
  const repository = `${registry.address}/team/app`
  guarded = `${repository}:v1`
  await node.engine.importImage(repository, 'v1', await busyboxArchive(node.cluster), [
    'CMD ["sleep", "1000"]',
    'ENV PATH=/bin',
  ])
  docker('login', '-u', 'tester', '-p', 'secret', registry.address)
  docker('push', '-q', guarded)
  docker('logout', registry.address)
  docker('rmi', '-f', guarded)
}, PATIENCE_MS)

afterAll(async () => {
  await node[Symbol.asyncDispose]()
  docker('rmi', '-f', guarded)
  await registry[Symbol.asyncDispose]()
}, PATIENCE_MS)

const docker = (...words: string[]): void =>
  void execFileSync('docker', words, { stdio: ['ignore', 'ignore', 'ignore'] })

const waitingOf = ({ status }: Pod) => {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  return all.find(({ state }) => state?.waiting?.message)?.state?.waiting
}

/** The pod once one of its containers waits for that reason. */
const untilWaiting = (name: string, reason: string): Promise<Pod> =>
  node.until(name, (pod) => waitingOf(pod)?.reason === reason)

const one = (text: string, more: object = {}): Spec => ({
  containers: [node.script(text, more)],
})

describe.concurrent('a pod', () => {
  test('whose image cannot be pulled tells why, and waits ever longer', async () => {
    await node.create('unreachable', one('true', { image: NOWHERE }))
    const first = await untilWaiting('unreachable', 'RegistryUnavailable')
    expect(waitingOf(first)?.message).toContain('127.0.0.1:1')
    expect(first.status.phase).toBe('Pending')
    const second = await untilWaiting('unreachable', 'ImagePullBackOff')
    expect(waitingOf(second)?.message).toMatch(
      new RegExp(`^Back-off pulling image "${NOWHERE}": RegistryUnavailable: `),
    )
    await node.untilTold(
      'unreachable',
      `Pulling: Pulling image "${NOWHERE}"`,
      `Failed: Failed to pull image "${NOWHERE}": `,
      'Failed: Error: RegistryUnavailable',
      `BackOff: Back-off pulling image "${NOWHERE}"`,
      'Failed: Error: ImagePullBackOff',
    )
  })

  test('whose image has no name of an image is told so', async () => {
    await node.create('misnamed', one('true', { image: 'Upper/Case:1' }))
    const pod = await untilWaiting('misnamed', 'InvalidImageName')
    expect(waitingOf(pod)?.message).toContain('invalid reference format')
    await node.untilTold('misnamed', 'InspectFailed: ')
  })

  test('gets an image behind a password with its secret, and not without', async () => {
    const auths = { [registry.address]: { username: 'tester', password: 'secret' } }
    await node.client.create(Secret, {
      metadata: { name: 'registry', namespace: 'default' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': JSON.stringify({ auths }) },
    } as never)
    const containers = [{ name: 'main', image: guarded }]
    await node.create('outside', { containers })
    const outside = await untilWaiting('outside', 'ErrImagePull')
    expect(waitingOf(outside)?.message).toMatch(/no basic auth credentials|unauthorized/)
    await node.create('inside', { containers, imagePullSecrets: [{ name: 'registry' }] })
    const inside = await node.untilReady('inside')
    expect(inside.status.containerStatuses?.[0]?.imageID).toContain('@sha256:')
    await node.untilTold(
      'inside',
      /Pulled: Successfully pulled image ".*" in .* \(.* including waiting\)\. Image size: \d+ bytes\./,
    )
  })

  test('that crashes begins again at once, then waits', async () => {
    await node.create(
      'crashing',
      one('echo sorry; exit 3', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
    )
    const pod = await untilWaiting('crashing', 'CrashLoopBackOff')
    const [main] = pod.status.containerStatuses ?? []
    const about = `container=main pod=crashing_default(${pod.metadata.uid})`
    expect(waitingOf(pod)?.message).toBe(`back-off 10s restarting failed ${about}`)
    expect(main).toMatchObject({ ready: false, started: false, restartCount: 1 })
    expect(main?.lastState?.terminated).toMatchObject({
      ...{ exitCode: 3, reason: 'Error', message: 'sorry\n' },
    })
    expect(pod.status.phase).toBe('Running')
    const event = `BackOff: Back-off restarting failed container main in pod crashing_default(${pod.metadata.uid})`
    await node.untilTold('crashing', event)
    const again = await node.until(
      'crashing',
      ({ status }) => status.containerStatuses?.[0]?.restartCount === 2,
    )
    const [before, after] = [pod, again].map(
      ({ status }) => status.containerStatuses?.[0]?.lastState?.terminated?.startedAt ?? '',
    )
    expect(Date.parse(after!) - Date.parse(before!)).toBeGreaterThanOrEqual(0)
  })

  test('whose init container fails stays where it is', async () => {
    const first = node.script('exit 4', { name: 'first' })
    await node.create('stuck', { ...one('sleep 1000'), initContainers: [first] })
    const pod = await untilWaiting('stuck', 'CrashLoopBackOff')
    expect(pod.status.phase).toBe('Pending')
    expect(findCondition(pod.status.conditions, 'Initialized')).toMatchObject({
      ...{ status: 'False', reason: 'ContainersNotInitialized' },
      message: 'containers with incomplete status: [first]',
    })
    expect(pod.status.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing')
  })

  test('that never restarts fails with its init container', async () => {
    const first = node.script('exit 4', { name: 'first' })
    const policy = { restartPolicy: 'Never' } as const
    await node.create('over', { ...one('sleep 1000'), ...policy, initContainers: [first] })
    const { status } = await node.untilPhase('over', 'Failed')
    expect(status.initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(4)
    expect(status.containerStatuses?.[0]?.started).toBe(false)
  })

  test('that restarts on failure ends with the first success', async () => {
    await node.create('second-try', {
      restartPolicy: 'OnFailure',
      volumes: [{ name: 'data', emptyDir: {} }],
      ...one('[ -e /data/tried ] && exit 0; touch /data/tried; exit 1', {
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      }),
    })
    const { status } = await node.untilPhase('second-try', 'Succeeded')
    const [main] = status.containerStatuses ?? []
    expect(main?.restartCount).toBe(1)
    expect(main?.state?.terminated?.reason).toBe('Completed')
    expect(findCondition(status.conditions, 'Ready')?.reason).toBe('PodCompleted')
  })

  test.for<[string, object, string, RegExp]>([
    [
      'too little memory for the Engine',
      { resources: { limits: { memory: '1Mi' } } },
      'CreateContainerError',
      /Minimum memory limit/,
    ],
    [
      'a directory that is a file',
      { workingDir: '/etc/passwd' },
      'RunContainerError|CrashLoopBackOff|CreateContainerError',
      /not a directory|back-off/,
    ],
  ])('with %s', async ([what, more, reason, message]) => {
    const name = what.replaceAll(' ', '-').toLowerCase()
    await node.create(name, one('sleep 1000', more))
    const isSo = new RegExp(`^(${reason})$`)
    const pod = await node.until(name, (each) => isSo.test(waitingOf(each)?.reason ?? ''))
    expect(waitingOf(pod)?.message).toMatch(message)
    await node.untilTold(name, 'Failed: Error: ')
  })

  test('whose hook fails is told so, and begins again', async () => {
    const postStart = { exec: { command: ['sh', '-c', 'echo no; exit 1'] } }
    await node.create('hooked', one('sleep 1000', { lifecycle: { postStart } }))
    await node.until(
      'hooked',
      ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    )
    const failed = 'FailedPostStartHook: PostStartHook failed: '
    await node.untilTold('hooked', failed, 'Killing: FailedPostStartHook')
  })

  test('whose environment no kernel takes says what the kernel says', async () => {
    const env = [{ name: 'BIG', value: 'x'.repeat(200_000) }]
    const more = { env, terminationMessagePolicy: 'FallbackToLogsOnError' }
    await node.create('too-wordy', one('sleep 1000', more))
    const { status } = await untilWaiting('too-wordy', 'CrashLoopBackOff')
    expect(status.containerStatuses?.[0]?.lastState?.terminated?.message).toContain(
      'argument list too long',
    )
  })

  test('has an environment of a million bytes', async () => {
    const value = 'x'.repeat(VARIABLE_BYTES)
    const env = Array.from({ length: VARIABLES }, (_, number) => ({ name: `V${number}`, value }))
    await node.create('wordy', {
      restartPolicy: 'Never',
      ...one('env | wc -c > /dev/termination-log', { env }),
    })
    const { status } = await node.untilPhase('wordy', 'Succeeded')
    const { message } = status.containerStatuses?.[0]?.state?.terminated ?? {}
    expect(Number(message)).toBeGreaterThan(VARIABLES * VARIABLE_BYTES)
  })

  test('has names as long as they may be', async () => {
    const name = `${'p'.repeat(63)}.${'q'.repeat(63)}.${'r'.repeat(63)}.${'s'.repeat(61)}`
    expect(name).toHaveLength(253)
    const container = 'c'.repeat(63)
    await node.create(name, one('sleep 1000', { name: container }))
    const pod = await node.untilReady(name)
    expect(node.inside(pod, 'hostname', container)).toBe('p'.repeat(63))
  })
})

test(`a pod has ${CONTAINERS} containers, and others come and go meanwhile`, async () => {
  const containers = Array.from({ length: CONTAINERS }, (_, number) =>
    node.script('sleep 1000', { name: `c${number}` }),
  )
  await node.create('many', { containers, terminationGracePeriodSeconds: 0 })
  await node.create('few')
  await node.untilReady('few')
  const pod = await node.untilReady('many')
  expect(pod.status.containerStatuses).toHaveLength(CONTAINERS)
  expect(new Set(pod.status.containerStatuses?.map(({ containerID }) => containerID)).size).toBe(
    CONTAINERS,
  )
})
