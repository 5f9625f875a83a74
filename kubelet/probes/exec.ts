/** Asks by a command inside the container: exit code zero is a good answer. */
import type { Runtime } from '../runtime.ts'
import { failure, type Limits, OUTPUT_BYTES_MAX, type Outcome, success, within } from './outcome.ts'

export function askExec(
  runtime: Pick<Runtime, 'exec'>,
  containerId: string,
  command: readonly string[],
  limits: Limits,
): Promise<Outcome> {
  const seconds = Math.round(limits.timeoutMs / 1000)
  const late = (): Outcome =>
    failure(`command timed out: "${command.join(' ')}" timed out after ${seconds}s`)
  return within(
    limits,
    async (signal) => {
      const { exitCode, output } = await runCommand(runtime, containerId, command, signal)
      return exitCode === 0 ? success(output) : failure(output)
    },
    late,
  )
}

export interface Finished {
  readonly exitCode: number
  /** The beginning of what it printed. */
  readonly output: string
}

/** Rejects with the reason of the signal when that comes first. */
export async function runCommand(
  runtime: Pick<Runtime, 'exec'>,
  containerId: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<Finished> {
  const session = await runtime.exec(containerId, { command, tty: false, stdin: false, signal })
  const given = Promise.withResolvers<never>()
  given.promise.catch(() => undefined)
  const give = (): void => {
    session.close()
    given.reject(signal.reason)
  }
  signal.addEventListener('abort', give, { once: true })
  const chunks: Buffer[] = []
  let length = 0
  for (const stream of [session.stdout, session.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (length < OUTPUT_BYTES_MAX) chunks.push(chunk)
      length += chunk.length
    })
    stream?.on('error', () => undefined)
  }
  try {
    signal.throwIfAborted()
    const exitCode = await Promise.race([session.ended, given.promise])
    const output = Buffer.concat(chunks).toString('utf8', 0, OUTPUT_BYTES_MAX)
    return { exitCode: exitCode ?? 0, output }
  } finally {
    signal.removeEventListener('abort', give)
  }
}
