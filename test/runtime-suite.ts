/** What every runtime of containers must hold to, as a test suite that is given the runtime. */
import { describe, expect, test } from 'vitest'
import { ImageError, type PodIdentity, type Runtime, type RuntimeChange } from '#kubelet/runtime.ts'
import {
  containerSpec,
  podIdentity,
  removePod,
  sandboxSpec,
  startPod,
  untilStopped,
} from './runtime/specs.ts'

/** One node with its runtime, and what of it outlives a kubelet. */
export interface RuntimeSubject extends AsyncDisposable {
  readonly runtime: Runtime
  /** Name of an image that is there, with a shell where containers are real. */
  readonly image: string
  /** The runtime as a kubelet finds it that has crashed and starts anew. */
  restart(): Promise<Runtime>
  /** The runtime of another node that shares the same engine. */
  neighbour(): Promise<Runtime>
}

export type RuntimeFactory = () => Promise<RuntimeSubject>

export function runtimePromises(name: string, factory: RuntimeFactory): void {
  describe(`${name} keeps the promises of a runtime`, () => {
    describeSandboxes(factory)
    describeContainers(factory)
    describeViews(factory)
    describeImages(factory)
  })
}

function promise(
  factory: RuntimeFactory,
  name: string,
  body: (runtime: Runtime, subject: RuntimeSubject) => Promise<void>,
): void {
  test(name, async () => {
    await using subject = await factory()
    await body(subject.runtime, subject)
  })
}

function describeSandboxes(factory: RuntimeFactory): void {
  promise(factory, 'a sandbox has an address of its own and is ready', async (runtime) => {
    const [left, right] = [podIdentity('left'), podIdentity('right')]
    const first = await runtime.startSandbox(sandboxSpec(left))
    const second = await runtime.startSandbox(sandboxSpec(right))
    expect(first.isReady && second.isReady).toBe(true)
    expect(new Set([...first.ips, ...second.ips]).size).toBe(2)
    expect((await runtime.observe(left)).sandboxes).toEqual([first])
    await removePod(runtime, left)
    await removePod(runtime, right)
  })

  promise(factory, 'a sandbox is made once, however often it is asked for', async (runtime) => {
    const pod = podIdentity('once')
    const first = await runtime.startSandbox(sandboxSpec(pod))
    expect(await runtime.startSandbox(sandboxSpec(pod))).toEqual(first)
    expect((await runtime.observe(pod)).sandboxes).toHaveLength(1)
    await removePod(runtime, pod)
  })

  promise(factory, 'a pod of the host network has no address of its own', async (runtime) => {
    const pod = podIdentity('host')
    const sandbox = await runtime.startSandbox(sandboxSpec(pod, { network: 'node' }))
    expect(sandbox.ips).toEqual([])
    expect(sandbox.isReady).toBe(true)
    await removePod(runtime, pod)
  })

  promise(factory, 'a stopped sandbox is not ready, and stays until removed', async (runtime) => {
    const pod = podIdentity('stopped')
    const { id } = await runtime.startSandbox(sandboxSpec(pod))
    await runtime.stopSandbox(id)
    await runtime.stopSandbox(id)
    expect((await runtime.observe(pod)).sandboxes).toMatchObject([{ id, isReady: false }])
    const next = await runtime.startSandbox(sandboxSpec(pod, { attempt: 1 }))
    const { sandboxes } = await runtime.observe(pod)
    expect(sandboxes.map(({ attempt }) => attempt)).toEqual([1, 0])
    await runtime.removeSandbox(id)
    await runtime.removeSandbox(id)
    expect((await runtime.observe(pod)).sandboxes.map((each) => each.id)).toEqual([next.id])
    await removePod(runtime, pod)
    expect(await runtime.list()).toEqual([])
  })
}

function describeContainers(factory: RuntimeFactory): void {
  promise(factory, 'a container is created, runs, ends and goes', async (runtime, { image }) => {
    const pod = podIdentity('life')
    const found = await runtime.images.find(image)
    const sandbox = await runtime.startSandbox(sandboxSpec(pod))
    const spec = containerSpec(pod, found!, { command: untilStopped, labels: { team: 'blue' } })
    const id = await runtime.createContainer(sandbox, spec)
    const seen = async () => (await runtime.observe(pod)).containers[0]
    expect(await seen()).toMatchObject({
      ...{ id, sandboxId: sandbox.id, name: 'app', attempt: 0, hash: 'first' },
      ...{ image: spec.image, imageId: spec.imageId, state: 'created' },
      labels: { team: 'blue' },
    })
    await runtime.startContainer(id)
    const running = await seen()
    expect(running?.state).toBe('running')
    expect(running?.startedAtMs).toBeGreaterThanOrEqual(running?.createdAtMs ?? Infinity)
    await runtime.stopContainer(id, 10)
    const ended = await seen()
    expect(ended).toMatchObject({ state: 'exited', isOutOfMemory: false })
    expect(ended?.finishedAtMs).toBeGreaterThanOrEqual(ended?.startedAtMs ?? Infinity)
    expect(ended?.exitCode).toBeTypeOf('number')
    await runtime.removeContainer(id)
    expect(await seen()).toBeUndefined()
    await removePod(runtime, pod)
  })

  promise(
    factory,
    'nothing is done twice, however often it is asked for',
    async (runtime, given) => {
      const pod = podIdentity('twice')
      const found = await runtime.images.find(given.image)
      const sandbox = await runtime.startSandbox(sandboxSpec(pod))
      const spec = containerSpec(pod, found!, { command: untilStopped })
      const id = await runtime.createContainer(sandbox, spec)
      expect(await runtime.createContainer(sandbox, spec)).toBe(id)
      await runtime.startContainer(id)
      const first = await runtime.observe(pod)
      await runtime.startContainer(id)
      expect(await runtime.createContainer(sandbox, spec)).toBe(id)
      expect(await runtime.observe(pod)).toEqual(first)
      await runtime.stopContainer(id, 0)
      await runtime.stopContainer(id, 0)
      const ended = await runtime.observe(pod)
      // What has run is never run again: the next one is another attempt.
      await runtime.startContainer(id)
      expect(await runtime.observe(pod)).toEqual(ended)
      await runtime.removeContainer(id)
      await runtime.removeContainer(id)
      await removePod(runtime, pod)
    },
  )

  promise(factory, 'attempts of one container come newest first', async (runtime, { image }) => {
    const pod = podIdentity('attempts')
    const { sandbox, id } = await startPod(runtime, image, pod)
    await runtime.stopContainer(id, 0)
    const found = await runtime.images.find(image)
    const again = containerSpec(pod, found!, { command: untilStopped, attempt: 1, hash: 'second' })
    const second = await runtime.createContainer(sandbox, again)
    await runtime.startContainer(second)
    const { containers } = await runtime.observe(pod)
    expect(containers.map((each) => [each.attempt, each.hash, each.state])).toEqual([
      [1, 'second', 'running'],
      [0, 'first', 'exited'],
    ])
    await removePod(runtime, pod)
  })
}

