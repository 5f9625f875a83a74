/** What a request to a kubelet is, in the words of RBAC: a verb and a part of the node. */

export interface Attributes {
  readonly verb: string
  /** One of them is enough; tried in this order. */
  readonly subresources: readonly string[]
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Paths with a permission of their own alone. */
const own: readonly (readonly [path: string, subresource: string])[] = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/checkpoint', 'checkpoint'],
]
/** Paths that a permission for everything opens too. */
const fine: readonly (readonly [path: string, subresource: string])[] = [
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
  ['/pods', 'pods'],
  ['/runningpods', 'pods'],
]

export function attributesOf(method: string, path: string): Attributes {
  const verb = verbs[method] ?? ''
  const isAt = ([root]: readonly [string, string]): boolean =>
    path === root || path.startsWith(`${root}/`)
  const single = own.find(isAt)
  if (single) return { verb, subresources: [single[1]] }
  const either = fine.find(isAt)
  return { verb, subresources: either ? [either[1], 'proxy'] : ['proxy'] }
}
