/** Questions that plugins ask the authorizer: may this user do that, too? */
import type { Authorizer, Decision } from '../auth/authorizer.ts'
import type { User } from '../request-context.ts'

export interface Access {
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
}

const noQuery = new URLSearchParams()

export async function mayAccess(
  authorizer: Authorizer,
  user: User,
  { verb, subresource = '', namespace = '', name = '', ...what }: Access,
): Promise<Decision> {
  return await authorizer.authorize(user, {
    ...what,
    isResource: true,
    // Verbs of access are more than those of requests: approve, sign, attest, use.
    verb: verb as 'get',
    subresource,
    namespace,
    name,
    rest: '',
    path: '',
    query: noQuery,
  })
}
