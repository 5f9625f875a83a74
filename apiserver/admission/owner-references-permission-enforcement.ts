/**
 * OwnerReferencesPermissionEnforcement: who makes the garbage collector delete an object, or wait
 * for it, could do so himself.
 */
import { isDeepStrictEqual } from 'node:util'
import type { OwnerReference } from '#api/parts/meta/object-meta.ts'
import { qualified } from '#api/status.ts'
import type { Resource, ResourceTable } from '../resources.ts'
import { type Access, mayAccess } from './access.ts'
import type { AdmissionContext, AdmissionPlugin, Attributes } from './admission.ts'
import { refused } from './refusals.ts'

export const ownerReferencesPermissionEnforcement = (
  context: AdmissionContext,
): AdmissionPlugin => ({
  name: 'OwnerReferencesPermissionEnforcement',
  handles: ({ operation, resource, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') &&
    // The owners of a pod cannot change with its status.
    !(qualified(resource) === 'pods' && subresource === 'status'),
  async validate(attributes) {
    const [next, previous] = [ownersOf(attributes.object), ownersOf(attributes.old)]
    if (isDeepStrictEqual(next, previous)) return
    await checkOwn(context, attributes)
    for (const owner of newBlocking(next, previous)) await checkOwner(context, attributes, owner)
  },
})

const ownersOf = (object: Attributes['object']): readonly OwnerReference[] =>
  object?.metadata?.ownerReferences ?? []

/** Those that begin to hold their owner back. */
function newBlocking(
  next: readonly OwnerReference[],
  previous: readonly OwnerReference[],
): OwnerReference[] {
  const blocked = new Set(previous.filter((each) => each.blockOwnerDeletion).map(({ uid }) => uid))
  return next.filter(({ blockOwnerDeletion, uid }) => blockOwnerDeletion && !blocked.has(uid))
}

async function checkOwn(context: AdmissionContext, attributes: Attributes): Promise<void> {
  const { resource, subresource, namespace, name, user } = attributes
  const { group, version, plural } = resource
  const what = { verb: 'delete', group, version, resource: plural, subresource, namespace, name }
  const { allowed, reason = '' } = await mayAccess(context.authorizer, user, what)
  if (allowed) return
  throw refused(
    attributes,
    `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`,
  )
}

async function checkOwner(
  { authorizer, resources }: AdmissionContext,
  attributes: Attributes,
  owner: OwnerReference,
): Promise<void> {
  const { apiVersion, kind, name } = owner
  const found = resourcesFor(resources, apiVersion, kind)
  if (!found.length) {
    throw refused(
      attributes,
      'cannot set blockOwnerDeletion in this case because ' +
        `cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: ` +
        `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
    )
  }
  for (const { group, version, plural, isNamespaced } of found) {
    const namespace = isNamespaced ? attributes.namespace : ''
    const what = { verb: 'update', group, version, resource: plural, namespace, name }
    const access: Access = { ...what, subresource: 'finalizers' }
    const { allowed, reason = '' } = await mayAccess(authorizer, attributes.user, access)
    if (allowed) continue
    const why =
      'cannot set blockOwnerDeletion if an ownerReference refers to a resource ' +
      "you can't set finalizers on"
    throw refused(attributes, `${why}: ${reason}, <nil>`)
  }
}

const resourcesFor = (table: ResourceTable, apiVersion: string, kind: string): Resource[] =>
  [...table.all()].filter((each) => each.kind.apiVersion === apiVersion && each.kind.kind === kind)
