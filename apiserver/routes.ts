/** Everything served that is not a resource: discovery, OpenAPI, version, health, metrics. */
import type { RequestContext, ServerParts } from './request-context.ts'
import type { Result } from './result.ts'

export interface PlainRoute {
  readonly path: string
  /** Also answers everything below its path. */
  readonly isPrefix?: true
  answer(context: RequestContext, parts: ServerParts): Result | Promise<Result>
}

export const plainRoutes: readonly PlainRoute[] = []
