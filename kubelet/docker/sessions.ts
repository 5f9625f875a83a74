/** Streams to what runs in containers: commands, attachments, logs and local ports. */
import { Duplex, finished, type Readable } from 'node:stream'
import { getSystemErrorMessage } from 'node:util'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Engine, LogsQuery } from '#engine/engine.ts'
import { hasStatus } from '#engine/engine-error.ts'
import { joinFrames, keepCalm, splitFrames } from '#engine/frames.ts'
import { PAUSE_PATH } from '#engine/pause/pause-image.ts'
import type { ExecDetails } from '#engine/types.ts'
import type { ExecOptions, LogOptions, Session, Size } from '../runtime.ts'
import { runProgram } from './processes.ts'

export interface SessionsOptions {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
}

/** The streams end a moment before the Engine knows the exit code. */
const EXIT_POLL_MS = 5
const EXIT_POLLS_MAX = 2000
/** A terminal can be resized only once its process is there. */
const RESIZE_TRIES_MAX = 20
const RESIZE_POLL_MS = 20
const DEFAULT_EXIT_CODE = 1

export class Sessions {
  readonly #options: SessionsOptions

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  async exec(id: string, { command, tty, stdin, signal }: ExecOptions): Promise<Session> {
    const { engine, log } = this.#options
    const execId = await engine.createExec(id, {
      Cmd: command,
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
    })
    const socket = await engine.startExec(execId, tty, signal)
    const end = (): void => {
      socket.destroy()
      this.#kill(execId).catch((error) => {
        log.warn('cannot end a command whose caller has gone', { container: id, error })
      })
    }
    signal?.addEventListener('abort', end, { once: true })
    const ended = endOf(socket).then(async () => {
      signal?.removeEventListener('abort', end)
      signal?.throwIfAborted()
      return this.#exitCode(execId)
    })
    return this.#session(socket, {
      tty,
      stdin,
      ended,
      close: end,
      resize: (size) => engine.resizeExec(execId, size.rows, size.columns),
    })
  }

  async attach(id: string, { tty, stdin, signal }: Omit<ExecOptions, 'command'>): Promise<Session> {
    const { engine } = this.#options
    const socket = await engine.attach(id, stdin, signal)
    const close = (): void => void socket.destroy()
    signal?.addEventListener('abort', close, { once: true })
    return this.#session(socket, {
      tty,
      stdin,
      ended: endOf(socket).then(() => {
        signal?.removeEventListener('abort', close)
        return undefined
      }),
      close,
      resize: (size) => engine.resizeContainer(id, size.rows, size.columns),
    })
  }

  async logs(id: string, options: LogOptions): Promise<Readable> {
    const { engine } = this.#options
    const { Config: config } = await engine.inspectContainer(id)
    const query: LogsQuery = {
      stdout: options.stream !== 'stderr',
      stderr: options.stream !== 'stdout',
      follow: options.follow,
      timestamps: options.timestamps,
      since: options.sinceMs === undefined ? undefined : (options.sinceMs / 1000).toFixed(9),
      tail: options.tail === undefined ? undefined : String(options.tail),
    }
    const source = await engine.logs(id, query, options.signal)
    return config.Tty ? source : joinFrames(source, options)
  }

  /**
   * The sandbox's own program passes the bytes on, from inside: so a port is reached that listens
   * on its loopback device alone, wherever the kubelet is.
   */
  async connect(sandboxId: string, port: number): Promise<Duplex> {
    const command = [PAUSE_PATH, 'connect', String(port)]
    const session = await this.exec(sandboxId, { command, tty: false, stdin: true })
    const { stdin, stdout, stderr } = session
    if (!stdin || !stderr) throw new Error(`port ${port}: the sandbox gave no streams`)
    const isConnected = await firstChunk(stderr)
    if (!isConnected) {
      const code = (await session.ended) ?? DEFAULT_EXIT_CODE
      throw new Error(`port ${port} in sandbox ${sandboxId}: ${connectProblem(code)}`)
    }
    stderr.resume()
    session.ended.catch(() => undefined)
    return joined(stdin, stdout, session.close)
  }

  #session(
    socket: Duplex,
    options: {
      readonly tty: boolean
      readonly stdin: boolean
      readonly ended: Promise<number | undefined>
      readonly close: () => void
      readonly resize: (size: Size) => Promise<void>
    },
  ): Session {
    const { tty, stdin, ended, close } = options
    // Whoever does not wait for the end shall not crash of it.
    ended.catch(() => undefined)
    const streams = tty ? { stdout: socket, stderr: undefined } : splitFrames(socket)
    const resize = (size: Size): Promise<void> => this.#resize(() => options.resize(size))
    return { ...streams, stdin: stdin ? socket : undefined, resize, ended, close }
  }

  async #resize(resize: () => Promise<void>): Promise<void> {
    for (let left = RESIZE_TRIES_MAX; ; left--) {
      try {
        return await resize()
      } catch (error) {
        const isEarly = hasStatus(error, 409, 500) && left > 0
        if (!isEarly) throw error
        await this.#options.clock.sleep(RESIZE_POLL_MS)
      }
    }
  }

  async #exitCode(execId: string): Promise<number> {
    for (let left = EXIT_POLLS_MAX; left > 0; left--) {
      const { Running: isRunning, ExitCode: code } = await this.#inspect(execId)
      if (!isRunning && code !== null) return code
      await this.#options.clock.sleep(EXIT_POLL_MS)
    }
    throw new Error(`command ${execId}: its streams have ended, but it still runs`)
  }

  /** The Engine lets a command run on when its caller has gone; nobody would ever end it. */
  async #kill(execId: string): Promise<void> {
    const pid = await this.#processOf(execId)
    if (pid === undefined) return
    try {
      // The shell's own: a program of this name is not everywhere.
      await runProgram('sh', ['-c', `kill -KILL ${pid}`])
    } catch (error) {
      if (!/No such process/i.test(String(error))) throw error
    }
  }

  /** Undefined once it has ended. A command may write before the Engine knows of its process. */
  async #processOf(execId: string): Promise<number | undefined> {
    for (let left = EXIT_POLLS_MAX; left > 0; left--) {
      const { Running: isRunning, ExitCode: code, Pid: pid } = await this.#inspect(execId)
      if (isRunning && pid > 0) return pid
      if (!isRunning && code !== null) return undefined
      await this.#options.clock.sleep(EXIT_POLL_MS)
    }
    throw new Error(`command ${execId}: the Engine tells neither its process nor its end`)
  }

  #inspect(execId: string): Promise<ExecDetails> {
    return this.#options.engine.inspectExec(execId)
  }
}

