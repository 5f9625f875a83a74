/** How containers end on a real Engine, and what flows in and out of them. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#daemon/clock.ts'
import { DockerSubject } from '#test/engine/docker-subject.ts'
import { outputOf, textOf } from '#test/runtime/reading.ts'
import { podIdentity, removePod, startPod } from '#test/runtime/specs.ts'
import type {
  ContainerSpec,
  LogOptions,
  ObservedContainer,
  PodIdentity,
  RuntimeChange,
} from '../runtime.ts'

let subject: DockerSubject
beforeAll(async () => {
  subject = await DockerSubject.start()
})
afterAll(() => subject[Symbol.asyncDispose]())

async function observed(pod: PodIdentity): Promise<ObservedContainer> {
  const [container] = (await subject.runtime.observe(pod)).containers
  if (!container) throw new Error(`pod ${pod.name} has no container, wanted one`)
  return container
}

/** The container as it is once it has ended by itself. */
async function ended(pod: PodIdentity, changes: AsyncIterable<RuntimeChange>) {
  if ((await observed(pod)).state !== 'running') return observed(pod)
  for await (const _change of changes) {
    const container = await observed(pod)
    if (container.state !== 'running') return container
  }
  throw new Error('changes ended, wanted them to go on')
}

async function run(name: string, more: Partial<ContainerSpec>): Promise<ObservedContainer> {
  const pod = podIdentity(name)
  const watching = new AbortController()
  const changes = subject.runtime.changes(watching.signal)
  try {
    await startPod(subject.runtime, subject.image, pod, more)
    return await ended(pod, changes)
  } finally {
    watching.abort()
    await removePod(subject.runtime, pod)
  }
}

describe('a container that ends', () => {
  test('tells its exit code', async () => {
    const end = await run('code', { command: ['sh', '-c', 'exit 3'] })
    expect(end).toMatchObject({ state: 'exited', exitCode: 3, isOutOfMemory: false })
  })

  test('tells when memory ran out', async () => {
    const script = 'head -c 200000000 /dev/zero | tail > /dev/null'
    const end = await run('memory', {
      command: ['sh', '-c', `exec tail /dev/zero; ${script}`],
      resources: { memoryBytes: 16 << 20 },
    })
    expect(end).toMatchObject({ state: 'exited', exitCode: 137, isOutOfMemory: true })
  })

  test.for([
    ['a program that is not there', ['/nowhere'], 127],
    ['a program that is none', ['/etc/passwd'], 126],
  ] as const)('%s cannot be started', async ([name, command, exitCode]) => {
    const pod = podIdentity(name.replaceAll(' ', '-'))
    await expect(startPod(subject.runtime, subject.image, pod, { command })).rejects.toMatchObject({
      name: 'StartError',
      reason: 'RunContainerError',
      exitCode,
    })
    const container = await observed(pod)
    expect(container).toMatchObject({ state: 'failed', exitCode })
    expect(container.error).toContain(command[0])
    await removePod(subject.runtime, pod)
  })

  test('a mount that is not there is refused with its path', async () => {
    const source = { path: '/nowhere/at/all' }
    const mounts = [{ source, containerPath: '/x', isReadOnly: true }]
    const pod = podIdentity('mount')
    const starting = startPod(subject.runtime, subject.image, pod, { mounts })
    await expect(starting).rejects.toMatchObject({ reason: 'CreateContainerError' })
    await expect(starting).rejects.toThrow('/nowhere/at/all')
    await removePod(subject.runtime, pod)
  })
})

