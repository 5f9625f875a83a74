/** What a kubelet finds after a crash of its own, of its node or of the Engine, and puts right. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#daemon/clock.ts'
import { Engine } from '#engine/engine.ts'
import { ensurePauseImage } from '#engine/pause/pause-image.ts'
import type { CreateContainerBody } from '#engine/types.ts'
import { collectingLog } from '#test/collecting-log.ts'
import { CuttingSocket } from '#test/engine/cutting-socket.ts'
import { DockerSubject, ENGINE_PATH } from '#test/engine/docker-subject.ts'
import { outputOf } from '#test/runtime/reading.ts'
import {
  containerSpec,
  podIdentity,
  removePod,
  sandboxSpec,
  startPod,
} from '#test/runtime/specs.ts'
import type { RuntimeChange } from '../runtime.ts'
import { AddressBook } from './address-book.ts'
import { CgroupFiles } from './cgroup-files.ts'
import { containerName } from './labels.ts'
import { interfaceName, PodNetwork } from './pod-network.ts'
import { sandboxBody } from './sandbox-body.ts'
import { Sandboxes } from './sandboxes.ts'
import { Seats } from './seats.ts'

let subject: DockerSubject
beforeEach(async () => {
  subject = await DockerSubject.start()
})
afterEach(() => subject[Symbol.asyncDispose]())

const REACH_NODE = 'ping -c 1 -W 2 10.244.201.1 > /dev/null && echo reached'

test('pods are connected again when their node was started anew', async () => {
  const pod = podIdentity('kept')
  const { id, sandbox } = await startPod(subject.runtime, subject.image, pod)
  subject.node.renew()
  await using restarted = await subject.restart()
  expect((await restarted.observe(pod)).sandboxes).toEqual([sandbox])
  expect(await outputOf(restarted, id, REACH_NODE)).toBe('reached')
  await removePod(restarted, pod)
})

test('a pod of the host network is not ready once its node was started anew', async () => {
  const pod = podIdentity('host')
  await subject.runtime.startSandbox(sandboxSpec(pod, { network: 'node' }))
  subject.node.renew()
  expect((await subject.runtime.observe(pod)).sandboxes[0]?.isReady).toBe(false)
  await removePod(subject.runtime, pod)
})

test.for([
  ['at the node', (name: string) => subject.node.run('ip', 'link', 'del', name)],
  ['in the pod', (_name: string, id: string) => inPod(id, 'ip route del default')],
] as const)('a network that was plumbed half, as far as %s, is finished', async ([, breakIt]) => {
  const pod = podIdentity('half')
  const { id, sandbox } = await startPod(subject.runtime, subject.image, pod)
  breakIt(interfaceName(sandbox.id), sandbox.id)
  await using restarted = await subject.restart()
  expect(await outputOf(restarted, id, REACH_NODE)).toBe('reached')
  breakIt(interfaceName(sandbox.id), sandbox.id)
  expect(await restarted.startSandbox(sandboxSpec(pod))).toEqual(sandbox)
  expect(await outputOf(restarted, id, REACH_NODE)).toBe('reached')
  await removePod(restarted, pod)
})

test('a sandbox that was made and not started keeps its address, and is started', async () => {
  const pod = podIdentity('early')
  const scope = { cluster: subject.cluster, node: 'node-1' }
  const { image } = await subject.runtime
    .startSandbox(sandboxSpec(podIdentity('other')))
    .then(({ id }) => subject.engine.inspectContainer(id))
    .then(({ Config: config }) => ({ image: config.Image }))
  const addresses = [{ ip: '10.244.201.3', gateway: '10.244.201.1' }]
  const options = { scope, image, network: 'unshare', addresses, cgroupParent: undefined } as const
  const name = `k8s_POD_early_default_${pod.uid}_0`
  const made = await subject.engine.createContainer(name, sandboxBody(sandboxSpec(pod), options))
  await using restarted = await subject.restart()
  expect((await restarted.observe(pod)).sandboxes).toMatchObject([{ isReady: false }])
  const next = await restarted.startSandbox(sandboxSpec(podIdentity('next')))
  expect(next.ips).not.toContain('10.244.201.3')
  expect(await restarted.startSandbox(sandboxSpec(pod))).toMatchObject({
    ...{ id: made, ips: ['10.244.201.3'], isReady: true },
  })
})

test('a sandbox whose process was killed is not ready, and not started again', async () => {
  const pod = podIdentity('killed')
  const { sandbox } = await startPod(subject.runtime, subject.image, pod)
  await subject.engine.killContainer(sandbox.id, 'KILL')
  await subject.engine.waitContainer(sandbox.id)
  expect((await subject.runtime.observe(pod)).sandboxes[0]?.isReady).toBe(false)
  await expect(subject.runtime.startSandbox(sandboxSpec(pod))).rejects.toThrow(
    'wanted a new attempt',
  )
  const next = await subject.runtime.startSandbox(sandboxSpec(pod, { attempt: 1 }))
  // The container of the old sandbox makes way for one of the same attempt in the new one.
  const image = await subject.runtime.images.find(subject.image)
  const id = await subject.runtime.createContainer(next, containerSpec(pod, image!))
  const { containers } = await subject.runtime.observe(pod)
  expect(containers.map((each) => [each.id, each.sandboxId])).toEqual([[id, next.id]])
  await removePod(subject.runtime, pod)
})

test('memory volumes without a sandbox are taken away', async () => {
  const pod = podIdentity('volumes')
  const memoryVolumes = [{ name: 'cache' }]
  const { sandbox } = await startPod(subject.runtime, subject.image, pod, {}, { memoryVolumes })
  const label = [`io.nanokube.cluster=${subject.cluster}`]
  await using _kept = await subject.restart()
  expect(await subject.engine.listVolumes({ label })).toHaveLength(1)
  for (const { id } of (await subject.runtime.observe(pod)).containers) {
    await subject.engine.removeContainer(id, true)
  }
  await subject.engine.removeContainer(sandbox.id, true)
  await using _restarted = await subject.restart()
  expect(await subject.engine.listVolumes({ label })).toEqual([])
})

test("the container of the node is nobody's pod", async () => {
  const names = [`io.nanokube.cluster=${subject.cluster}`, 'io.nanokube.node=node-1']
  const labels = [...names, 'io.nanokube.type=node'].flatMap((label) => ['--label', label])
  docker('run', '-d', ...labels, subject.image, 'sleep', '1000')
  expect(await subject.runtime.list()).toEqual([])
  expect(await subject.runtime.figures()).toEqual([])
})

test('what carries no labels of ours is never touched', async () => {
  const name = containerName({ pod: podIdentity('user'), name: 'app', attempt: 0 })
  try {
    const given = ['run', '-d', '--network=none', '--name', name]
    const theirs = docker(...given, subject.image, 'sleep', '1000')
    const { runtime } = subject
    expect(await runtime.list()).toEqual([])
    await expect(runtime.removeContainer(theirs)).rejects.toThrow('not ours')
    await expect(runtime.stopContainer(theirs, 0)).rejects.toThrow('not ours')
    await expect(runtime.startContainer(theirs)).rejects.toThrow('not ours')
    await expect(runtime.removeSandbox(theirs)).rejects.toThrow('not ours')
    const pod = podIdentity('user')
    const sandbox = await runtime.startSandbox(sandboxSpec(pod))
    const image = await runtime.images.find(subject.image)
    const creating = runtime.createContainer(sandbox, containerSpec(pod, image!))
    await expect(creating).rejects.toThrow('not ours')
    expect(docker('inspect', '-f', '{{.State.Running}}', theirs)).toBe('true')
  } finally {
    docker('rm', '-f', name)
  }
})

test('events that break off come back, and say that some may be lost', async () => {
  const path = join(subject.rootDirectory, 'engine.sock')
  await using cutting = await CuttingSocket.start(path, ENGINE_PATH)
  await using runtime = await subject.open({ engineAddress: path })
  const watching = new AbortController()
  const seen: RuntimeChange[] = []
  const arrived = Promise.withResolvers<void>()
  const reading = (async () => {
    for await (const change of runtime.changes(watching.signal)) {
      seen.push(change)
      arrived.resolve()
    }
  })()
  await runtime.list()
  cutting.cut()
  await arrived.promise
  expect(seen).toEqual([{ type: 'lost' }])
  watching.abort()
  await reading
  await runtime.check()
})

test('a node without a range of addresses cannot run pods yet', async () => {
  let podCidrs: readonly string[] = []
  await using runtime = await subject.open({ podCidrs: () => podCidrs })
  await expect(runtime.check()).rejects.toThrow('no podCIDR yet')
  const pod = podIdentity('waiting')
  await expect(runtime.startSandbox(sandboxSpec(pod))).rejects.toThrow('no podCIDR yet')
  podCidrs = ['10.244.203.0/30', 'fd00:10:244:203::/120']
  await runtime.check()
  const { ips, id } = await runtime.startSandbox(sandboxSpec(pod))
  expect(ips).toEqual(['10.244.203.2', 'fd00:10:244:203::2'])
  expect(inPod(id, 'ping -6 -c 1 -W 2 fd00:10:244:203::1 > /dev/null && echo reached')).toBe(
    'reached',
  )
  const full = runtime.startSandbox(sandboxSpec(podIdentity('full')))
  await expect(full).rejects.toThrow('10.244.203.0/30 has no free address left')
  await removePod(runtime, pod)
  await runtime.startSandbox(sandboxSpec(podIdentity('full')))
})

test('where nobody may make a network, the Engine makes it', async () => {
  class CarefulEngine extends Engine {
    override createContainer(name: string, body: CreateContainerBody): Promise<string> {
      return super.createContainer(name, {
        ...body,
        HostConfig: { ...body.HostConfig, CapAdd: [] },
      })
    }
  }
  await using engine = new CarefulEngine(ENGINE_PATH)
  const { Architecture: architecture, CgroupDriver: cgroupDriver } = await engine.info()
  const network = new PodNetwork(subject.node.path)
  const sandboxes = new Sandboxes({
    ...{ engine, network, cgroupDriver, clock: systemClock, log: collectingLog(subject.warnings) },
    scope: { cluster: subject.cluster, node: 'node-1' },
    addresses: new AddressBook(() => ['10.244.204.0/24', 'fd00:10:244:204::/120']),
    nodeNetwork: { type: 'namespace', path: subject.node.path },
    cgroups: new CgroupFiles({ version: 1, driver: cgroupDriver, root: '/sys/fs/cgroup' }),
    starts: new Seats(1),
    image: () => ensurePauseImage(engine, architecture),
  })
  for (const name of ['first', 'second']) {
    const { id, isReady } = await sandboxes.start(sandboxSpec(podIdentity(name)))
    expect(isReady).toBe(true)
    expect((await engine.inspectContainer(id)).HostConfig.NetworkMode).toBe('none')
    const script = 'ping -c 1 -W 2 10.244.204.1 > /dev/null && ip -6 route show default'
    expect(inPod(id, script)).toContain('via fd00:10:244:204::1 dev eth0')
    await sandboxes.remove(id)
  }
})

test('an Engine that is not there is named', async () => {
  await expect(subject.open({ engineAddress: '/nowhere.sock' })).rejects.toThrow(/\/nowhere\.sock/)
})

function docker(...programArguments: readonly string[]): string {
  return execFileSync('docker', programArguments, { encoding: 'utf8' }).trim()
}

/** With the programs of the machine in the network of a sandbox. */
function inPod(sandboxId: string, script: string): string {
  const processId = docker('inspect', '-f', '{{.State.Pid}}', sandboxId)
  const inside = [
    `--net=/proc/${processId}/ns/net`,
    'sh',
    '-c',
    script.replace('ping', 'busybox ping'),
  ]
  return execFileSync('nsenter', inside, { encoding: 'utf8' }).trim()
}
