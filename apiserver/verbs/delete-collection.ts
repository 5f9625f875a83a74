/** DELETE of a collection: each object that the selectors want, as if it were deleted alone. */
import { settleAll } from '#daemon/settle-all.ts'
import { deleteOptions } from '../delete-options.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Result } from '../result.ts'
import type { Entry } from '../store/store.ts'
import { deleteEntry } from './delete.ts'
import { list } from './list.ts'

/** Deleted side by side, so that they share flushes of the store. */
const BATCH = 64

export async function deleteCollection(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const options = deleteOptions(context)
  const found = await list(context, parts, resource)
  if (found.type !== 'list') return found
  const remove = async (entry: Entry): Promise<void> => {
    let current: Entry | undefined = entry
    while (current && !(await deleteEntry(context, parts, resource, options, current))) {
      current = parts.store.get(entry.key)
    }
  }
  for (let at = 0; at < found.entries.length; at += BATCH) {
    await settleAll(found.entries.slice(at, at + BATCH).map(remove))
  }
  return found
}
