/**
 * What some resources do beyond their kind: a Service takes addresses, a Binding sets a node. Each
 * is one file in `behaviours/`, and `behaviours.ts` is the list.
 */
import type { ServerParts } from './request-context.ts'
import type { Step } from './store/store.ts'
import type { ApiObject } from './stored-object.ts'

export interface Behaviour {
  /** Group and plural of the resources it belongs to, such as `services` or `deployments.apps`. */
  readonly resources: readonly string[]
  /** Completes a valid new object in place, and names what must be stored together with it. */
  creating?(object: ApiObject, parts: ServerParts, dryRun: boolean): readonly Step[]
  updating?(
    next: ApiObject,
    previous: ApiObject,
    parts: ServerParts,
    dryRun: boolean,
  ): readonly Step[]
  /** Named when an object is really removed. */
  deleting?(object: ApiObject, parts: ServerParts): readonly Step[]
}
