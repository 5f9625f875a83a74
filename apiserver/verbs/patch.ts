/** PATCH: a change to an object, said in one of four ways. */
import { jsonTypeName } from '#api/go-names.ts'
import { duplicateKeys, JsonError, parseJson } from '#api/json.ts'
import type { Kind } from '#api/kind.ts'
import { goValue } from '#api/patch/go-value.ts'
import { applyJsonPatch, decodedJsonPatch } from '#api/patch/json-patch.ts'
import { applyMergePatch, invalidMergePatch } from '#api/patch/merge-patch.ts'
import { applyStrategicPatch } from '#api/patch/strategic-patch.ts'
import { badRequest, notFound } from '#api/status.ts'
import { placeObject } from '../lifecycle.ts'
import {
  applyPatch,
  jsonPatch,
  mergePatch,
  type PatchType,
  patchParameters,
  patchTypeOf,
} from '../patch-parameters.ts'
import { type Patched, patchedObject } from '../patched-object.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Result } from '../result.ts'
import type { ApiObject } from '../stored-object.ts'
import type { FieldValidation } from '../wire/decode-body.ts'
import { apply } from './apply.ts'
import { changeObject, checkName } from './update.ts'

export async function patch(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const type = patchTypeOf(context, resource)
  const parameters = patchParameters(context, type)
  if (type === applyPatch) return apply(context, parts, resource, parameters)
  const { info } = context
  const patched = patching(context, resource.kind, type, parameters.fieldValidation)
  const change = (present: ApiObject): ApiObject => {
    const next = patched(present)
    placeObject(next, resource.isNamespaced ? info.namespace : '')
    checkName(next, info.name)
    return next
  }
  const result = await changeObject(context, parts, resource, parameters, change)
  if (!result) throw notFound(resource, info.name)
  return result
}

/** What the patch of a request makes of an object of a kind. May be called again and again. */
export function patching(
  { body, warnings }: ResourceContext,
  kind: Kind,
  type: Exclude<PatchType, typeof applyPatch>,
  level: FieldValidation,
): (present: ApiObject) => ApiObject {
  let prepared: Patcher | undefined
  // Only the warnings of the attempt that counts are sent.
  const before = warnings.length
  return (present) => {
    prepared ??= patchers[type](body, kind, level)
    warnings.length = before
    return patchedObject(kind, prepared(present), level, warnings)
  }
}

/** Patches an object that it may change. */
type Patcher = (object: ApiObject) => Patched

type Preparation = (body: Buffer, kind: Kind, level: FieldValidation) => Patcher

const patchers: Readonly<Record<Exclude<PatchType, typeof applyPatch>, Preparation>> = {
  [jsonPatch](body, _kind, level) {
    const isStrict = level !== 'Ignore'
    const value = parsed(body, isStrict ? 'error decoding patch: ' : '')
    const { operations, unknown } = decodedJsonPatch(value, isStrict)
    const flaws = [
      ...unknown.map((path) => `json patch unknown field "${path}"`),
      ...duplicates(body, value, level).map((flaw) => `json patch ${flaw}`),
    ]
    return (object) => patchedAs(applyJsonPatch(object, operations), flaws)
  },

  [mergePatch](body, _kind, level) {
    const value = parsedMergePatch(body, level)
    const flaws = duplicates(body, value, level)
    return (object) => patchedAs(applyMergePatch(object, value), flaws)
  },

  'application/strategic-merge-patch+json'(body, kind, level) {
    const value = parsed(body, '') ?? {}
    checkMap(value, '')
    const flaws = duplicates(body, value, level)
    return (object) => ({
      value: applyStrategicPatch(kind.schema, object, value as object),
      shown: () => goValue(value),
      flaws,
      isStrategic: true,
    })
  },
}

const patchedAs = (value: unknown, flaws: readonly string[]): Patched => ({
  value,
  shown: () => JSON.stringify(value),
  flaws,
})

/** `prefix`: what stands before the reason why the text is no JSON. */
function parsed(body: Buffer, prefix: string): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    throw error instanceof JsonError ? badRequest(prefix + error.message) : error
  }
}

/** Whoever does not care for flaws is not told what is wrong with the patch either. */
function parsedMergePatch(body: Buffer, level: FieldValidation): unknown {
  if (level !== 'Ignore') {
    const value = parsed(body, 'error decoding patch: ')
    if (value === null) throw invalidMergePatch()
    checkMap(value, 'error decoding patch: ')
    return value
  }
  try {
    return parseJson(body)
  } catch (error) {
    throw error instanceof JsonError ? invalidMergePatch() : error
  }
}

function checkMap(value: unknown, prefix: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw badRequest(
    `${prefix}json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ` +
      'map[string]interface {}',
  )
}

const duplicates = (body: Buffer, value: unknown, level: FieldValidation): string[] =>
  level === 'Ignore' ? [] : duplicateKeys(body, value).map((path) => `duplicate field "${path}"`)
