/** What all questions have in common: they are read and checked like new objects, not stored. */
import { applyDefaults } from '#api/defaults.ts'
import { placeObject } from '../lifecycle.ts'
import { trackedCreate } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { ApiObject } from '../stored-object.ts'
import { requestObject } from '../wire/request-object.ts'
import { writeParameters } from '../write-options.ts'

/** The object in the body, with what the server adds to any new one. */
export async function readQuestion(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<ApiObject> {
  const { info, headers, user, warnings } = context
  const parameters = writeParameters('CreateOptions', info.query, headers['user-agent'] ?? '')
  const object = requestObject(context, resource.kind, parameters.fieldValidation)
  placeObject(object, resource.isNamespaced ? info.namespace : '')
  applyDefaults(resource.kind.schema, object)
  trackedCreate(resource, object, parameters.fieldManager, parts.clock.now())
  const { namespace = '', name = '' } = object.metadata
  const attributes = {
    operation: 'CREATE' as const,
    resource,
    subresource: '',
    namespace,
    name,
    object,
    user,
    dryRun: parameters.dryRun,
    warnings,
  }
  await using _admitted = await parts.admission.admit(attributes)
  return object
}
