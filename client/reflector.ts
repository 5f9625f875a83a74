/** Keeps a sink equal to what the server has: first everything, then every change, forever. */
import { isReason, StatusError } from '#api/status.ts'
import { Backoff } from './backoff.ts'
import type { ApiObject, Resource } from './resource.ts'
import type { Client, Selectors } from './rest.ts'
import {
  isFinal,
  lastVersion,
  openWatch,
  slept,
  type WatchEvent,
  type WatchParts,
  watch,
  watchBackoff,
} from './watch.ts'
import { isExpired } from './watch-transport.ts'

export interface ReflectorSink<S> {
  /** Everything that there is, at this version. */
  replace(objects: readonly S[], version: string): void
  /** What has happened since, in order. */
  apply(events: readonly WatchEvent<S>[]): void
}

export interface ReflectorParts extends WatchParts {
  readonly client: Client
}

/** Servers of before 1.32 list; newer ones send the list as the first events of the watch. */
type Beginning = 'stream' | 'list'

/** The bookmark that ends what was there when a watch began. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

/** Runs until the signal is aborted; what fails is told to `parts.broken` and tried again. */
export async function reflect<S extends ApiObject, I>(
  parts: ReflectorParts,
  resource: Resource<S, I>,
  selectors: Selectors,
  sink: ReflectorSink<S>,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(watchBackoff, parts.clock, parts.random)
  const options = { ...selectors, signal }
  let beginning: Beginning = 'stream'
  while (!signal.aborted) {
    try {
      const resourceVersion =
        beginning === 'stream'
          ? await streamed(parts, resource, options, sink)
          : await listed(parts, resource, options, sink)
      for await (const events of watch(parts, resource, { ...options, resourceVersion })) {
        sink.apply(events)
        backoff.reset()
      }
    } catch (error) {
      if (signal.aborted) return
      if (beginning === 'stream' && isUnsupported(error)) {
        beginning = 'list'
        continue
      }
      parts.broken?.(error)
      if (!(await slept(backoff, signal))) return
    }
  }
}

interface Options extends Selectors {
  readonly signal: AbortSignal
}

async function listed<S extends ApiObject, I>(
  { client }: ReflectorParts,
  resource: Resource<S, I>,
  options: Options,
  sink: ReflectorSink<S>,
): Promise<string> {
  const list = await client.listAll(resource, options)
  const version = list.metadata.resourceVersion ?? ''
  sink.replace(list.items, version)
  return version
}

/** Reads the stream to its end, and returns the version where it stopped. */
async function streamed<S extends ApiObject, I>(
  parts: ReflectorParts,
  resource: Resource<S, I>,
  options: Options,
  sink: ReflectorSink<S>,
): Promise<string> {
  const initial = new Map<string, S>()
  let version: string | undefined
  try {
    for await (const events of openWatch(parts, resource, options)) {
      if (version !== undefined) sink.apply(events)
      else {
        const end = events.findIndex(endsInitialEvents)
        collect(end < 0 ? events : events.slice(0, end), initial)
        if (end < 0) continue
        version = lastVersion(events.slice(0, end + 1))
        sink.replace([...initial.values()], version)
        initial.clear()
        const rest = events.slice(end + 1)
        if (rest.length > 0) sink.apply(rest)
      }
      version = lastVersion(events)
    }
  } catch (error) {
    // Once everything is there, a watch can go on from where this one broke.
    if (version === undefined || options.signal.aborted || isFinal(error)) throw error
    parts.broken?.(error)
  }
  if (version === undefined) {
    throw new StatusError('ServerTimeout', 'watch: ended before all initial events were there')
  }
  return version
}

function endsInitialEvents({ type, object }: WatchEvent<ApiObject>): boolean {
  return type === 'BOOKMARK' && object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true'
}

/** An object may change, or go, while everything else is still being sent. */
function collect<S extends ApiObject>(
  events: readonly WatchEvent<S>[],
  into: Map<string, S>,
): void {
  for (const { type, object } of events) {
    if (type === 'DELETED') into.delete(object.metadata.uid)
    else if (type !== 'BOOKMARK') into.set(object.metadata.uid, object)
  }
}

function isUnsupported(error: unknown): boolean {
  return !isExpired(error) && isReason(error, 'Invalid', 'BadRequest')
}
