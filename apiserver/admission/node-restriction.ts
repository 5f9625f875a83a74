/** NodeRestriction: a kubelet changes its own Node and the pods bound to it, and nothing else. */
import { isDeepStrictEqual } from 'node:util'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { ResourceSlice } from '#api/kinds/resource/resource-slice.ts'
import { qualified } from '#api/status.ts'
import type { User } from '../request-context.ts'
import type { AdmissionContext, AdmissionPlugin, Attributes } from './admission.ts'
import { checkNode } from './node-restriction/node.ts'
import { checkPod } from './node-restriction/pod.ts'
import { checkToken } from './node-restriction/token.ts'
import { checkVolume } from './node-restriction/volume.ts'
import { refused } from './refusals.ts'

type Check = (attributes: Attributes, nodeName: string, context: AdmissionContext) => unknown

/** By plural and group; what is not listed is left to authorisation. */
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['pods', checkPod],
  ['nodes', checkNode],
  ['persistentvolumeclaims', checkClaim],
  ['persistentvolumes', checkVolume],
  ['serviceaccounts', checkToken],
  ['leases.coordination.k8s.io', checkLease],
  ['csinodes.storage.k8s.io', checkCsiNode],
  ['resourceslices.resource.k8s.io', checkSlice],
])

export const nodeRestriction = (context: AdmissionContext): AdmissionPlugin => ({
  name: 'NodeRestriction',
  handles: ({ operation, user, resource }) =>
    operation !== 'CONNECT' &&
    user.groups.includes('system:nodes') &&
    user.name.startsWith(NODE_PREFIX) &&
    checks.has(qualified(resource)),
  // Before anything is filled in that the kubelet did not say.
  async mutate(attributes) {
    const nodeName = nodeOf(attributes.user)
    if (!nodeName) {
      const user = JSON.stringify(attributes.user.name)
      throw refused(attributes, `could not determine node from user ${user}`)
    }
    await checks.get(qualified(attributes.resource))!(attributes, nodeName, context)
  },
})

const NODE_PREFIX = 'system:node:'

const nodeOf = ({ name }: User): string => name.slice(NODE_PREFIX.length)

function checkClaim(attributes: Attributes, nodeName: string): void {
  const { subresource, operation, object, old } = attributes
  if (subresource !== 'status') throw refused(attributes, 'may only update PVC status')
  if (operation !== 'UPDATE') throw refused(attributes, `unexpected operation "${operation}"`)
  const [next, previous] = [object, old] as unknown as PersistentVolumeClaim[]
  if (isDeepStrictEqual(fixedPart(next!), fixedPart(previous!))) return
  const may = 'status.capacity and status.conditions'
  const why = `node "${nodeName}" is not allowed to update fields other than ${may}`
  throw refused(attributes, why)
}

/** What resizing a volume leaves alone. */
function fixedPart({ metadata, status, ...rest }: PersistentVolumeClaim): object {
  const { resourceVersion: _, managedFields: __, ...meta } = metadata
  const {
    capacity: ___,
    conditions: ____,
    allocatedResources: _____,
    allocatedResourceStatuses: ______,
    ...kept
  } = status
  return { ...rest, metadata: meta, status: kept }
}

function checkLease(attributes: Attributes, nodeName: string): void {
  if (attributes.namespace !== 'kube-node-lease') {
    const why = 'can only access leases in the "kube-node-lease" system namespace'
    throw refused(attributes, why)
  }
  if (nameIn(attributes) !== nodeName) {
    const why = 'can only access node lease with the same name as the requesting node'
    throw refused(attributes, why)
  }
}

function checkCsiNode(attributes: Attributes, nodeName: string): void {
  if (nameIn(attributes) === nodeName) return
  const why = 'can only access CSINode with the same name as the requesting node'
  throw refused(attributes, why)
}

function checkSlice(attributes: Attributes, nodeName: string): void {
  const { operation, object, old } = attributes
  const slice = (object ?? old) as unknown as ResourceSlice
  if (slice.spec.nodeName === nodeName) return
  const verb = { CREATE: 'create', UPDATE: 'update', DELETE: 'delete', CONNECT: '' }[operation]
  const why = `can only ${verb} ResourceSlice with the same NodeName as the requesting node`
  throw refused(attributes, why)
}

const nameIn = ({ name, object }: Attributes): string => name || (object?.metadata.name ?? '')
