/** An Engine that is stopped, or killed, and comes back: with its containers and without them. */
import { expect, test } from 'vitest'
import { DockerSubject } from '#test/engine/docker-subject.ts'
import { OwnEngine } from '#test/engine/own-engine.ts'
import { outputOf } from '#test/runtime/reading.ts'
import { podIdentity, removePod, sandboxSpec, startPod } from '#test/runtime/specs.ts'
import type { Runtime } from '../runtime.ts'

const REACH_NODE = 'ping -c 1 -W 2 10.244.201.1 > /dev/null && echo reached'

/** Resolves when the runtime says that changes may have been missed. */
async function untilLost(runtime: Runtime, signal: AbortSignal): Promise<void> {
  for await (const { type } of runtime.changes(signal)) if (type === 'lost') return
  throw new Error('changes ended, wanted to hear that some were lost')
}

test('pods that outlive their Engine are found as they were', async () => {
  await using own = await OwnEngine.start(true)
  await using subject = await DockerSubject.start({ engineAddress: own.path })
  const { runtime } = subject
  const pod = podIdentity('outliving')
  const { id } = await startPod(runtime, subject.image, pod)
  const before = await runtime.list()
  const watching = new AbortController()
  const lost = untilLost(runtime, watching.signal)
  await runtime.list()
  await own.end('SIGKILL')
  await expect(runtime.check()).rejects.toThrow(own.path)
  await own.start()
  await lost
  watching.abort()
  expect(await runtime.list()).toEqual(before)
  expect(await outputOf(runtime, id, REACH_NODE)).toBe('reached')
  await runtime.stopContainer(id, 5)
  expect((await runtime.observe(pod)).containers[0]?.exitCode).toBe(0)
  await removePod(runtime, pod)
})

test('pods that end with their Engine are seen as ended, and start as a new attempt', async () => {
  await using own = await OwnEngine.start(false)
  await using subject = await DockerSubject.start({ engineAddress: own.path })
  const { runtime } = subject
  const pod = podIdentity('ending')
  const { sandbox } = await startPod(runtime, subject.image, pod)
  await own.end('SIGTERM')
  await own.start()
  const { sandboxes, containers } = await runtime.observe(pod)
  expect(sandboxes).toMatchObject([{ id: sandbox.id, isReady: false }])
  expect(containers).toMatchObject([{ state: 'exited' }])
  for (const { id } of containers) await runtime.removeContainer(id)
  await runtime.stopSandbox(sandbox.id)
  const next = await runtime.startSandbox(sandboxSpec(pod, { attempt: 1 }))
  expect(next.isReady).toBe(true)
  await removePod(runtime, pod)
  expect(await runtime.list()).toEqual([])
})
