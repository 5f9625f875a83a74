/** A client of a server under test, with time and chance in the hands of the test. */
import { Connection } from '#client/connection.ts'
import { InformerSet } from '#client/informer-set.ts'
import { MultiplexedWatches } from '#client/multiplex.ts'
import { Client, type ClientSettings } from '#client/rest.ts'
import { httpWatches, type WatchTransport } from '#client/watch-transport.ts'
import { ManualClock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { collectingLog } from './collecting-log.ts'

export interface Connected extends AsyncDisposable {
  readonly client: Client
  readonly clock: ManualClock
  readonly random: Random
  readonly log: Log
  /** Warnings and worse. */
  readonly logged: readonly string[]
  readonly informers: InformerSet
  readonly transport: WatchTransport
}

export interface ConnectOptions extends Partial<Omit<ClientSettings, 'connection'>> {
  readonly clock?: ManualClock
  /** How watches travel: HTTP answers, or one socket for all. */
  readonly carrier?: 'http' | 'socket'
}

export function connect(url: string, options: ConnectOptions = {}): Connected {
  const { clock = new ManualClock(), carrier = 'http', ...settings } = options
  const random = seededRandom(7)
  const logged: string[] = []
  const log = collectingLog(logged)
  const connection = new Connection({ server: url, userAgent: 'tester/v1', clock })
  const client = new Client({ connection, ...settings })
  const socket = new MultiplexedWatches(connection)
  const transport = carrier === 'socket' ? socket : httpWatches(connection)
  const informers = new InformerSet({ client, transport, clock, random, log, frozen: true })
  return {
    client,
    clock,
    random,
    log,
    logged,
    informers,
    transport,
    async [Symbol.asyncDispose]() {
      await informers[Symbol.asyncDispose]()
      await socket[Symbol.asyncDispose]()
      await connection[Symbol.asyncDispose]()
    },
  }
}
