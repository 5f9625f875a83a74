/** GET of one object. */
import { notFound } from '#api/status.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { entryResult, type Result } from '../result.ts'
import { awaitRevision } from '../revisions.ts'

export async function get(
  { info }: ResourceContext,
  { store }: ServerParts,
  resource: Resource,
): Promise<Result> {
  await awaitRevision(store, info.query.get('resourceVersion'))
  const entry = store.get(resource.keyOf(resource.isNamespaced ? info.namespace : '', info.name))
  if (!entry) throw notFound(resource, info.name)
  return entryResult(200, resource, entry)
}
