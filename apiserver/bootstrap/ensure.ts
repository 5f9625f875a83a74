/** Makes objects of the server's own: created when missing, else left as users made them. */
import { decode } from '#api/decode.ts'
import { isReason } from '#api/status.ts'
import type { ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { selfContext, selfParameters } from '../self.ts'
import type { ApiObject } from '../stored-object.ts'
import { createObject } from '../verbs/create.ts'
import { changeObject } from '../verbs/update.ts'

export interface Wanted {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** Answers whether the object had to be created. */
export async function ensure(parts: ServerParts, wanted: Wanted): Promise<boolean> {
  const resource = resourceFor(parts, wanted)
  const { name, namespace = '' } = wanted.metadata
  if (parts.store.get(resource.keyOf(namespace, name))) return false
  const context = selfContext(resource, 'create', namespace, '')
  try {
    await createObject(context, parts, resource, objectOf(resource, wanted), selfParameters)
    return true
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
    return false
  }
}

/** The object with these fields, whatever it was before. */
export async function enforce(
  parts: ServerParts,
  wanted: Wanted,
  subresource: '' | 'status' = '',
): Promise<void> {
  if (!subresource && (await ensure(parts, wanted))) return
  const resource = resourceFor(parts, wanted)
  const { name, namespace = '' } = wanted.metadata
  const { kind: _, apiVersion: __, metadata, ...fields } = objectOf(resource, wanted)
  const context = selfContext(resource, 'update', namespace, name, subresource)
  await changeObject(context, parts, resource, selfParameters, (present) => ({
    ...present,
    ...fields,
    metadata: { ...present.metadata, labels: { ...present.metadata.labels, ...metadata.labels } },
  }))
}

function objectOf(resource: Resource, wanted: Wanted): ApiObject {
  const object = decode(resource.kind.schema, wanted) as unknown as ApiObject
  return { ...object, kind: wanted.kind, apiVersion: wanted.apiVersion }
}

function resourceFor({ resources }: ServerParts, { apiVersion, kind }: Wanted): Resource {
  for (const resource of resources.all()) {
    if (resource.kind.kind === kind && resource.kind.apiVersion === apiVersion) return resource
  }
  throw new Error(`bootstrap: no resource is served for "${apiVersion}, Kind=${kind}"`)
}
