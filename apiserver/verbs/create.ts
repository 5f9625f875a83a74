/** POST: a new object. */
import { problemsOfNew } from '#api/check.ts'
import { applyDefaults } from '#api/defaults.ts'
import { alreadyExists, generateNameConflict, invalid } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import type { Attributes } from '../admission/admission.ts'
import { bornObject, placeObject } from '../lifecycle.ts'
import { trackedCreate } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { entryResult, objectResult, type Result } from '../result.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { requestObject } from '../wire/request-object.ts'
import { type WriteParameters, writeParameters } from '../write-options.ts'

const RETRY_SECONDS = 1
/** A generated name that is taken is drawn again; with 27^5 suffixes this is hardly ever seen. */
const NAME_DRAWS_MAX = 8

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
  const attributes = createAttributes(context, resource, object, parameters.dryRun)
  const now = parts.clock.now()
  trackedCreate(resource, object, parameters.fieldManager, now)
  await parts.admission.mutate(attributes)
  applyDefaults(kind.schema, object)
  kind.prepareCreate?.(object as never)
  for (let draw = 1; ; draw++) {
    const isGenerated = !object.metadata.name && object.metadata.generateName !== undefined
    bornObject(kind, object, {
      uid: parts.random.uuid(),
      now: epochToTime(Math.floor(now / 1000)),
      suffix: (letters) => parts.random.suffix(letters),
    })
    const problems = problemsOfNew(kind, object)
    if (problems.length) throw invalid(kind, object.metadata.name ?? '', problems)
    await parts.admission.validate(attributes)
    context.warnings.push(...(kind.warnings?.(object as never, undefined) ?? []))
    try {
      return await stored(parts, resource, object, parameters.dryRun)
    } catch (error) {
      if (!isStoreError(error, 'KeyExists')) throw error
      const { name } = object.metadata
      if (!isGenerated) throw alreadyExists(resource, name)
      if (draw === NAME_DRAWS_MAX) throw generateNameConflict(resource, name, RETRY_SECONDS)
      object.metadata.name = ''
    }
  }
}

function createAttributes(
  context: ResourceContext,
  resource: Resource,
  object: ApiObject,
  dryRun: boolean,
): Attributes {
  return {
    operation: 'CREATE',
    resource,
    subresource: '',
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    object,
    user: context.user,
    dryRun,
    warnings: context.warnings,
  }
}

async function stored(
  { store }: ServerParts,
  resource: Resource,
  object: ApiObject,
  dryRun: boolean,
): Promise<Result> {
  const draft = resource.draft(object)
  if (!dryRun) {
    const entry = await store.create(draft, { relaxed: resource.relaxed })
    return entryResult(201, resource, entry)
  }
  if (store.get(draft.key)) throw alreadyExists(resource, object.metadata.name)
  return objectResult(201, resource, object)
}
