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

/** Resolves when all of them are at work. The signal gives up on waiting for the caches. */
export async function startControllers(
  controllers: readonly Controller[],
  parts: ControllerParts,
  signal: AbortSignal,
): Promise<RunningControllers> {
  const runs = controllers.map((controller) => new ControllerRun(controller, parts))
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
