/** Authorisation: may this user do that? */

import type { User } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

export interface Decision {
  readonly allowed: boolean
  readonly reason?: string
}

export interface Authorizer {
  authorize(user: User, info: RequestInfo): Promise<Decision> | Decision
}

/** Paths that tell nobody anything worth keeping. */
const openPaths = new Set(['/healthz', '/livez', '/readyz', '/version'])
const openPrefixes = ['/healthz/', '/livez/', '/readyz/', '/version/']

const isOpen = (path: string): boolean =>
  openPaths.has(path) || openPrefixes.some((prefix) => path.startsWith(prefix))

/** Everybody who is known may do everything; the others may ask for health and version. */
export const allowKnownUsers: Authorizer = {
  authorize(user, info) {
    const isKnown = !user.groups.includes('system:unauthenticated')
    return { allowed: isKnown || (!info.isResource && isOpen(info.path)) }
  },
}
