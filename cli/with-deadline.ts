/** Bounds each step of a command: a deadline, a cause when it fails, and a line of advice. */
import { readFile } from 'node:fs/promises'
import type { Clock } from '#daemon/clock.ts'
import { CommandError } from './command.ts'

export interface Deadline {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** What did not happen: `the API server is not ready`. */
  readonly failure: string
  /** Where the reason is most likely written. */
  readonly logFile?: string
}

export async function withDeadline<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
  { clock, signal, timeoutMs, failure, logFile }: Deadline,
): Promise<Value> {
  const begunAt = clock.now()
  const over = new AbortController()
  using _timer = clock.setTimeout(() => over.abort(), timeoutMs)
  try {
    return await work(AbortSignal.any([signal, over.signal]))
  } catch (error) {
    if (signal.aborted) throw new CommandError('stopped before it was done')
    const why = over.signal.aborted ? `after ${timeoutMs / 1000} s` : (error as Error).message
    throw new CommandError(
      `${failure}: ${why}${await lastWords(logFile, begunAt)}`,
      adviceOn(logFile),
      error,
    )
  }
}

const adviceOn = (logFile: string | undefined): string | undefined =>
  logFile && `The whole log is in ${logFile}`

/** The last line since then that is worse than information. */
async function lastWords(logFile: string | undefined, sinceMs: number): Promise<string> {
  if (!logFile) return ''
  const text = await readFile(logFile, 'utf8').catch(() => '')
  const bad = text.split('\n').findLast((line) => {
    const [, time = ''] = /"level":"(?:warn|error|fatal)","time":"([^"]+)"/.exec(line) ?? []
    return Date.parse(time) >= sinceMs
  })
  return bad ? `\n    ${bad}` : ''
}
