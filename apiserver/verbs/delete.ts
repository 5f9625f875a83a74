/** DELETE of one object: at once, or marked and left to its finalizers and its grace. */

import type { DeleteOptions } from '#api/kinds/meta/delete-options.ts'
import { Status } from '#api/kinds/meta/status.ts'
import { conflict, notFound } from '#api/status.ts'
import { checkPreconditions, deleteOptions } from '../delete-options.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { objectResult, type Result } from '../result.ts'
import type { Entry } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { finalizersFor, isReadyToGo, mark, removeObject } from './remove.ts'

const ATTEMPTS_MAX = 64

export async function deleteOne(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const { info } = context
  const options = deleteOptions(context)
  const key = resource.keyOf(resource.isNamespaced ? info.namespace : '', info.name)
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const entry = parts.store.get(key)
    if (!entry) throw notFound(resource, info.name)
    const result = await deleteEntry(context, parts, resource, options, entry)
    if (result) return result
  }
  throw conflict(resource, info.name)
}

/** Undefined when the object changed in between. */
export async function deleteEntry(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
  options: DeleteOptions,
  entry: Entry,
): Promise<Result | undefined> {
  const old = resource.parse(entry)
  checkPreconditions(resource, old, options)
  const dryRun = Boolean(options.dryRun?.length)
  await parts.admission.validate({
    operation: 'DELETE',
    resource,
    subresource: '',
    namespace: old.metadata.namespace ?? '',
    name: old.metadata.name,
    old,
    user: context.user,
    dryRun,
    warnings: context.warnings,
  })
  const object = going(resource, old, options, parts.clock.now())
  try {
    if (!isReadyToGo(object)) {
      if (dryRun) return objectResult(200, resource, object)
      const next = await parts.store.update(resource.draft(object), entry.revision, resource)
      return { type: 'entry', status: 200, resource, entry: next }
    }
    const result = dryRun ? undefined : await removeObject(parts, resource, object, entry)
    if (resource.kind.deletion?.returnsObject) return result ?? objectResult(200, resource, object)
    return { type: 'object', status: 200, kind: Status, object: removedStatus(resource, old) }
  } catch (error) {
    if (isStoreError(error, 'Conflict', 'KeyNotFound')) return undefined
    throw error
  }
}

/** The object as a delete leaves it. A second delete may shorten the grace, never lengthen it. */
function going(
  resource: Resource,
  old: ApiObject,
  options: DeleteOptions,
  nowMs: number,
): ApiObject {
  const object = structuredClone(old)
  const finalizers = finalizersFor(resource, old, options)
  if (finalizers.length) object.metadata.finalizers = finalizers
  else delete object.metadata.finalizers
  const wanted = options.gracePeriodSeconds
  const grace = resource.kind.deletion?.graceSeconds?.(old as never, wanted) ?? 0
  const left = old.metadata.deletionGracePeriodSeconds
  if (left === undefined || grace < left) mark(object, grace, nowMs)
  return object
}

function removedStatus({ group, plural }: Resource, { metadata }: ApiObject): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(group && { group }), kind: plural, uid: metadata.uid },
  }
}
