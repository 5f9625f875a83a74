/** PATCH with an applied configuration: creates the object, or makes it what is applied. */

import { decode } from '#api/decode.ts'
import { DecodeError } from '#api/decode-error.ts'
import { jsonTypeName } from '#api/go-names.ts'
import { jsonCopy } from '#api/json-copy.ts'
import { applyObject } from '#api/patch/apply.ts'
import { emptyObject, writeManagers } from '#api/patch/managed-fields.ts'
import { badRequest, conflict, notFound, StatusError } from '#api/status.ts'
import { parseYaml, YamlError } from '#api/yaml.ts'
import { placeObject } from '../lifecycle.ts'
import { timeOf, trackingOf } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Result } from '../result.ts'
import type { ApiObject } from '../stored-object.ts'
import { scopeOf } from '../update-scope.ts'
import type { WriteParameters } from '../write-options.ts'
import { createObject } from './create.ts'
import { changeObject, checkName } from './update.ts'

export async function apply(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
  parameters: WriteParameters,
): Promise<Result> {
  const { info } = context
  const wanted = new Configuration(context, parts, resource, parameters)
  const result = await changeObject(context, parts, resource, parameters, (present) =>
    wanted.applyTo(present),
  )
  if (result) return result
  if (info.subresource) throw notFound(resource, info.name)
  const object = wanted.applyTo(jsonCopy(emptyObject(resource.kind)) as ApiObject)
  const { uid } = object.metadata
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(resource, info.name, why)
  }
  // A version that somebody saw belongs to an object that is gone.
  delete (object.metadata as Partial<ApiObject['metadata']>).resourceVersion
  return createObject(context, parts, resource, object, parameters)
}

class Configuration {
  readonly #context: ResourceContext
  readonly #parts: ServerParts
  readonly #resource: Resource
  readonly #parameters: WriteParameters
  #read: { readonly config: object; readonly flaws: readonly string[] } | undefined

  constructor(
    context: ResourceContext,
    parts: ServerParts,
    resource: Resource,
    parameters: WriteParameters,
  ) {
    this.#context = context
    this.#parts = parts
    this.#resource = resource
    this.#parameters = parameters
  }

  applyTo(live: ApiObject): ApiObject {
    this.#read ??= readConfiguration(this.#context.body)
    const { config, flaws } = this.#read
    const { kind, isNamespaced } = this.#resource
    const { info } = this.#context
    checkType(config, this.#resource)
    const { object, managers } = applyObject({
      tracking: trackingOf(this.#resource, scopeOf(this.#resource, info.subresource)),
      live,
      empty: emptyObject(kind),
      config,
      writer: {
        manager: this.#parameters.fieldManager,
        subresource: info.subresource,
        time: timeOf(this.#parts.clock.now()),
      },
      force: this.#parameters.force,
    })
    this.#report(flaws)
    const next = decodedObject(this.#resource, object)
    writeManagers(next, managers)
    placeObject(next, isNamespaced ? info.namespace : '')
    checkName(next, info.name)
    return next
  }

  /** Keys that stand twice are all that can be wrong with the text and yet be applied. */
  #report(flaws: readonly string[]): void {
    const { fieldValidation } = this.#parameters
    if (!flaws.length || fieldValidation === 'Ignore') return
    const shown = `error converting YAML to JSON: yaml: unmarshal errors:\n  ${flaws.join('\n  ')}`
    if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${shown}`)
    const { warnings } = this.#context
    if (!warnings.includes(shown)) warnings.push(shown)
  }
}

function readConfiguration(body: Buffer) {
  try {
    const { value, duplicates } = parseYaml(body.toString())
    const config = value ?? {}
    if (typeof config === 'object' && !Array.isArray(config)) return { config, flaws: duplicates }
    throw badRequest(
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ' +
        `${jsonTypeName(config)} into Go value of type map[string]interface {}`,
    )
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`)
  }
}

/** An applied configuration says what it is; who owns what is not its to say. */
function checkType(config: object, { kind }: Resource): void {
  const { apiVersion, kind: name, metadata } = config as Record<string, unknown>
  if (apiVersion !== kind.apiVersion || name !== kind.kind) {
    throw badRequest(`invalid object type: ${typeName(apiVersion, name)}`)
  }
  const managedFields = (metadata as { managedFields?: unknown } | null | undefined)?.managedFields
  if (managedFields !== undefined && managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil')
  }
}

/** Group, version and kind as messages name them: `apps/v1, Kind=Deployment`. */
function typeName(apiVersion: unknown, kind: unknown): string {
  const text = typeof apiVersion === 'string' ? apiVersion : ''
  const groupAndVersion = text.includes('/') ? text : `/${text}`
  return `${groupAndVersion}, Kind=${typeof kind === 'string' ? kind : ''}`
}

function decodedObject({ kind }: Resource, value: object): ApiObject {
  try {
    const object = decode(kind.schema, value) as unknown as ApiObject
    object.kind = kind.kind
    object.apiVersion = kind.apiVersion
    return object
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const { metadata } = value as Partial<ApiObject>
    const subject = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
    throw StatusError.withoutReason(
      500,
      `failed to convert new object (${subject}; ${typeName(kind.apiVersion, kind.kind)}) ` +
        `to proper version: ${error.message}`,
    )
  }
}
