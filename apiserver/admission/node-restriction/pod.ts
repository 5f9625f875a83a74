/** What a kubelet may do with pods: show those of its own, report on and end those it has. */
import { isDeepStrictEqual } from 'node:util'
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { mirrorPod } from '#api/rules/pods/annotations.ts'
import { configMapNames, secretNames } from '#api/rules/pods/references.ts'
import { notFound } from '#api/status.ts'
import type { AdmissionContext, Attributes } from '../admission.ts'
import { refused } from '../refusals.ts'

type Check = (attributes: Attributes, nodeName: string, context: AdmissionContext) => void

/** By subresource; others of pods are none of a kubelet's business. */
const checks: Readonly<Record<string, Check>> = {
  '': checkWhole,
  status: checkStatus,
  eviction: checkEviction,
}

export const checkPod: Check = (attributes, nodeName, context) => {
  const { subresource } = attributes
  const check = checks[subresource]
  if (check) return check(attributes, nodeName, context)
  const allowed = "only 'status' and 'eviction' are allowed"
  throw refused(attributes, `unexpected pod subresource "${subresource}", ${allowed}`)
}

function checkWhole(attributes: Attributes, nodeName: string, context: AdmissionContext): void {
  const { operation, old } = attributes
  if (operation === 'CREATE') checkNew(attributes, nodeName, context)
  else if (operation === 'DELETE') {
    if ((old as unknown as Pod).spec.nodeName === nodeName) return
    const only = 'can only delete pods with spec.nodeName set to itself'
    throw refused(attributes, `node "${nodeName}" ${only}`)
  } else {
    const only = `node "${nodeName}" can only create and delete mirror pods`
    throw refused(attributes, `unexpected operation "${operation}", ${only}`)
  }
}

function checkNew(attributes: Attributes, nodeName: string, context: AdmissionContext): void {
  const { metadata, spec } = attributes.object as unknown as Pod
  const node = JSON.stringify(nodeName)
  if (metadata.annotations?.[mirrorPod] === undefined) {
    const missing = `pod does not have "${mirrorPod}" annotation`
    throw refused(attributes, `${missing}, node ${node} can only create mirror pods`)
  }
  if (spec.nodeName !== nodeName) {
    const why = `node ${node} can only create pods with spec.nodeName set to itself`
    throw refused(attributes, why)
  }
  checkOwner(attributes, nodeName, context)
  const what = referenceOf(attributes.object as unknown as Pod)
  if (what) throw refused(attributes, `node ${node} can not create pods that reference ${what}`)
}

function checkOwner(attributes: Attributes, nodeName: string, context: AdmissionContext): void {
  const { ownerReferences = [] } = attributes.object!.metadata
  const [owner] = ownerReferences
  const only = `node "${nodeName}" can only create pods with`
  if (ownerReferences.length > 1) {
    throw refused(attributes, `${only} a single owner reference set to itself`)
  }
  const isItself = owner?.apiVersion === 'v1' && owner.kind === 'Node' && owner.name === nodeName
  if (!isItself) throw refused(attributes, `${only} an owner reference set to itself`)
  if (!owner.controller) {
    throw refused(attributes, `${only} a controller owner reference set to itself`)
  }
  if (owner.blockOwnerDeletion) {
    const why = `node "${nodeName}" must not set blockOwnerDeletion on an owner reference`
    throw refused(attributes, why)
  }
  const node = stored<Node>(context, 'nodes', '', nodeName)
  if (owner.uid !== node.metadata.uid) {
    const why = `UID mismatch: expected ${owner.uid} got ${node.metadata.uid}`
    throw refused(attributes, `node ${nodeName} ${why}`)
  }
}

/** A pod that the API did not make can lean on nothing in it. */
function referenceOf({ spec }: Pod): string | undefined {
  if (spec.serviceAccountName) return 'a service account'
  if (secretNames(spec).size) return 'secrets'
  if (configMapNames(spec).size) return 'configmaps'
  const volumes = spec.volumes ?? []
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? [])
  if (sources.some(({ clusterTrustBundle }) => clusterTrustBundle)) return 'clustertrustbundles'
  if (volumes.some((volume) => volume.persistentVolumeClaim)) return 'persistentvolumeclaims'
  return spec.resourceClaims?.length ? 'resourceclaims' : undefined
}

function checkStatus(attributes: Attributes, nodeName: string): void {
  const { operation, object, old } = attributes
  if (operation !== 'UPDATE') throw refused(attributes, `unexpected operation "${operation}"`)
  const [next, previous] = [object, old] as unknown as [Pod, Pod]
  if (previous.spec.nodeName !== nodeName) {
    const only = 'can only update pod status for pods with spec.nodeName set to itself'
    throw refused(attributes, `node "${nodeName}" ${only}`)
  }
  if (!isDeepStrictEqual(next.metadata.labels ?? {}, previous.metadata.labels ?? {})) {
    throw refused(attributes, `node "${nodeName}" cannot update labels through pod status`)
  }
  const claims = ({ status }: Pod) => status.resourceClaimStatuses ?? []
  if (!isDeepStrictEqual(claims(next), claims(previous))) {
    throw refused(attributes, `node "${nodeName}" cannot update resource claim statues`)
  }
}

function checkEviction(attributes: Attributes, nodeName: string, context: AdmissionContext): void {
  const { namespace, name } = attributes
  if (stored<Pod>(context, 'pods', namespace, name).spec.nodeName === nodeName) return
  const only = 'can only evict pods with spec.nodeName set to itself'
  throw refused(attributes, `node ${nodeName} ${only}`)
}

/** Read once for a request that kubelets rarely make. */
export function stored<T>(
  { store, resources }: AdmissionContext,
  plural: string,
  namespace: string,
  name: string,
): T {
  const resource = resources.find('', 'v1', plural)!
  const entry = store.get(resource.keyOf(namespace, name))
  if (!entry) throw notFound(resource, name)
  return resource.parse(entry) as T
}