describe('stopping', () => {
  const stubborn = [
    'sh',
    '-c',
    'trap "" TERM; trap "exit 5" USR1; touch /ready; while :; do sleep 0.05; done',
  ]

  test('ends what ignores it, once the grace is over', async () => {
    const pod = podIdentity('stubborn')
    const { id } = await startPod(subject.runtime, subject.image, pod, { command: stubborn })
    const begunAt = systemClock.monotonic()
    await subject.runtime.stopContainer(id, 1)
    expect(systemClock.monotonic() - begunAt).toBeGreaterThan(900)
    expect(await observed(pod)).toMatchObject({ exitCode: 137, isOutOfMemory: false })
    await removePod(subject.runtime, pod)
  })

  test.for([
    ['of the call', 'SIGUSR1', {}],
    ['of the container', undefined, { stopSignal: 'SIGUSR1' }],
  ] as const)('uses the signal %s', async ([name, signal, more]) => {
    const pod = podIdentity(name.replaceAll(' ', '-'))
    const spec = { command: stubborn, ...more }
    const { id } = await startPod(subject.runtime, subject.image, pod, spec)
    await outputOf(subject.runtime, id, 'until [ -e /ready ]; do sleep 0.01; done')
    await subject.runtime.stopContainer(id, 30, signal)
    expect((await observed(pod)).exitCode).toBe(5)
    await removePod(subject.runtime, pod)
  })
})

describe('logs', () => {
  const script =
    'echo first; echo wrong >&2; sleep 0.2; echo second; while [ ! -e /go ]; do sleep 0.05; done; echo third'
  const pod = podIdentity('logs')
  let id: string
  const options = (more: Partial<LogOptions>): LogOptions => ({
    follow: false,
    timestamps: false,
    signal: new AbortController().signal,
    ...more,
  })
  const read = async (more: Partial<LogOptions>): Promise<string> =>
    textOf(await subject.runtime.logs(id, options(more)))

  beforeAll(async () => {
    const started = await startPod(subject.runtime, subject.image, pod, {
      command: ['sh', '-c', script],
    })
    id = started.id
    const stream = await subject.runtime.logs(id, options({ follow: true }))
    let text = ''
    for await (const chunk of stream) {
      text += chunk
      if (text.includes('second')) break
    }
  })
  afterAll(() => removePod(subject.runtime, pod))

  test('come whole, by stream, and from their end', async () => {
    expect((await read({})).split('\n').toSorted()).toEqual(['', 'first', 'second', 'wrong'])
    expect(await read({ stream: 'stderr' })).toBe('wrong\n')
    expect(await read({ stream: 'stdout', tail: 1 })).toBe('second\n')
    expect(await read({ tail: 0 })).toBe('')
  })

  test('carry times, and begin at one', async () => {
    const lines = (await read({ timestamps: true, stream: 'stdout' })).trim().split('\n')
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z first$/)
    const sinceMs = Date.parse(lines[0]?.split(' ')[0] ?? '') + 50
    expect(await read({ sinceMs, stream: 'stdout' })).toBe('second\n')
  })

  test('have one time for a line, however long it is', async () => {
    const long = podIdentity('long')
    const command = ['sh', '-c', 'printf "%040000d\\nshort\\n" 0; exec sleep 1000']
    const started = await startPod(subject.runtime, subject.image, long, { command })
    let text = ''
    const given = options({ timestamps: true, follow: true })
    for await (const chunk of await subject.runtime.logs(started.id, given)) {
      text += chunk
      if (text.endsWith('short\n')) break
    }
    expect(text).toMatch(/^[^ ]+Z 0{40000}\n[^ ]+Z short\n$/)
    await removePod(subject.runtime, long)
  })

  test('are followed to the end of the container', async () => {
    const following = read({ follow: true, stream: 'stdout' })
    await outputOf(subject.runtime, id, 'touch /go')
    expect(await following).toBe('first\nsecond\nthird\n')
    expect(await read({ tail: 1 })).toBe('third\n')
  })
})

