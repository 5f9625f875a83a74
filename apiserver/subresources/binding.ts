/** Binding: a pod is given to a node, once. */

import type { Kind } from '#api/kind.ts'
import { Binding, type Binding as BindingObject } from '#api/kinds/core/binding.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { Status } from '#api/kinds/meta/status.ts'
import { Path, Problems } from '#api/problems.ts'
import { badRequest, conflict, notFound, type ResourceName, StatusError } from '#api/status.ts'
import { placeObject } from '../lifecycle.ts'
import { timeOf } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Result } from '../result.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { requestObject } from '../wire/request-object.ts'
import { writeParameters } from '../write-options.ts'

const ATTEMPTS_MAX = 64
/** As messages name it. */
const bindings: ResourceName = { group: '', plural: 'pods/binding' }

/** For both forms: POST to `pods/NAME/binding`, and to the older `bindings`. */
export async function bindPod(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const { info, headers, user, warnings } = context
  const parameters = writeParameters('CreateOptions', info.query, headers['user-agent'] ?? '')
  const object = requestObject(context, Binding as Kind, parameters.fieldValidation)
  placeObject(object, info.namespace)
  const { name } = object.metadata
  if (info.name && info.name !== name) {
    throw badRequest('name in URL does not match name in Binding object')
  }
  checkTarget(object as unknown as BindingObject)
  await parts.admission.admit({
    operation: 'CREATE',
    resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name,
    object,
    user,
    dryRun: parameters.dryRun,
    warnings,
  })
  await assign(parts, object as unknown as BindingObject, parameters.dryRun)
  return success(201)
}

export const success = (code: number): Result => ({
  type: 'object',
  status: code,
  kind: Status as Kind,
  object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code },
})

function checkTarget({ target }: BindingObject): void {
  const problems = new Problems()
  const at = Path.root.child('target')
  if (target.kind && target.kind !== 'Node') {
    problems.notSupported(at.child('kind'), target.kind, ['Node', '<empty>'])
  }
  if (!target.name) problems.required(at.child('name'))
  const texts = problems.list.map(({ field, message }) => `${field}: ${message}`)
  if (!texts.length) return
  const message = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
  throw StatusError.withoutReason(500, message)
}

async function assign(
  { store, resources, clock }: ServerParts,
  { metadata, target }: BindingObject,
  dryRun: boolean,
): Promise<void> {
  const pods = resources.find('', 'v1', 'pods')!
  const key = pods.keyOf(metadata.namespace ?? '', metadata.name)
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const entry = store.get(key)
    if (!entry) throw notFound(pods, metadata.name)
    const object = pods.parse(entry)
    const refusal = refusalOf(object as unknown as Pod, metadata)
    if (refusal) throw conflict(bindings, metadata.name, refusal)
    if (dryRun) return
    bind(object as unknown as Pod, metadata, target.name ?? '', timeOf(clock.now()))
    try {
      await store.update(pods.draft(object), entry.revision)
      return
    } catch (error) {
      if (!isStoreError(error, 'Conflict', 'KeyNotFound')) throw error
    }
  }
  throw conflict(bindings, metadata.name)
}

type Metadata = ApiObject['metadata']

function refusalOf({ metadata, spec }: Pod, wanted: Metadata): string | undefined {
  const { uid, resourceVersion } = wanted
  if (uid && uid !== metadata.uid) {
    return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    return (
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ` +
      `ResourceVersion in object meta: ${metadata.resourceVersion}`
    )
  }
  if (metadata.deletionTimestamp) {
    return `pod ${metadata.name} is being deleted, cannot be assigned to a host`
  }
  if (spec.nodeName) {
    return `pod ${metadata.name} is already assigned to node ${JSON.stringify(spec.nodeName)}`
  }
  return spec.schedulingGates?.length
    ? `pod ${metadata.name} has non-empty .spec.schedulingGates`
    : undefined
}

/** The binding brings annotations along, and labels that the pod does not have. */
function bind(pod: Pod, { annotations, labels }: Metadata, nodeName: string, now: string): void {
  const { metadata, spec, status } = pod
  spec.nodeName = nodeName
  if (annotations) metadata.annotations = { ...metadata.annotations, ...annotations }
  if (labels) metadata.labels = { ...labels, ...metadata.labels }
  delete status.nominatedNodeName
  const known = status.conditions ?? []
  const old = known.find(({ type }) => type === 'PodScheduled')
  const scheduled = {
    type: 'PodScheduled',
    ...(metadata.generation && { observedGeneration: metadata.generation }),
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: old?.status === 'True' ? old.lastTransitionTime : now,
  } as NonNullable<Pod['status']['conditions']>[number]
  status.conditions = old
    ? known.map((each) => (each === old ? scheduled : each))
    : [...known, scheduled]
}
