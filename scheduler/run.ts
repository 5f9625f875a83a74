/** Runs the scheduler over caches of its own until told to stop. */
import { SeriesReporter } from '#client/event-series.ts'
import { InformerSet } from '#client/informer-set.ts'
import { MultiplexedWatches } from '#client/multiplex.ts'
import type { DebugPage } from './debug-page.ts'
import { Scheduler, type SchedulerParts } from './scheduler.ts'

export interface RunParts extends Omit<SchedulerParts, 'informers' | 'events'> {
  /** Tells this replica from others in the events that it reports. */
  readonly instance: string
  readonly debugPage?: DebugPage
}

export async function runScheduler(parts: RunParts, signal: AbortSignal): Promise<void> {
  const { client, clock, random, log, instance, profiles } = parts
  await using stack = new AsyncDisposableStack()
  const transport = stack.use(new MultiplexedWatches(client.connection))
  const informers = stack.use(new InformerSet({ client, transport, clock, random, log }))
  const reporters = new Map(
    profiles.map(({ schedulerName: controller }) => [
      controller,
      stack.use(new SeriesReporter({ client, clock, log, controller, instance })),
    ]),
  )
  const events = (name: string): SeriesReporter => reporters.get(name)!
  const scheduler = stack.use(new Scheduler({ ...parts, informers, events }))
  parts.metrics?.watch(scheduler.queue)
  parts.debugPage?.watch(scheduler)
  stack.defer(() => parts.debugPage?.watch(undefined))
  try {
    await scheduler.start(signal)
    log.info('scheduler started', { profiles: [...reporters.keys()] })
  } catch (error) {
    // Leadership may be lost, or the process told to stop, before the caches are filled.
    if (!signal.aborted) throw error
  }
  await aborted(signal)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
