/** Keeps one process running: it comes back when it ends, later each time while it fails. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'

export interface Start {
  readonly command: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly logFile: string
}

export type KeptState = 'waiting' | 'running' | 'failing' | 'stopped'

export interface Kept {
  readonly state: KeptState
  readonly pid?: number
  readonly restarts: number
  /** How it ended last. */
  readonly lastEnd?: string
}

export interface KeeperOptions {
  readonly name: string
  /** Resolves as soon as there is use in starting it. */
  readonly prepare: (signal: AbortSignal) => Promise<Start>
  readonly changed: () => void
  readonly clock: Clock
  readonly log: Log
}

const BACKOFF_INITIAL_MS = 100
const BACKOFF_MAX_MS = 10_000
/** Who ran so long has not failed at the start. */
const STEADY_MS = 30_000
/** Ended by force after it; longer than the grace of any service. */
const STOP_GRACE_MS = 35_000
const LOG_BYTES_MAX = 20 * 1024 * 1024

export class Keeper implements AsyncDisposable {
  readonly #options: KeeperOptions
  readonly #stopping = new AbortController()
  readonly #done: Promise<void>
  #child: ChildProcess | undefined
  #kept: Kept = { state: 'waiting', restarts: 0 }

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#done = this.#keep()
  }

  get kept(): Kept {
    return this.#kept
  }

  /** Starts it anew, as when what it runs in has changed. */
  restart(): void {
    this.#child?.kill('SIGTERM')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    const child = this.#child
    child?.kill('SIGTERM')
    using _force = this.#options.clock.setTimeout(() => child?.kill('SIGKILL'), STOP_GRACE_MS)
    await this.#done
  }

  async #keep(): Promise<void> {
    const { clock, log, name, prepare } = this.#options
    const { signal } = this.#stopping
    let delayMs = BACKOFF_INITIAL_MS
    while (!signal.aborted) {
      const begunAt = clock.monotonic()
      try {
        const lastEnd = await this.#runOnce(await prepare(signal))
        if (signal.aborted) break
        log.warn('process ended', { component: name, end: lastEnd })
        this.#say({ state: 'failing', restarts: this.#kept.restarts + 1, lastEnd })
      } catch (error) {
        if (signal.aborted) break
        log.error('cannot start process', { component: name, error })
        const lastEnd = (error as Error).message
        this.#say({ state: 'failing', restarts: this.#kept.restarts + 1, lastEnd })
      }
      if (clock.monotonic() - begunAt > STEADY_MS) delayMs = BACKOFF_INITIAL_MS
      await clock.sleep(delayMs, signal).catch(() => undefined)
      delayMs = Math.min(delayMs * 2, BACKOFF_MAX_MS)
    }
    this.#say({ ...this.#kept, state: 'stopped' })
  }

  async #runOnce(start: Start): Promise<string> {
    const output = openLog(start.logFile)
    try {
      const child = spawn(start.command, start.arguments, {
        env: start.environment,
        stdio: ['ignore', output, output],
      })
      this.#child = child
      const ended = new Promise<string>((resolve, reject) => {
        child.once('error', reject)
        child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
      })
      const { restarts, lastEnd } = this.#kept
      const pid = child.pid
      this.#say({ state: 'running', restarts, ...(pid && { pid }), ...(lastEnd && { lastEnd }) })
      // The order to stop may have come while it was being prepared.
      if (this.#stopping.signal.aborted) child.kill('SIGTERM')
      return await ended
    } finally {
      this.#child = undefined
      closeSync(output)
    }
  }

  #say(kept: Kept): void {
    this.#kept = kept
    this.#options.changed()
  }
}

/** Appends; what has become long is put aside first, in the place of what was put aside before. */
function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`)
  return openSync(path, 'a', 0o600)
}