describe('streams', () => {
  const pod = podIdentity('streams')
  let id: string
  let sandboxId: string
  beforeAll(async () => {
    const script =
      'nc -ll -p 8080 -s 127.0.0.1 -e cat & nc -ll -p 8081 -e cat & while :; do sleep 1; done'
    const command = ['sh', '-c', script.replace(' -s 127.0.0.1', '')]
    const started = await startPod(subject.runtime, subject.image, pod, { command })
    id = started.id
    sandboxId = started.sandbox.id
  })
  afterAll(() => removePod(subject.runtime, pod))

  test('a command gets what is sent, up to its end, and tells its exit code', async () => {
    const command = ['sh', '-c', 'cat; echo done >&2; exit 7']
    const session = await subject.runtime.exec(id, { command, tty: false, stdin: true })
    const sent = 'x'.repeat(1_000_000)
    session.stdin?.end(sent)
    const [stdout, stderr] = await Promise.all([
      textOf(session.stdout),
      textOf(session.stderr ?? session.stdout),
    ])
    expect(stdout).toBe(sent)
    expect(stderr).toBe('done\n')
    expect(await session.ended).toBe(7)
  })

  test('a terminal has one output and a size', async () => {
    const command = ['sh', '-c', 'read line; stty size; tty']
    const session = await subject.runtime.exec(id, { command, tty: true, stdin: true })
    await session.resize({ columns: 99, rows: 33 })
    session.stdin?.write('go\n')
    expect(await textOf(session.stdout)).toBe('go\r\n33 99\r\n/dev/pts/0\r\n')
    expect(session.stderr).toBeUndefined()
    expect(await session.ended).toBe(0)
  })

  test('a command that is not there has an exit code too', async () => {
    const command = ['/nowhere']
    const session = await subject.runtime.exec(id, { command, tty: false, stdin: false })
    session.stderr?.resume()
    expect(await textOf(session.stdout)).toContain('/nowhere')
    expect([126, 127]).toContain(await session.ended)
  })

  test('a command whose caller goes is ended', async () => {
    const leaving = new AbortController()
    const session = await subject.runtime.exec(id, {
      ...{ command: ['sh', '-c', 'echo $$; exec sleep 1000'], tty: false, stdin: false },
      signal: leaving.signal,
    })
    session.stderr?.resume()
    session.stdout.on('error', () => undefined)
    const [processId] = await once(session.stdout, 'data')
    leaving.abort(new Error('enough'))
    await expect(session.ended).rejects.toThrow('enough')
    const script = `while [ -e /proc/${String(processId).trim()} ]; do sleep 0.01; done; echo gone`
    expect(await outputOf(subject.runtime, id, script)).toBe('gone')
  })

  test('what a container reads and writes itself is attached', async () => {
    const asking = podIdentity('asking')
    const command = ['sh', '-c', 'read line; echo "got $line"; echo bad >&2; exit 0']
    const spec = { command, stdin: true, stdinOnce: true }
    const started = await startPod(subject.runtime, subject.image, asking, spec)
    const session = await subject.runtime.attach(started.id, { tty: false, stdin: true })
    session.stdin?.write('it\n')
    const [stdout, stderr] = await Promise.all([
      textOf(session.stdout),
      textOf(session.stderr ?? session.stdout),
    ])
    expect([stdout, stderr]).toEqual(['got it\n', 'bad\n'])
    expect(await session.ended).toBeUndefined()
    await removePod(subject.runtime, asking)
  })

  test('a port of the pod is reached, in both directions and to the end', async () => {
    const connection = await subject.runtime.connect(sandboxId, 8080)
    const sent = 'y'.repeat(500_000)
    connection.end(sent)
    expect(await textOf(connection)).toBe(sent)
  })

  test('a port where nobody listens is refused', async () => {
    await expect(subject.runtime.connect(sandboxId, 9)).rejects.toThrow('connection refused')
  })
})

test('resources change while a container runs', async () => {
  const pod = podIdentity('resize')
  const resources = { memoryBytes: 64 << 20, cpuQuotaUs: 50_000, cpuPeriodUs: 100_000 }
  const { id } = await startPod(subject.runtime, subject.image, pod, { resources })
  await subject.runtime.updateResources(id, { ...resources, memoryBytes: 96 << 20 })
  const script =
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true'
  expect(await outputOf(subject.runtime, id, script)).toBe(String(96 << 20))
  await removePod(subject.runtime, pod)
})

test('files of the node are seen as they change', async () => {
  const path = join(subject.rootDirectory, 'shared')
  writeFileSync(path, 'one')
  const pod = podIdentity('files')
  const mounts = [
    { source: { path: subject.rootDirectory }, containerPath: '/x', isReadOnly: true },
  ]
  const { id } = await startPod(subject.runtime, subject.image, pod, { mounts })
  writeFileSync(path, 'two')
  expect(await outputOf(subject.runtime, id, 'cat /x/shared')).toBe('two')
  await removePod(subject.runtime, pod)
})
