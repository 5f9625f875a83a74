/** GET of a collection, in pages where the caller wants them, all at one revision. */
import { StatusError } from '#api/status.ts'
import { decodeContinue, encodeContinue } from '../continue-token.ts'
import { queryInteger } from '../query-values.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Result } from '../result.ts'
import { awaitRevision, checkListVersions, revisionOf, tooOld } from '../revisions.ts'
import { type Selection, selectionOf } from '../selection.ts'
import type { Page, Store } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'

/** Where a page begins and at which revision it is read. */
interface Start {
  readonly revision?: number
  readonly after?: string
}

export async function list(
  context: ResourceContext,
  { store }: ServerParts,
  resource: Resource,
): Promise<Result> {
  const { query } = context.info
  checkListVersions(query, false)
  const limit = limitOf(query)
  const selection = selectionOf(context, resource)
  const start = await startOf(store, query, resource)
  const page = pageOf(store, selection, start, limit, resource)
  return {
    type: 'list',
    resource,
    entries: page.entries,
    revision: page.revision,
    ...(page.more && limit !== undefined && pageEnd(page, resource, selection)),
  }
}

/** Undefined for everything at once. */
function limitOf(query: URLSearchParams): number | undefined {
  const limit = queryInteger(query, 'limit') ?? 0
  // Any state at all will do: upstream answers that from its cache, which does not page.
  const isFromCache = query.get('resourceVersion') === '0' && !query.get('continue')
  return limit > 0 && !isFromCache ? limit : undefined
}

async function startOf(store: Store, query: URLSearchParams, resource: Resource): Promise<Start> {
  const token = query.get('continue')
  const version = query.get('resourceVersion')
  if (token) {
    const { revision, after } = decodeContinue(token)
    return { ...(revision > 0 && { revision }), after: resource.prefix + after }
  }
  await awaitRevision(store, version)
  const revision = revisionOf(version)
  const isExact = query.get('resourceVersionMatch') === 'Exact'
  return isExact && revision !== undefined ? { revision } : {}
}

function pageOf(
  store: Store,
  { prefix, select }: Selection,
  start: Start,
  limit: number | undefined,
  resource: Resource,
): Page {
  if (!prefix.endsWith('/')) return singlePage(store, prefix, select, start)
  try {
    return store.list(prefix, { ...start, ...(limit && { limit }), ...(select && { select }) })
  } catch (error) {
    if (!isStoreError(error, 'Expired')) throw error
    if (start.after === undefined) throw tooOld(error.details.wanted ?? 0, store.oldestRevision)
    throw expiredContinue(store, start.after.slice(resource.prefix.length))
  }
}

function singlePage(
  store: Store,
  key: string,
  select: Selection['select'],
  { revision }: Start,
): Page {
  const entry = store.get(key, revision)
  const entries = entry && (select?.(entry) ?? true) ? [entry] : []
  return { entries, revision: revision ?? store.revision, more: false, remaining: 0 }
}

/** The caller may go on where it was, if it can live with a list of two revisions. */
function expiredContinue(store: Store, after: string): StatusError {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can ' +
    'start a new list without the continue parameter, or use the continue token in this response ' +
    'to retrieve the remainder of the results. Continuing with the provided token results in an ' +
    'inconsistent list - objects that were created, modified, or deleted between the time the ' +
    'first chunk was returned and now may show up in the list.'
  const error = new StatusError('Expired', message)
  error.metadata = {
    resourceVersion: String(store.revision),
    continue: encodeContinue({ revision: -1, after }),
  }
  return error
}

function pageEnd(page: Page, resource: Resource, { select }: Selection) {
  const last = page.entries.at(-1)
  if (!last) return {}
  const after = last.key.slice(resource.prefix.length)
  return {
    continue: encodeContinue({ revision: page.revision, after }),
    // How many of the rest would be selected is not known without looking at them.
    ...(!select && { remaining: page.remaining }),
  }
}