/** Resolves when nothing more comes, however it ended: a broken stream is told by its readers. */
function endOf(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    finished(socket, { writable: false }, () => resolve())
  })
}

/** False when the stream ends without one. */
function firstChunk(stream: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    stream.once('data', () => {
      stream.pause()
      resolve(true)
    })
    finished(stream, () => resolve(false))
  })
}

function joined(stdin: NodeJS.WritableStream, stdout: Readable, close: () => void): Duplex {
  const duplex = new Duplex({
    allowHalfOpen: true,
    read: () => void stdout.resume(),
    write: (chunk, _encoding, done) => {
      stdin.write(chunk, (error) => done(error))
    },
    final: (done) => {
      stdin.end()
      done()
    },
    destroy: (error, done) => {
      close()
      done(error)
    },
  })
  stdout.on('data', (chunk) => {
    if (!duplex.destroyed && !duplex.push(chunk)) stdout.pause()
  })
  finished(stdout, (error) => {
    if (duplex.destroyed) return
    if (error) duplex.destroy(error)
    else duplex.push(null)
  })
  return keepCalm(duplex)
}

/** Exit codes of the sandbox's program are numbers of errors. */
function connectProblem(code: number): string {
  return code > 0 ? getSystemErrorMessage(-code) : `the way in ended with ${code}`
}
