/** A watch that goes on: it comes back after each break, at the version that it has seen last. */
import { StatusError } from '#api/status.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import { Backoff } from './backoff.ts'
import { type ApiObject, acceptFor, pathOf, type Resource } from './resource.ts'
import { queryText, type Selectors } from './rest.ts'
import { isExpired, type WatchTransport } from './watch-transport.ts'

export type WatchEvent<S> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: S }
  | { readonly type: 'BOOKMARK'; readonly object: ApiObject }

export interface WatchParts {
  readonly transport: WatchTransport
  readonly clock: Clock
  readonly random: Random
  /** Each break, before the watch comes back. */
  readonly broken?: (error: unknown) => void
}

export interface WatchOptions extends Selectors {
  /** Changes after this one. */
  readonly resourceVersion: string
  readonly signal: AbortSignal
}

export interface StreamOptions extends Selectors {
  /** Changes after this one; without it, first all that is there, ended by a bookmark. */
  readonly resourceVersion?: string
  readonly signal: AbortSignal
}

/** As upstream's clients wait: 0.8 s to 30 s, up to twice that by chance. */
export const watchBackoff = {
  initialMs: 800,
  maxMs: 30_000,
  jitter: 1,
  resetAfterMs: 120_000,
} as const

/** Watches end after 5 to 10 minutes, at different times, so that servers can share the load. */
const TIMEOUT_SECONDS_MIN = 300

/**
 * Yields what has arrived, in batches, until the signal is aborted. Throws the StatusError Expired
 * when it has been away for too long, and any other refusal that asking again would not change.
 */
export async function* watch<S, I>(
  parts: WatchParts,
  resource: Resource<S, I>,
  options: WatchOptions,
): AsyncIterable<readonly WatchEvent<S>[]> {
  const backoff = new Backoff(watchBackoff, parts.clock, parts.random)
  let { resourceVersion } = options
  while (!options.signal.aborted) {
    let wasHeard = false
    try {
      for await (const events of openWatch(parts, resource, { ...options, resourceVersion })) {
        wasHeard = true
        yield events
        resourceVersion = lastVersion(events)
      }
    } catch (error) {
      if (options.signal.aborted) return
      if (isFinal(error)) throw error
      parts.broken?.(error)
      wasHeard = false
    }
    // A server that ends each watch at once is no reason to ask it without a pause.
    if (wasHeard) backoff.reset()
    else if (!(await slept(backoff, options.signal))) return
  }
}

/** One stream, without coming back. */
export function openWatch<S, I>(
  { transport, random }: Pick<WatchParts, 'transport' | 'random'>,
  resource: Resource<S, I>,
  { signal, namespace, ...options }: StreamOptions,
): AsyncIterable<readonly WatchEvent<S>[]> {
  const isInitial = options.resourceVersion === undefined
  const query = queryText({
    ...options,
    watch: true,
    allowWatchBookmarks: true,
    timeoutSeconds: TIMEOUT_SECONDS_MIN + random.below(TIMEOUT_SECONDS_MIN),
    ...(isInitial && { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }),
  })
  const path = pathOf(resource, { namespace }) + query
  return transport.open({ path, accept: acceptFor(resource), signal }) as AsyncIterable<
    readonly WatchEvent<S>[]
  >
}

export function lastVersion(events: readonly WatchEvent<unknown>[]): string {
  return (events.at(-1)!.object as ApiObject).metadata.resourceVersion
}

/** False when the signal came first. */
export async function slept(backoff: Backoff, signal: AbortSignal): Promise<boolean> {
  try {
    await backoff.wait(signal)
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}

/** About the request itself: a server that is overloaded or going away is asked again. */
export function isFinal(error: unknown): boolean {
  if (isExpired(error)) return true
  if (!(error instanceof StatusError)) return false
  return error.code >= 400 && error.code < 500 && error.code !== 429
}
