/** PUT: an object as it shall be; also the common end of every other change. */

import { problemsOfChange } from '#api/check.ts'
import { applyDefaults } from '#api/defaults.ts'
import { forgetEmptyLists } from '#api/empty-lists.ts'
import { jsonCopy } from '#api/json-copy.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { Path, Problems } from '#api/problems.ts'
import { badRequest, conflict, invalid, notFound } from '#api/status.ts'
import type { Attributes } from '../admission/admission.ts'
import type { BehaviourCall } from '../behaviour.ts'
import { behaviourCall, behaviourOf } from '../behaviours.ts'
import { carryOver, countGeneration, placeObject } from '../lifecycle.ts'
import { keepTimes, trackedUpdate } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { entryResult, objectResult, type Result } from '../result.ts'
import type { Entry, Step } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { scopeOf, type UpdateScope } from '../update-scope.ts'
import { requestObject } from '../wire/request-object.ts'
import { type WriteParameters, writeParameters } from '../write-options.ts'
import { createObject } from './create.ts'
import { isReadyToGo, removeObject } from './remove.ts'

/** Somebody else was quicker this many times in a row: the caller shall try again. */
const ATTEMPTS_MAX = 64

export async function update(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const { info } = context
  const parameters = writeParameters(
    'UpdateOptions',
    info.query,
    context.headers['user-agent'] ?? '',
  )
  const object = requestObject(context, resource.kind, parameters.fieldValidation)
  checkName(object, info.name)
  placeObject(object, resource.isNamespaced ? info.namespace : '')
  const given = object.metadata.resourceVersion
  const change = (): ApiObject => jsonCopy(object)
  const result = await changeObject(context, parts, resource, parameters, change)
  if (result) return result
  if (!resource.kind.createOnUpdate || info.subresource || given)
    throw notFound(resource, info.name)
  return createObject(context, parts, resource, object, parameters)
}

export function checkName(object: ApiObject, name: string): void {
  const given = object.metadata.name
  if (!given) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    )
  }
  if (given !== name) {
    throw badRequest(
      `the name of the object (${given}) does not match the name on the URL (${name})`,
    )
  }
}

/** Makes the next object out of the present one. Called again when somebody else was quicker. */
export type Change = (present: ApiObject, entry: Entry) => ApiObject | Promise<ApiObject>

/** Undefined when there is no such object. */
export async function changeObject(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
  parameters: WriteParameters,
  change: Change,
): Promise<Result | undefined> {
  const { info } = context
  const key = resource.keyOf(resource.isNamespaced ? info.namespace : '', info.name)
  const scope = scopeOf(resource, info.subresource)
  for (let attempt = 1; ; attempt++) {
    const entry = parts.store.get(key)
    if (!entry) return undefined
    const present = resource.parse(entry)
    const next = await change(jsonCopy(present), entry)
    // A patch carries the version of what it was applied to: it can be applied to the next as well.
    const isPinned = checkVersion(resource, next, present) && !parameters.isPatch
    const result = await attemptChange(
      { context, parts, resource, parameters, scope },
      next,
      present,
      entry,
    )
    if (result) return result
    // A caller that named the version lost; one that did not is served again on top of the winner.
    const isLost = isPinned && parts.store.get(key)?.revision !== entry.revision
    if (isLost || attempt === ATTEMPTS_MAX) throw conflict(resource, info.name)
  }
}

/** Whether the caller insists on a version; refuses when that is not the present one. */
function checkVersion(resource: Resource, next: ApiObject, present: ApiObject): boolean {
  const { resourceVersion, uid, name } = next.metadata
  if (uid && uid !== present.metadata.uid) {
    throw conflict(resource, name, uidMismatch(resource, next, present))
  }
  const isGiven = Boolean(resourceVersion) && resourceVersion !== '0'
  if (!isGiven && resource.kind.conditionalUpdates) {
    const problems = new Problems()
    const at = Path.root.child('metadata').child('resourceVersion')
    problems.invalid(at, 0, 'must be specified for an update')
    throw invalid({ group: resource.group, kind: resource.plural }, name, problems.list)
  }
  if (isGiven && resourceVersion !== present.metadata.resourceVersion)
    throw conflict(resource, name)
  return isGiven
}

