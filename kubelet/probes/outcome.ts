/** What one question to a container has brought. */
import type { Clock } from '#daemon/clock.ts'

export interface Outcome {
  /** `unknown`: it could not be asked at all, which counts as a failure and is worded otherwise. */
  readonly result: 'success' | 'warning' | 'failure' | 'unknown'
  readonly output: string
}

export const success = (output = ''): Outcome => ({ result: 'success', output })
export const warning = (output: string): Outcome => ({ result: 'warning', output })
export const failure = (output: string): Outcome => ({ result: 'failure', output })

export interface Limits {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** More of an answer is not kept. */
export const OUTPUT_BYTES_MAX = 10 * 1024

/** Runs the question with a signal that is aborted when time is up, or the asker loses interest. */
export async function within<T>(
  { clock, timeoutMs, signal }: Limits,
  ask: (signal: AbortSignal) => Promise<T>,
  late: () => T,
): Promise<T> {
  signal.throwIfAborted()
  const over = new AbortController()
  const isLate = new Error('the time is up')
  using _timer = clock.setTimeout(() => over.abort(isLate), timeoutMs)
  const stop = (): void => over.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await ask(over.signal)
  } catch (error) {
    if (over.signal.reason === isLate) return late()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    if (!over.signal.aborted) over.abort(new DOMException('the question is answered', 'AbortError'))
  }
}

interface SocketError {
  readonly code?: string
  readonly message?: string
}

/** As Go words what went wrong with a connection. */
export function dialText(error: unknown, address: string): string {
  const { code = '', message = String(error) } = error as SocketError
  const known: Record<string, string> = {
    ECONNREFUSED: 'connect: connection refused',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
    ETIMEDOUT: 'i/o timeout',
  }
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${address.split(':')[0]}: no such host`
  const text = known[code]
  if (text) return `dial tcp ${address}: ${text}`
  return code === 'ECONNRESET' ? 'read: connection reset by peer' : message
}

export const hostAndPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
