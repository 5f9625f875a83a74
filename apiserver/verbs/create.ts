/** POST: a new object. */

import { problemsOfNew } from '#api/check.ts'
import { applyDefaults } from '#api/defaults.ts'
import { forgetEmptyLists } from '#api/empty-lists.ts'
import { jsonCopy } from '#api/json-copy.ts'
import {
  alreadyExists,
  conflict,
  generateNameConflict,
  invalid,
  methodNotSupported,
  StatusError,
} from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import type { Attributes } from '../admission/admission.ts'
import { behaviourCall, behaviourOf } from '../behaviours.ts'
import { bornObject, clearServerFields, generatedName, placeObject } from '../lifecycle.ts'
import { trackedCreate } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { entryResult, objectResult, type Result } from '../result.ts'
import type { Draft, Entry, Step } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { requestObject } from '../wire/request-object.ts'
import { type WriteParameters, writeParameters } from '../write-options.ts'

const RETRY_SECONDS = 1
/** A generated name that is taken is drawn again; with 27^5 suffixes this is hardly ever seen. */
const NAME_DRAWS_MAX = 8
/** Other writers took what a behaviour had picked, this many times in a row. */
const ATTEMPTS_MAX = 64

export async function create(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const { info } = context
  const parameters = writeParameters(
    'CreateOptions',
    info.query,
    context.headers['user-agent'] ?? '',
  )
  const object = requestObject(context, resource.kind, parameters.fieldValidation)
  return createObject(context, parts, resource, object, parameters)
}

/** Everything behind decoding; an update or apply of a missing object goes this way too. */
export async function createObject(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
  object: ApiObject,
  parameters: WriteParameters,
): Promise<Result> {
  const { kind } = resource
  placeObject(object, resource.isNamespaced ? context.info.namespace : '')
  clearServerFields(kind, object)
  const attributes = createAttributes(context, resource, object, parameters.dryRun)
  const now = parts.clock.now()
  applyDefaults(kind.schema, object)
  if (!parameters.isTracked) trackedCreate(resource, object, parameters.fieldManager, now)
  forgetEmptyLists(kind.schema, object as never)
  await parts.admission.mutate(attributes)
  applyDefaults(kind.schema, object)
  const isGenerated = !object.metadata.name && Boolean(object.metadata.generateName)
  const birth = {
    uid: parts.random.uuid(),
    now: epochToTime(Math.floor(now / 1000)),
    suffix: (letters: number) => parts.random.suffix(letters),
  }
  bornObject(kind, object, birth)
  kind.prepareCreate?.(object as never)
  for (let draw = 1; ; draw++) {
    const result = await attemptCreate(context, parts, resource, attributes)
    if (result) return result
    const { name } = object.metadata
    if (!isGenerated) throw alreadyExists(resource, name)
    if (draw === NAME_DRAWS_MAX) throw generateNameConflict(resource, name, RETRY_SECONDS)
    object.metadata.name = generatedName(object.metadata.generateName!, birth)
  }
}

/** Undefined when the name is taken. */
async function attemptCreate(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
  attributes: CreateAttributes,
): Promise<Result | undefined> {
  const { kind } = resource
  const { dryRun, object: wanted } = attributes
  const behaviour = behaviourOf(resource)
  for (let attempt = 1; ; attempt++) {
    // What a behaviour completes belongs to one attempt: the next may be given other addresses.
    const object = behaviour?.creating ? jsonCopy(wanted) : wanted
    const call = behaviourCall(context, parts, { dryRun, subresource: '' })
    const steps = behaviour?.creating?.(object, call) ?? []
    const problems = problemsOfNew(kind, object)
    if (problems.length)
      throw invalid(resource.conversion?.stored ?? kind, object.metadata.name ?? '', problems)
    await using admitted = await parts.admission.validate({ ...attributes, object })
    const hasVersion = !['', '0', undefined].includes(object.metadata.resourceVersion)
    if (hasVersion && context.info.verb === 'create') {
      const message = 'resourceVersion should not be set on objects to be created'
      throw StatusError.withoutReason(500, message)
    }
    const warn = () => context.warnings.push(...(kind.warnings?.(object as never, undefined) ?? []))
    // Asked at the last moment: nothing is written behind the end of its resource.
    if (resource.isClosed) throw terminating(resource)
    const draft = resource.draft(object)
    if (dryRun) {
      if (parts.store.get(draft.key)) return undefined
      warn()
      return objectResult(201, resource, object)
    }
    try {
      const entry = await storeNew(parts, resource, draft, steps)
      admitted.confirm()
      warn()
      return entryResult(201, resource, entry)
    } catch (error) {
      if (!isStoreError(error, 'KeyExists', 'Conflict')) throw error
      if (error.details.key === draft.key) return undefined
      if (attempt === ATTEMPTS_MAX) throw conflict(resource, object.metadata.name)
    }
  }
}

async function storeNew(
  { store }: ServerParts,
  { relaxed }: Resource,
  draft: Draft,
  steps: readonly Step[],
): Promise<Entry> {
  if (!steps.length) return store.create(draft, { relaxed })
  const changes = await store.transact([{ type: 'put', draft, expected: 0 }, ...steps], { relaxed })
  return changes[0]!.entry!
}

function terminating(resource: Resource): StatusError {
  const { details } = methodNotSupported(resource, 'create')
  const message = 'create not allowed while custom resource definition is terminating'
  return new StatusError('MethodNotAllowed', message, details)
}

interface CreateAttributes extends Attributes {
  readonly object: ApiObject
}

function createAttributes(
  context: ResourceContext,
  resource: Resource,
  object: ApiObject,
  dryRun: boolean,
): CreateAttributes {
  return {
    operation: 'CREATE',
    resource,
    subresource: '',
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    pathName: context.info.name,
    object,
    user: context.user,
    dryRun,
    warnings: context.warnings,
  }
}
