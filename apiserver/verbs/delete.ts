/** DELETE of one object: at once, or marked and left to its finalizers and its grace. */

import { isDeepStrictEqual } from 'node:util'
import { jsonCopy } from '#api/json-copy.ts'
import type { DeleteOptions } from '#api/kinds/meta/delete-options.ts'
import { Status } from '#api/kinds/meta/status.ts'
import { conflict, notFound } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import { behaviourCall } from '../behaviours.ts'
import { checkPreconditions, deleteOptions } from '../delete-options.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { entryResult, objectResult, type Result } from '../result.ts'
import type { Entry } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { finalizersFor, hasten, isReadyToGo, mark, removeObject } from './remove.ts'

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
  await parts.admission.admit({
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
  const { propagationPolicy, orphanDependents } = options
  if (propagationPolicy === undefined && orphanDependents === undefined)
    warnOrphans(context, resource)
  const object = going(resource, old, options, parts.clock.now())
  try {
    if (object && !isReadyToGo(resource, object)) {
      if (isDeepStrictEqual(object, old)) return entryResult(200, resource, entry)
      if (dryRun) return objectResult(200, resource, object)
      const next = await parts.store.update(resource.draft(object), entry.revision, resource)
      return entryResult(200, resource, next)
    }
    const last = object ?? old
    const call = behaviourCall(context, parts, { dryRun, subresource: '' })
    const result = dryRun
      ? objectResult(200, resource, last)
      : await removeObject(resource, last, await lastEntry(parts, resource, entry, last), call)
    if (resource.kind.deletion?.returnsObject) return result
    return { type: 'object', status: 200, kind: Status, object: removedStatus(resource, old) }
  } catch (error) {
    if (isStoreError(error, 'Conflict', 'KeyNotFound')) return undefined
    throw error
  }
}

function warnOrphans({ warnings }: ResourceContext, { kind }: Resource): void {
  const warning = kind.deletion?.orphansWarning
  if (warning && !warnings.includes(warning)) warnings.push(warning)
}

/**
 * The object as a delete leaves it, unchanged where it is going already; undefined when nothing
 * holds it and nobody need see it go.
 */
function going(
  resource: Resource,
  old: ApiObject,
  options: DeleteOptions,
  nowMs: number,
): ApiObject | undefined {
  const object = jsonCopy(old)
  const { metadata } = object
  const left = metadata.deletionGracePeriodSeconds ?? 0
  const { graceSeconds, isHeld, begin } = resource.kind.deletion ?? {}
  const isGoing = Boolean(metadata.deletionTimestamp)
  if (begin && !isGoing) {
    begin(object as never, epochToTime(Math.floor(nowMs / 1000)))
    return object
  }
  const wanted = options.gracePeriodSeconds
  if (isGoing && left > 0) {
    const sooner = wanted === undefined ? left : Math.max(wanted, wanted < 0 ? 1 : 0)
    if (sooner >= left) return object
    hasten(object, sooner)
  }
  const finalizers = finalizersFor(resource, old, options)
  if (finalizers.length) metadata.finalizers = finalizers
  else delete metadata.finalizers
  if (isGoing) return object
  if (graceSeconds) mark(resource, object, graceSeconds(old as never, wanted) ?? 0, nowMs)
  else if (finalizers.length || isHeld?.(old as never)) mark(resource, object, 0, nowMs)
  else return undefined
  return object
}

/** Watches see an object that supports grace go, even when it is granted none. */
async function lastEntry(
  { store }: ServerParts,
  resource: Resource,
  entry: Entry,
  last: ApiObject,
): Promise<Entry> {
  const isNews = resource.kind.deletion?.graceSeconds && !entryIsGoing(resource, entry)
  return isNews ? store.update(resource.draft(last), entry.revision, resource) : entry
}

const entryIsGoing = (resource: Resource, entry: Entry): boolean =>
  Boolean(resource.parse(entry).metadata.deletionTimestamp)

function removedStatus({ group, plural }: Resource, { metadata }: ApiObject): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(group && { group }), kind: plural, uid: metadata.uid },
  }
}
