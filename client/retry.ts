/** Which requests are sent a second time, and when. */
import type { Clock } from '#daemon/clock.ts'
import { type Answer, ConnectionError, type Method } from './connection.ts'

/** Beyond this the queue of a controller, which knows how often it failed, does better. */
const RETRIES_MAX = 5
const WAIT_SECONDS_MAX = 10

export interface RetryFacts {
  readonly method: Method
  /** Done twice it is the same as done once. */
  readonly isRepeatable: boolean
  readonly signal: AbortSignal | undefined
  readonly clock: Clock
}

/**
 * Sends until there is an answer that counts. The server says itself that it wants to be asked
 * again, by Retry-After. It has done nothing yet when it says 429; after a 5xx it may have, so that
 * only what may be repeated is. A connection that breaks is given one more chance, for reads only:
 * it may have been an idle one that the server was just closing.
 */
export async function withRetries(facts: RetryFacts, send: () => Promise<Answer>): Promise<Answer> {
  let mayReconnect = facts.method === 'GET' || facts.method === 'HEAD'
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await send()
      const seconds = retryAfter(answer)
      const isWanted = seconds !== undefined && seconds <= WAIT_SECONDS_MAX
      if (!isWanted || attempt === RETRIES_MAX || !mayRepeat(answer.code, facts)) return answer
      await facts.clock.sleep(seconds * 1000, facts.signal)
    } catch (error) {
      if (!mayReconnect || !isReset(error)) throw error
      mayReconnect = false
    }
  }
}

/** Whole seconds, as the API has them; dates, which HTTP would allow, are not used by it. */
export function retryAfter({ headers }: Pick<Answer, 'headers'>): number | undefined {
  const text = String(headers['retry-after'] ?? '')
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined
}

function mayRepeat(code: number, { isRepeatable }: RetryFacts): boolean {
  return isRepeatable && (code === 429 || code >= 500)
}

const resetCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

function isReset(error: unknown): boolean {
  if (!(error instanceof ConnectionError)) return false
  const { cause } = error
  return cause instanceof Error && 'code' in cause && resetCodes.has(String(cause.code))
}
