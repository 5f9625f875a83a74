/** A real API server and controllers in one process, on a clock that the test moves. */
import type { Controller } from '#client/controller.ts'
import {
  type FreeController,
  type RunningControllers,
  startControllers,
} from '#client/controllers.ts'
import { EventReporter } from '#client/events.ts'
import type { Informer } from '#client/informer.ts'
import type { ApiObject } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer, type TestServer, type TestServerOptions } from './api-server.ts'
import { connect } from './connect.ts'

export interface Cluster extends AsyncDisposable {
  readonly client: Client
  readonly clock: ManualClock
  readonly server: TestServer
  /** What the controllers logged as a warning or worse. */
  readonly logged: readonly string[]
  /**
   * Resolves when every cache shows what the server has and no controller has anything to do.
   * Failed work is tried again at once, so that only work that fails for good does not settle.
   */
  settle(): Promise<void>
}

export interface ClusterOptions {
  readonly controllers?: readonly (Controller | FreeController)[]
  readonly clock?: ManualClock
  /** Of the server, where a test wants them otherwise. */
  readonly settings?: TestServerOptions['settings']
}

/** Attempts that settle() grants to work that fails. */
const RETRIES_MAX = 100
/** Turns of the event loop for which everything has to be quiet. */
const QUIET_TURNS = 3

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { controllers = [], clock = new ManualClock(), settings = {} } = options
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startTestServer({ clock, settings }))
  const connected = stack.use(
    connect(server.url, { clock, namespace: 'default', carrier: 'socket' }),
  )
  const { client, log, logged, random, informers } = connected
  const events = stack.use(new EventReporter({ client, clock, random, log }))
  const parts = { client, informers, events, clock, random, log, graceMs: 1000 }
  const { signal } = new AbortController()
  const running = stack.use(await startControllers(controllers, parts, signal))
  const everything = stack.move()
  const isQuiet = (): boolean =>
    running.isIdle && informers.all.every((informer) => isUpToDate(informer, server))
  return {
    client,
    clock,
    server,
    logged,
    settle: () => settle(isQuiet, running, events, clock, logged),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

async function settle(
  isQuiet: () => boolean,
  running: RunningControllers,
  events: EventReporter,
  clock: ManualClock,
  logged: readonly string[],
): Promise<void> {
  let retries = 0
  for (let quietTurns = 0; quietTurns < QUIET_TURNS; ) {
    await new Promise((resolve) => setImmediate(resolve))
    quietTurns = isQuiet() ? quietTurns + 1 : 0
    if (quietTurns < QUIET_TURNS) continue
    await events.settled()
    if (!running.isRetrying || clock.nextTimerMs === undefined) return
    if (retries++ === RETRIES_MAX) {
      throw new Error(`settle: work still fails after ${RETRIES_MAX} attempts: ${logged.at(-1)}`)
    }
    clock.jump(clock.nextTimerMs)
    quietTurns = 0
  }
}

/** Whether a cache shows exactly what lies in the store. */
function isUpToDate(informer: Informer<ApiObject>, { parts }: TestServer): boolean {
  const { group, version, plural = '' } = informer.resource
  const resource = parts.resources.find(group, version, plural)
  if (!resource) return false
  const entries = parts.store.list(resource.prefix).entries
  const shown = entries.map((entry) => resource.parse(entry)).filter((each) => informer.shows(each))
  if (shown.length !== informer.cache.size) return false
  return shown.every(({ metadata }) => {
    const { resourceVersion } = informer.cache.get(metadata)?.metadata ?? {}
    return resourceVersion === metadata.resourceVersion
  })
}
