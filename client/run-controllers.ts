/** Runs controllers over shared caches, each in its own name, until told to stop. */

import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Metrics } from '#daemon/metrics.ts'
import type { Random } from '#daemon/random.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { AccountCredentials } from './account-credentials.ts'
import { Connection } from './connection.ts'
import type { Controller } from './controller.ts'
import { type FreeController, startControllers } from './controllers.ts'
import { EventReporter } from './events.ts'
import { InformerSet } from './informer-set.ts'
import { MultiplexedWatches } from './multiplex.ts'
import { queueMetrics } from './queue-metrics.ts'
import type { Client } from './rest.ts'

export interface AccountedController {
  readonly name: string
  /** Service account in kube-system. */
  readonly account: string
  /** Called when the work begins; undefined where the settings lack what it needs. */
  readonly make: () => readonly (Controller | FreeController)[] | undefined
}

export interface RunParts {
  readonly client: Client
  /** A client like that one, over a connection of somebody else. */
  readonly clientOver: (connection: Connection) => Client
  readonly metrics: Metrics
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Whether each controller works under a service account; all of them under ours otherwise. */
  readonly hasOwnAccounts: boolean
}

const ACCOUNT_NAMESPACE = 'kube-system'
/** Work that has begun may end when the controllers are stopped, and less than the process has. */
const GRACE_MS = 10_000

export async function runControllers(
  wanted: readonly AccountedController[],
  parts: RunParts,
  signal: AbortSignal,
): Promise<void> {
  const { client, metrics, clock, random, log } = parts
  await using stack = new AsyncDisposableStack()
  const transport = stack.use(new MultiplexedWatches(client.connection))
  const informers = stack.use(new InformerSet({ client, transport, clock, random, log }))
  const figures = queueMetrics(metrics)
  const starting = wanted.map(async ({ name, account, make }) => {
    const made = make()
    if (!made) return log.warn('controller left out: it lacks settings', { controller: name })
    const own = parts.hasOwnAccounts ? clientOf(account, parts, stack) : client
    const events = stack.use(new EventReporter({ client: own, clock, random, log }))
    const shared = { informers, clock, random, log, metrics: figures, graceMs: GRACE_MS }
    stack.use(await startControllers(made, { ...shared, client: own, events }, signal))
  })
  try {
    await settleAll(starting)
  } catch (error) {
    // Leadership may be lost, or the process told to stop, before the caches are filled.
    if (!signal.aborted) throw error
  }
  await aborted(signal)
}

function clientOf(account: string, parts: RunParts, stack: AsyncDisposableStack): Client {
  const { client, clock } = parts
  const { server, userAgent } = client.connection
  const reference = { name: account, namespace: ACCOUNT_NAMESPACE }
  const connection = stack.use(
    new Connection({
      server: server.href,
      userAgent: `${userAgent}/${account}`,
      credentials: new AccountCredentials(client, reference, clock),
      clock,
    }),
  )
  return parts.clientOver(connection)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
