/** What a controller is: which objects it is about, what else concerns it, and what it does. */
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { CacheReader } from './cache.ts'
import type { EventRecorder } from './events.ts'
import type { Change } from './informer.ts'
import type { ApiObject, Reference, Resource } from './resource.ts'
import type { Client, Selectors } from './rest.ts'

/** A resource of any kind, for lists of them. */
export type ObjectResource = Resource<ApiObject, unknown>

export interface CacheAccess {
  /** Objects of a kind that the controller names, as seen last. Nobody may change them. */
  cached<S extends ApiObject>(kind: Resource<S, unknown>): CacheReader<S>
}

export interface ReconcileContext extends CacheAccess {
  /** What it writes is seen in the caches before the same key is looked at again. */
  readonly client: Client
  readonly events: EventRecorder
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  /** Aborted when the controller has to stop at once. */
  readonly signal: AbortSignal
}

/** When to look again although nothing has changed; never, unless it is said. */
export interface Outcome {
  readonly requeueAfterMs?: number | undefined
}

// biome-ignore lint/suspicious/noConfusingVoidType: a function that just ends is the usual case.
export type Reconciled = Promise<Outcome | undefined | void>

/** Another kind whose changes concern objects of the controller's own kind. */
export interface Watched {
  readonly kind: ObjectResource
  readonly references: (change: Change<never>, access: CacheAccess) => Iterable<Reference>
}

/** Of a kind, the only objects that a controller asks for. */
export interface Selected {
  readonly kind: ObjectResource
  readonly selectors: Selectors
}

export interface ControllerOptions<S extends ApiObject> {
  readonly name: string
  /** In whose name it reports events; its own unless another is given. */
  readonly component?: string
  readonly for: Resource<S, unknown>
  /** Kinds of objects that have one of ours as their controller. */
  readonly owns?: readonly ObjectResource[]
  readonly watches?: readonly Watched[]
  /** Kinds that it looks at, and whose changes are no reason to act. */
  readonly reads?: readonly ObjectResource[]
  /** Where a few objects of a kind are enough; of all other kinds it sees everything. */
  readonly selected?: readonly Selected[]
  /** How many objects are worked on at once. */
  readonly workers?: number
  /**
   * Brings the world nearer to what the object wants, from what is there and not from what
   * happened. Whatever it throws makes the object come again, later each time.
   */
  readonly reconcile: (object: S, context: ReconcileContext) => Reconciled
  /** The object is not there any more; nothing by default. */
  readonly removed?: (reference: Reference, context: ReconcileContext) => Reconciled
}

/** A controller of any kind of object. */
export interface Controller extends Omit<ControllerOptions<ApiObject>, 'reconcile'> {
  readonly reconcile: (object: never, context: ReconcileContext) => Reconciled
}

/** As upstream: what most of its controllers are started with. */
export const DEFAULT_WORKERS = 5

export function defineController<S extends ApiObject>(options: ControllerOptions<S>): Controller {
  return options
}

/** `watches: [watching(Node, (node, { cached }) => …)]`: which of our objects a change concerns. */
export function watching<S extends ApiObject>(
  kind: Resource<S, unknown>,
  concerned: (object: S, access: CacheAccess) => Iterable<Reference>,
): Watched {
  return {
    kind,
    *references({ object, previous }: Change<S>, access) {
      yield* concerned(object, access)
      // What it concerned before the change is concerned by the change, too.
      if (previous) yield* concerned(previous, access)
    },
  }
}
