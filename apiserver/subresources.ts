/** The list of subresources: which verbs each answers, and where. */
import { methodNotAllowed, methodNotSupported, notFound } from '#api/status.ts'
import type { Handler } from './dispatch.ts'
import { notServed } from './not-served.ts'
import type { RequestVerb, ResourceRequest } from './request-info.ts'
import type { Resource } from './resources.ts'
import { attachToPod, execInPod } from './streams/command.ts'
import { podLog } from './streams/log.ts'
import { portForward } from './streams/port-forward.ts'
import { proxy } from './streams/proxy.ts'
import { bindPod } from './subresources/binding.ts'
import { evictPod } from './subresources/eviction.ts'
import { getScale, patchScale, updateScale } from './subresources/scale.ts'
import { requestToken } from './subresources/token.ts'
import { get } from './verbs/get.ts'
import { patch } from './verbs/patch.ts'
import { update } from './verbs/update.ts'

export interface Subresource {
  readonly name: string
  /** Group and plural, such as `pods` or `deployments.apps`; all that declare it unless given. */
  readonly of?: readonly string[]
  readonly verbs: Readonly<Partial<Record<RequestVerb, Handler>>>
}

const subresources: readonly Subresource[] = [
  { name: 'status', verbs: { get, patch, update } },
  { name: 'scale', verbs: { get: getScale, patch: patchScale, update: updateScale } },
  { name: 'token', of: ['serviceaccounts'], verbs: { create: requestToken } },
  { name: 'binding', of: ['pods'], verbs: { create: bindPod } },
  { name: 'eviction', of: ['pods'], verbs: { create: evictPod } },
  { name: 'ephemeralcontainers', of: ['pods'], verbs: { get, patch, update } },
  { name: 'resize', of: ['pods'], verbs: { get, patch, update } },
  { name: 'log', of: ['pods'], verbs: { get: podLog } },
  { name: 'exec', of: ['pods'], verbs: { create: execInPod, get: execInPod } },
  { name: 'attach', of: ['pods'], verbs: { create: attachToPod, get: attachToPod } },
  { name: 'portforward', of: ['pods'], verbs: { create: portForward, get: portForward } },
  {
    name: 'proxy',
    verbs: { create: proxy, delete: proxy, get: proxy, patch: proxy, update: proxy },
  },
  { name: 'finalize', of: ['namespaces'], verbs: { update } },
  {
    name: 'approval',
    of: ['certificatesigningrequests.certificates.k8s.io'],
    verbs: { get, patch, update },
  },
]

export function subresourceVerb(
  resource: Resource,
  { name: objectName, subresource: name, verb }: ResourceRequest,
): Handler {
  const declared = resource.kind.subresources?.[name]
  if (!declared) throw resource.isCustom ? notFound(resource, objectName) : notServed()
  const full = resource.group ? `${resource.plural}.${resource.group}` : resource.plural
  const found = subresources.find((each) => each.name === name && (each.of?.includes(full) ?? true))
  const handler = found?.verbs[verb]
  if (handler && declared.verbs.includes(verb as never)) return handler
  throw resource.isCustom ? methodNotSupported(resource, verb) : methodNotAllowed()
}
