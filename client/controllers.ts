/** Starts controllers together: shared caches first, then, when these are filled, the work. */
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { Controller } from './controller.ts'
import { ControllerRun } from './controller-run.ts'
import type { EventRecorder } from './events.ts'
import type { InformerSet } from './informer-set.ts'
import type { QueueMetrics } from './queue-metrics.ts'
import type { Client } from './rest.ts'

export interface ControllerParts {
  readonly client: Client
  readonly informers: InformerSet
  /** Who reports events, for each controller in its own name. */
  readonly events: { for(component: string): EventRecorder }
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Figures for the queue of each controller. */
  readonly metrics?: (name: string) => QueueMetrics
  /** How long work that has begun may go on when the controllers are stopped. */
  readonly graceMs: number
}

export interface RunningControllers extends AsyncDisposable {
  /** None has anything to do, as far as the caches show. */
  readonly isIdle: boolean
  /** Something has failed, and waits for its next attempt. */
  readonly isRetrying: boolean
}

/** One controller at work. */
export interface ControllerWork extends AsyncDisposable {
  readonly isIdle: boolean
  readonly isRetrying: boolean
  /** Called once, when the caches are filled that were asked for before. */
  start(): void
}

/** A controller that is not about the objects of one kind, and brings a run of its own. */
export interface FreeController {
  readonly name: string
  prepare(parts: ControllerParts): ControllerWork
}

/** Resolves when all of them are at work. The signal gives up on waiting for the caches. */
export async function startControllers(
  controllers: readonly (Controller | FreeController)[],
  parts: ControllerParts,
  signal: AbortSignal,
): Promise<RunningControllers> {
  const runs: readonly ControllerWork[] = controllers.map((controller) =>
    'prepare' in controller ? controller.prepare(parts) : new ControllerRun(controller, parts),
  )
  await parts.informers.synced(signal)
  for (const run of runs) run.start()
  parts.log.info('controllers started', { controllers: controllers.map(({ name }) => name) })
  return {
    get isIdle() {
      return runs.every((run) => run.isIdle)
    },
    get isRetrying() {
      return runs.some((run) => run.isRetrying)
    },
    async [Symbol.asyncDispose]() {
      await settleAll(runs.map((run) => run[Symbol.asyncDispose]()))
    },
  }
}
