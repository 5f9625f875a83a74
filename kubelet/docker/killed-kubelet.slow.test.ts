/** Killed at any instant, a kubelet finds what it was at, and leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { systemClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { DockerSubject } from '#test/engine/docker-subject.ts'
import { outputOf } from '#test/runtime/reading.ts'
import { containerSpec, removePod, sandboxSpec, untilStopped } from '#test/runtime/specs.ts'
import type { ObservedPod, Runtime } from '../runtime.ts'

const PROGRAM = fileURLToPath(new URL('../../test/engine/endless-pods.ts', import.meta.url))
const ROUNDS = 6
const LIFE_MAX_MS = 700

test('nothing is lost, doubled or leaked, whenever it is killed', async () => {
  await using subject = await DockerSubject.start()
  const random = seededRandom(1)
  for (let round = 0; round < ROUNDS; round++) {
    const { cluster, node, image, rootDirectory } = subject
    const child = spawn(process.execPath, [PROGRAM, cluster, node.path, image, rootDirectory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await systemClock.sleep(random.below(LIFE_MAX_MS))
    await kill(child)
    await using runtime = await subject.restart()
    const pods = await runtime.list()
    for (const pod of pods) await finish(runtime, subject, pod)
    await Promise.all(pods.map(({ pod }) => removePod(runtime, pod)))
    await expectNothing(runtime, subject)
  }
})

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** Asks for the same again: what is there is taken, what is missing is made. */
async function finish(runtime: Runtime, subject: DockerSubject, { pod, ...before }: ObservedPod) {
  const memoryVolumes = [{ name: 'm' }]
  const sandbox = await runtime.startSandbox(sandboxSpec(pod, { memoryVolumes }))
  expect(sandbox.isReady).toBe(true)
  expect(before.sandboxes.map(({ id, ips }) => [id, ips])).toEqual([[sandbox.id, sandbox.ips]])
  const image = await runtime.images.find(subject.image)
  const spec = containerSpec(pod, image!, { command: untilStopped })
  const id = await runtime.createContainer(sandbox, spec)
  for (const container of before.containers) expect(id).toBe(container.id)
  await runtime.startContainer(id)
  expect(await outputOf(runtime, id, 'ping -c 1 -W 2 10.244.201.1 > /dev/null && hostname')).toBe(
    pod.name,
  )
}

async function expectNothing(runtime: Runtime, { cluster, engine, node }: DockerSubject) {
  const label = [`io.nanokube.cluster=${cluster}`]
  expect(await runtime.list()).toEqual([])
  expect(await engine.listContainers({ label })).toEqual([])
  expect(await engine.listVolumes({ label })).toEqual([])
  expect(node.run('ip', '-brief', 'link', 'show', 'type', 'veth')).toBe('')
  expect(node.run('ip', 'route')).toBe('')
  for (const pod of ['a0', 'b0']) {
    expect(existsSync(`/sys/fs/cgroup/memory/${cluster}/${pod}`)).toBe(false)
    expect(existsSync(`/sys/fs/cgroup/${cluster}/${pod}`)).toBe(false)
  }
}
