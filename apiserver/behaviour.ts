/**
 * What some resources do beyond their kind: a Service takes addresses, a request for a certificate
 * notes who made it. Each is one file in `behaviours/`, and `behaviours.ts` is the list.
 */
import type { ServerParts, User } from './request-context.ts'
import type { Step } from './store/store.ts'
import type { ApiObject } from './stored-object.ts'

/** The write that a behaviour takes part in. */
export interface BehaviourCall {
  readonly parts: ServerParts
  readonly user: User
  /** Milliseconds since 1970. */
  readonly now: number
  readonly dryRun: boolean
  readonly subresource: string
}

/**
 * Hooks run before validation, on an object that has its name and uid. The steps they give are
 * stored together with the object; when another write was quicker, they are asked again.
 */
export interface Behaviour {
  /** Group and plural of the resources it belongs to, such as `services` or `deployments.apps`. */
  readonly resources: readonly string[]
  /** Completes a new object in place. */
  creating?(object: ApiObject, call: BehaviourCall): readonly Step[]
  updating?(next: ApiObject, previous: ApiObject, call: BehaviourCall): readonly Step[]
  /** When an object is really removed. */
  deleting?(object: ApiObject, call: BehaviourCall): readonly Step[]
}
