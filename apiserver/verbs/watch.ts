/** GET with watch=true: events over one long answer. */

import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Result } from '../result.ts'
import { checkListVersions, revisionOf } from '../revisions.ts'
import { selectionOf } from '../selection.ts'
import { framesFor } from '../watch/frames.ts'
import { type WatchPlan, WatchSession } from '../watch/session.ts'
import { includeObjectOf } from '../wire/encode-result.ts'
import { json, objectMediaTypes } from '../wire/media-types.ts'
import { representationFor } from '../wire/representation.ts'

/** A watch without a wish ends after 30 to 60 minutes, so that clients spread over servers. */
const TIMEOUT_MIN_MS = 30 * 60_000
const SECOND_MS = 1000

export async function watch(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const plan = watchPlan(context, parts, resource)
  const representation = representationFor(context, {
    mediaTypes: resource.isCustom
      ? [json]
      : objectMediaTypes.filter((each) => each !== 'application/yaml'),
    views: ['Table', 'PartialObjectMetadata'],
  })
  const frames = framesFor(resource, {
    representation,
    includeObject: includeObjectOf(context),
    now: () => parts.clock.now(),
  })
  const { store, clock } = parts
  return {
    type: 'takeover',
    async run(response) {
      response.writeHead(200, {
        'content-type': frames.contentType,
        'cache-control': 'no-cache, private',
      })
      response.flushHeaders()
      const sink = {
        write: (frame: Buffer) => response.write(frame),
        end: () => void response.end(),
      }
      using session = new WatchSession({ store, clock, resource, frames, sink }, plan)
      response.on('drain', () => session.drained())
      const gone = new Promise<void>((resolve) => {
        response.once('close', resolve)
        // The server stops: the watch ends in order, and its client comes again elsewhere.
        context.signal.addEventListener('abort', () => response.end(resolve), { once: true })
      })
      await session.start()
      await gone
    },
  }
}

export function watchPlan(
  context: ResourceContext,
  { random }: ServerParts,
  resource: Resource,
): WatchPlan {
  const { query } = context.info
  checkListVersions(query, true)
  const sendsInitialEvents = query.get('sendInitialEvents') === 'true'
  const sendsBookmarks = ['1', 'true'].includes(query.get('allowWatchBookmarks') ?? '')
  const revision = revisionOf(query.get('resourceVersion'))
  const seconds = Number(query.get('timeoutSeconds') ?? 0)
  return {
    selection: selectionOf(context, resource),
    after: sendsInitialEvents ? undefined : revision,
    sendsBookmarks,
    marksInitialEvents: sendsInitialEvents && sendsBookmarks,
    timeoutMs: seconds > 0 ? seconds * SECOND_MS : random.jitter(TIMEOUT_MIN_MS, 1),
  }
}
