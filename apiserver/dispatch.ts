/** From what a request asks for to the verb that answers it. */
import { methodNotAllowed } from '#api/status.ts'
import { notServed } from './not-served.ts'
import type { RequestContext, ResourceContext, ServerParts } from './request-context.ts'
import type { RequestVerb } from './request-info.ts'
import type { Resource } from './resources.ts'
import type { Result } from './result.ts'
import { plainAnswer } from './routes.ts'
import { subresourceVerb } from './subresources.ts'
import { create } from './verbs/create.ts'
import { deleteOne } from './verbs/delete.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { get } from './verbs/get.ts'
import { list } from './verbs/list.ts'
import { patch } from './verbs/patch.ts'
import { update } from './verbs/update.ts'
import { watch } from './verbs/watch.ts'
import { virtualAnswer } from './virtual-kinds.ts'
import { MULTIPLEX_PATH, Multiplex } from './watch/multiplex.ts'
import { acceptWebSocket } from './watch/web-socket.ts'

export type Handler = (
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
) => Promise<Result>

const verbs: Readonly<Record<RequestVerb, Handler>> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: deleteOne,
  deletecollection: deleteCollection,
}

export async function dispatch(context: RequestContext, parts: ServerParts): Promise<Result> {
  const { info } = context
  if (info.path === MULTIPLEX_PATH) return multiplexed(context, parts)
  if (!info.isResource) return plainAnswer(context, parts)
  const { group, version, resource: plural, subresource } = info
  const resource = parts.resources.find(group, version, plural)
  if (!resource) return plainAnswer(context, parts)
  const of = context as ResourceContext
  if (resource.isCustom && isOutOfScope(of, resource)) return plainAnswer(context, parts)
  checkNamespace(of, resource)
  const handler = subresource ? subresourceVerb(resource, info) : verbOf(of, resource)
  // What is not served at all is not warned about.
  if (resource.deprecation !== undefined) context.warnings.push(resource.deprecation)
  return handler(of, parts, resource)
}

function verbOf(context: ResourceContext, resource: Resource): Handler {
  const { verb } = context.info
  if (!resource.kind.verbs.includes(verb) || isMisplaced(context)) throw methodNotAllowed()
  return virtualAnswer(resource) ?? verbs[verb]
}

/** The socket over which a caller has all of its watches. */
const multiplexed = (context: RequestContext, parts: ServerParts): Result => ({
  type: 'takeover',
  async run(response, request) {
    const socket = await acceptWebSocket(context, request, response, parts.clock)
    await new Multiplex(context, parts, socket, dispatch).serve()
  },
})

/** One creates in a collection, and changes what is in it. */
function isMisplaced({ info: { verb, name } }: ResourceContext): boolean {
  return name ? verb === 'create' : verb === 'update' || verb === 'patch'
}

/** Nobody answers for custom resources where they are not, inside or outside of namespaces. */
function isOutOfScope({ info }: ResourceContext, { isNamespaced }: Resource): boolean {
  if (!isNamespaced) return info.namespace !== ''
  return info.namespace === '' && info.verb !== 'list' && info.verb !== 'watch'
}

/** Objects with a namespace are made and named below it; those without are never. */
function checkNamespace({ info }: ResourceContext, resource: Resource): void {
  const isPlaced = info.namespace !== '' && info.resource !== 'namespaces'
  if (!resource.isNamespaced) {
    if (isPlaced) throw notServed()
    return
  }
  if (isPlaced) return
  if (info.name) throw notServed()
  // Across namespaces there is only looking.
  if (info.verb !== 'list' && info.verb !== 'watch') throw methodNotAllowed()
}