function uidMismatch(resource: Resource, next: ApiObject, present: ApiObject): string {
  const { name, namespace, uid } = next.metadata
  const { group, plural, isCustom } = resource
  const path = [...(isCustom ? [group] : []), plural, ...(namespace ? [namespace] : []), name]
  return (
    `StorageError: invalid object, Code: 4, Key: /registry/${path.join('/')}, ` +
    'ResourceVersion: 0, ' +
    `AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, ` +
    `UID in object meta: ${present.metadata.uid}`
  )
}

interface Attempt {
  readonly context: ResourceContext
  readonly parts: ServerParts
  readonly resource: Resource
  readonly parameters: WriteParameters
  readonly scope: UpdateScope
}

/** Undefined when the object changed in between. */
async function attemptChange(
  { context, parts, resource, parameters, scope }: Attempt,
  next: ApiObject,
  present: ApiObject,
  entry: Entry,
): Promise<Result | undefined> {
  const { kind } = resource
  const { dryRun } = parameters
  const { subresource } = scope
  applyDefaults(kind.schema, next)
  scope.reset(next, present)
  carryOver(next, present)
  trackedUpdate(resource, next, present, { ...parameters, now: parts.clock.now(), scope })
  scope.settle?.(next, present)
  forgetEmptyLists(kind.schema, next as never)
  const attributes = updateAttributes(context, resource, next, present, dryRun)
  await parts.admission.mutate(attributes)
  if (!subresource) kind.prepareUpdate?.(next as never, present as never)
  const call = behaviourCall(context, parts, { dryRun, subresource })
  const steps = behaviourOf(resource)?.updating?.(next, present, call) ?? []
  // Metadata that comes along with a status, such as a revision, is no change of what is wanted.
  if (subresource !== 'status') countGeneration(kind, next, present)
  next.metadata.resourceVersion = present.metadata.resourceVersion
  const problems = problemsOfChange(kind, next, present, scope.rules)
  if (problems.length) {
    throw invalid(resource.conversion?.stored ?? kind, next.metadata.name, problems)
  }
  await using admitted = await parts.admission.validate(attributes)
  const result = await storedChange(resource, next, present, entry, steps, call)
  if (!result) return undefined
  admitted.confirm()
  context.warnings.push(...(kind.warnings?.(next as never, present as never) ?? []))
  return result
}

/** Undefined when somebody else was quicker. */
async function storedChange(
  resource: Resource,
  next: ApiObject,
  present: ApiObject,
  entry: Entry,
  steps: readonly Step[],
  call: BehaviourCall,
): Promise<Result | undefined> {
  keepTimes(next, present)
  if (sameJson(next, present)) return entryResult(200, resource, entry)
  if (call.dryRun) return objectResult(200, resource, next)
  const { store } = call.parts
  const { relaxed } = resource
  try {
    if (isReadyToGo(resource, next)) {
      await removeObject(resource, jsonCopy(next), entry, call)
      return objectResult(200, resource, next)
    }
    const draft = resource.draft(next)
    const expected = entry.revision
    if (!steps.length) {
      return entryResult(200, resource, await store.update(draft, expected, { relaxed }))
    }
    const changes = await store.transact([{ type: 'put', draft, expected }, ...steps], { relaxed })
    return entryResult(200, resource, changes[0]!.entry!)
  } catch (error) {
    if (isStoreError(error, 'Conflict', 'KeyNotFound', 'KeyExists')) return undefined
    throw error
  }
}

function updateAttributes(
  { user, warnings, info }: ResourceContext,
  resource: Resource,
  object: ApiObject,
  old: ApiObject,
  dryRun: boolean,
): Attributes {
  const { namespace = '', name } = old.metadata
  const { subresource } = info
  return {
    operation: 'UPDATE',
    resource,
    subresource,
    namespace,
    name,
    object,
    old,
    user,
    dryRun,
    warnings,
  }
}
