/** GET with watch=true: events, for as long as the caller likes. */

import { queryFlag, queryInteger } from '../query-values.ts'
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
    type: 'watch',
    contentType: frames.contentType,
    open: (sink) => new WatchSession({ store, clock, resource, frames, sink }, plan),
  }
}

function watchPlan(
  context: ResourceContext,
  { random }: ServerParts,
  resource: Resource,
): WatchPlan {
  const { query } = context.info
  checkListVersions(query, true)
  const sendsInitialEvents = queryFlag(query, 'sendInitialEvents')
  const sendsBookmarks = queryFlag(query, 'allowWatchBookmarks')
  const revision = revisionOf(query.get('resourceVersion'))
  const seconds = queryInteger(query, 'timeoutSeconds') ?? 0
  return {
    selection: selectionOf(context, resource),
    after: sendsInitialEvents ? undefined : revision,
    sendsBookmarks,
    marksInitialEvents: sendsInitialEvents && sendsBookmarks,
    timeoutMs: seconds > 0 ? seconds * SECOND_MS : random.jitter(TIMEOUT_MIN_MS, 1),
  }
}
