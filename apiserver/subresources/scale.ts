/** The scale subresource: how many pods a workload has and should have, whatever its kind. */
import { applyDefaults } from '#api/defaults.ts'
import type { Kind } from '#api/kind.ts'
import { Scale } from '#api/kinds/autoscaling/scale.ts'
import { formatSelector, selectorFromLabels, selectorFromObject } from '#api/label-selector.ts'
import { Path, Problems } from '#api/problems.ts'
import { badRequest, internalError, invalid, notFound } from '#api/status.ts'
import { validate } from '#api/validate.ts'
import { parseYaml } from '#api/yaml.ts'
import { placeObject } from '../lifecycle.ts'
import { applyPatch, patchParameters, patchTypeOf } from '../patch-parameters.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { ObjectResult, Result } from '../result.ts'
import { awaitRevision } from '../revisions.ts'
import type { ApiObject } from '../stored-object.ts'
import { apply } from '../verbs/apply.ts'
import { patching } from '../verbs/patch.ts'
import { changeObject, checkName } from '../verbs/update.ts'
import { requestObject } from '../wire/request-object.ts'
import { type WriteParameters, writeParameters } from '../write-options.ts'

export async function getScale(
  { info }: ResourceContext,
  { store }: ServerParts,
  resource: Resource,
): Promise<Result> {
  await awaitRevision(store, info.query.get('resourceVersion'))
  const entry = store.get(resource.keyOf(resource.isNamespaced ? info.namespace : '', info.name))
  if (!entry) throw notFound(scaleName(resource), info.name)
  const object = resource.parse(entry)
  if (resource.isCustom) checkReplicas(resource.kind, object)
  return shown(resource.kind, object)
}

/** A custom resource may lack the field that its scale is about. */
function checkReplicas({ scale }: Kind, object: ApiObject): void {
  const path = scale!.specReplicas
  if (at(object, path) !== undefined) return
  throw internalError(`the spec replicas field ".${path}" does not exist`)
}

/** A workload that is missing is reported as the scale that is. */
function scaleName({ group, plural, isCustom }: Resource) {
  if (isCustom) return { group, plural }
  return { group: group || Scale.group, plural: `${plural}/scale` }
}

export async function updateScale(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const { info, headers } = context
  const agent = headers['user-agent'] ?? ''
  const parameters = writeParameters('UpdateOptions', info.query, agent)
  const scale = requestObject(context, Scale as Kind, parameters.fieldValidation)
  checkName(scale, info.name)
  placeObject(scale, resource.isNamespaced ? info.namespace : '')
  const isPinned = Boolean(scale.metadata.resourceVersion)
  return changeScale(context, parts, resource, isPinned ? parameters : unpinned(parameters), () =>
    structuredClone(scale),
  )
}

const unpinned = (parameters: WriteParameters): WriteParameters => ({
  ...parameters,
  isPatch: true,
})

export async function patchScale(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const type = patchTypeOf(context, resource)
  const parameters = patchParameters(context, type)
  if (type === applyPatch) return applyScale(context, parts, resource, parameters)
  const { info } = context
  const patched = patching(context, Scale as Kind, type, parameters.fieldValidation)
  return changeScale(context, parts, resource, parameters, (present) => {
    const scale = patched(scaleOf(resource.kind, present))
    placeObject(scale, resource.isNamespaced ? info.namespace : '')
    checkName(scale, info.name)
    return scale
  })
}

async function changeScale(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
  parameters: WriteParameters,
  wanted: (present: ApiObject) => ApiObject,
): Promise<Result> {
  const { info } = context
  const result = await changeObject(context, parts, resource, parameters, (present) => {
    const scale = wanted(present)
    applyDefaults(Scale.schema, scale as never)
    const problems = new Problems()
    validate(Scale.schema, scale as never, problems)
    if (resource.isCustom) checkCustomScale(resource.kind, scale)
    if (problems.list.length) throw invalid(Scale, info.name, problems.list)
    const { uid, resourceVersion } = scale.metadata
    if (uid) present.metadata.uid = uid
    if (resourceVersion) present.metadata.resourceVersion = resourceVersion
    setAt(present, resource.kind.scale!.specReplicas, (scale.spec as Scale['spec']).replicas ?? 0)
    return present
  })
  if (!result) throw notFound(resource, info.name)
  return shownResult(resource, result)
}

/** What is wrong with the scale of a custom resource is wrong with a field that its kind names. */
function checkCustomScale(kind: Kind, { metadata, spec }: ApiObject): void {
  const replicas = (spec as Scale['spec']).replicas ?? 0
  if (replicas >= 0) return
  const problems = new Problems()
  const at = Path.root.child(`.${kind.scale!.specReplicas}`)
  problems.invalid(at, replicas, 'should be a non-negative integer')
  throw invalid(kind, metadata.name, problems.list)
}

/** What is applied to the scale is applied to the one field of the workload behind it. */
async function applyScale(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
  parameters: WriteParameters,
): Promise<Result> {
  const { kind } = resource
  const { value } = parseYaml(context.body.toString())
  const { apiVersion, kind: name, metadata, spec } = (value ?? {}) as Partial<Scale>
  if (apiVersion !== Scale.apiVersion || name !== Scale.kind) {
    throw badRequest(`invalid object type: ${apiVersion ?? ''}, Kind=${name ?? ''}`)
  }
  const config = { apiVersion: kind.apiVersion, kind: kind.kind, metadata } as object as ApiObject
  if (spec?.replicas !== undefined) setAt(config, kind.scale!.specReplicas, spec.replicas)
  const body = Buffer.from(JSON.stringify(config))
  const result = await apply({ ...context, body }, parts, resource, parameters)
  return shownResult(resource, result)
}

function shownResult(resource: Resource, result: Result): Result {
  if (result.type === 'entry') return shown(resource.kind, resource.parse(result.entry))
  return result.type === 'object' ? shown(resource.kind, result.object as ApiObject) : result
}

const shown = (kind: Kind, object: ApiObject): ObjectResult => ({
  type: 'object',
  status: 200,
  kind: Scale as Kind,
  object: scaleOf(kind, object),
})

function scaleOf({ scale }: Kind, object: ApiObject): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = Number(at(object, scale!.specReplicas) ?? 0)
  const selector = selectorText(scale!.selector ? at(object, scale!.selector) : undefined)
  return {
    kind: Scale.kind,
    apiVersion: Scale.apiVersion,
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    } as ApiObject['metadata'],
    spec: replicas ? { replicas } : {},
    status: {
      replicas: Number(at(object, scale!.statusReplicas) ?? 0),
      ...(selector && { selector }),
    },
  }
}

/** Selectors are text already, maps of labels, or objects with expressions. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector
  if (typeof selector !== 'object' || selector === null) return ''
  const isObject = 'matchLabels' in selector || 'matchExpressions' in selector
  return formatSelector(
    isObject ? selectorFromObject(selector as never) : selectorFromLabels(selector as never),
  )
}

function at(object: object, path: string): unknown {
  let value: unknown = object
  for (const name of stepsOf(path)) value = (value as Record<string, unknown> | undefined)?.[name]
  return value
}

function setAt(object: object, path: string, value: unknown): void {
  const steps = stepsOf(path)
  let parent = object as Record<string, unknown>
  for (const name of steps.slice(0, -1)) {
    parent[name] ??= {}
    parent = parent[name] as Record<string, unknown>
  }
  parent[steps.at(-1)!] = value
}

const stepsOf = (path: string): string[] => path.split('.').filter(Boolean)
