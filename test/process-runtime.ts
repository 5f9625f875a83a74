/** A runtime for tests of streams: containers are names, and what runs in them are processes. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { type Duplex, PassThrough, Readable } from 'node:stream'
import type {
  LogOptions,
  ObservedPod,
  PodFigures,
  Runtime,
  RuntimeInfo,
  Session,
  Size,
} from '#kubelet/runtime.ts'

export interface ProcessRuntime extends Runtime {
  pods: readonly ObservedPod[]
  podFigures: readonly PodFigures[]
  readonly logged: Map<string, readonly string[]>
  readonly sizes: Size[]
  /** Resolves when somebody follows a log. */
  readonly followed: Promise<void>
  /** Logs that are followed get this too. */
  say(line: string): void
  readonly running: number
}

const unused = (): never => {
  throw new Error('the runtime of this test has no such call')
}

export function processRuntime(): ProcessRuntime {
  const logged = new Map<string, readonly string[]>()
  const followers = new Set<PassThrough>()
  const followed = Promise.withResolvers<void>()
  const sizes: Size[] = []
  let running = 0
  const runtime: ProcessRuntime = {
    pods: [],
    podFigures: [],
    logged,
    sizes,
    followed: followed.promise,
    say: (line) => {
      for (const each of followers) each.write(line)
    },
    get running() {
      return running
    },
    images: { find: unused, pull: unused, list: async () => [], remove: unused },
    info: async () => ({ rootDirectory: '/' }) as RuntimeInfo,
    check: unused,
    list: async () => runtime.pods,
    observe: async (pod) =>
      runtime.pods.find((each) => each.pod.uid === pod.uid) ?? {
        ...{ pod, sandboxes: [], containers: [] },
      },
    changes: unused,
    startSandbox: unused,
    stopSandbox: unused,
    removeSandbox: unused,
    createContainer: unused,
    startContainer: unused,
    stopContainer: unused,
    removeContainer: unused,
    updateResources: unused,
    async logs(id: string, { follow, tail, signal }: LogOptions) {
      const lines = logged.get(id) ?? []
      const text = lines.slice(tail === undefined ? 0 : lines.length - tail).join('')
      if (!follow) return Readable.from([Buffer.from(text)])
      const stream = new PassThrough({ signal })
      stream.once('close', () => followers.delete(stream))
      stream.write(text || Buffer.alloc(0))
      followers.add(stream)
      followed.resolve()
      return stream
    },
    async exec(_, { command, tty, signal }) {
      running++
      const session = startProcess(command, tty, sizes, signal)
      const over = (): void => void running--
      session.ended.then(over, over)
      return session
    },
    attach: async (_, { tty, signal }) => startProcess(['cat'], tty, sizes, signal),
    connect: async (_, port) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('error', reject)
      })
      return socket satisfies Duplex
    },
    figures: async () => runtime.podFigures,
    [Symbol.asyncDispose]: async () => undefined,
  }
  return runtime
}

/** A terminal is what `script` gives a program. */
function startProcess(
  words: readonly string[],
  tty: boolean,
  sizes: Size[],
  signal: AbortSignal | undefined,
): Session {
  const quoted = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  const child = tty
    ? spawn('script', ['-qefc', quoted, '/dev/null'])
    : spawn(words[0] ?? '', words.slice(1))
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', reject)
  child.once('close', (code) => resolve(code ?? 137))
  promise.catch(() => undefined)
  const close = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', close, { once: true })
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: tty ? undefined : child.stderr,
    resize: async (size) => void sizes.push(size),
    ended: promise,
    close,
  }
}