function describeViews(factory: RuntimeFactory): void {
  promise(factory, 'a kubelet that starts anew finds what runs', async (runtime, subject) => {
    const pod = podIdentity('survivor')
    await startPod(runtime, subject.image, pod)
    const before = await runtime.list()
    await using restarted = await subject.restart()
    expect(await restarted.list()).toEqual(before)
    const other = podIdentity('later')
    const { ips } = await restarted.startSandbox(sandboxSpec(other))
    expect(before[0]?.sandboxes[0]?.ips).not.toEqual(ips)
    await removePod(restarted, other)
    await removePod(restarted, pod)
  })

  promise(factory, 'nodes that share an engine never see each other', async (runtime, subject) => {
    const pod = podIdentity('mine')
    const { id, sandbox } = await startPod(runtime, subject.image, pod)
    await using neighbour = await subject.neighbour()
    expect(await neighbour.list()).toEqual([])
    expect((await neighbour.observe(pod)).containers).toEqual([])
    // Whether it refuses or finds nothing to do: what is not its own stays.
    await Promise.allSettled([neighbour.removeContainer(id), neighbour.removeSandbox(sandbox.id)])
    const { containers, sandboxes } = await runtime.observe(pod)
    expect(containers[0]?.state).toBe('running')
    expect(sandboxes[0]?.isReady).toBe(true)
    await removePod(runtime, pod)
  })

  promise(factory, 'changes tell of what happens after the call', async (runtime, { image }) => {
    const [early, pod] = [podIdentity('early'), podIdentity('changing')]
    await startPod(runtime, image, early)
    const watching = new AbortController()
    const changes = changesOf(runtime.changes(watching.signal), pod)
    await runtime.list()
    const { id } = await startPod(runtime, image, pod)
    await changes.until(pod)
    await runtime.stopContainer(id, 0)
    await changes.until(pod)
    await removePod(runtime, pod)
    await changes.until(pod)
    expect(changes.others).toEqual([])
    watching.abort()
    await changes.ended
    await removePod(runtime, early)
  })

  promise(factory, 'figures are of what runs', async (runtime, { image }) => {
    const pod = podIdentity('measured')
    const { id } = await startPod(runtime, image, pod)
    const figures = await runtime.figures()
    expect(figures.map(({ uid }) => uid)).toEqual([pod.uid])
    expect(figures[0]?.containers.map((each) => each.id)).toEqual([id])
    expect(figures[0]?.containers[0]?.workingSetBytes).toBeGreaterThan(0)
    await removePod(runtime, pod)
    expect(await runtime.figures()).toEqual([])
  })

  promise(factory, 'a runtime says what it is, and that it works', async (runtime) => {
    await runtime.check()
    const info = await runtime.info()
    expect(info.cpus).toBeGreaterThan(0)
    expect(info.memoryBytes).toBeGreaterThan(0)
    expect(info.operatingSystem).toBe('linux')
  })
}

function describeImages(factory: RuntimeFactory): void {
  promise(factory, 'an image is found by its name and its id', async ({ images }, { image }) => {
    const byName = await images.find(image)
    expect(byName?.names).toContain(image)
    expect(await images.find(byName!.id)).toEqual(byName)
    expect((await images.list()).map(({ id }) => id)).toContain(byName!.id)
    expect(await images.find('nanokube-test/nowhere:1')).toBeUndefined()
  })

  promise(factory, 'a name that is none is refused as such', async ({ images }) => {
    const options = { pod: podIdentity('x'), credentials: [], signal: new AbortController().signal }
    const pulling = images.pull('Not A Name', options)
    await expect(pulling).rejects.toBeInstanceOf(ImageError)
    await expect(pulling).rejects.toMatchObject({ reason: 'InvalidImageName' })
  })
}

function changesOf(source: AsyncIterable<RuntimeChange>, wanted: PodIdentity) {
  let seen = 0
  let used = 0
  let wake = (): void => undefined
  const others: RuntimeChange[] = []
  const read = async (): Promise<void> => {
    for await (const change of source) {
      if (change.type === 'pod' && change.uid === wanted.uid) seen++
      else others.push(change)
      wake()
    }
  }
  return {
    others,
    ended: read(),
    /** Waits for a change that no earlier call has waited for, and takes all there are. */
    until: async (_pod: PodIdentity): Promise<void> => {
      while (seen === used) await new Promise<void>((resolve) => (wake = resolve))
      used = seen
    },
  }
}
