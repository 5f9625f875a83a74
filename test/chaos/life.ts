/** The life of one process: what it does ends wherever it is when the process is killed. */
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { Front } from './front.ts'

export interface ServiceParts {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** To be called when work begins that others wait for. */
  readonly noteWork: (identity: string) => void
}

export interface Service {
  readonly name: string
  run(parts: ServiceParts, signal: AbortSignal): Promise<void>
}

export interface LifeOptions {
  readonly server: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly noteWork: (identity: string) => void
}

export class Life {
  readonly service: Service
  readonly front: Front
  /** Resolves when all of it has ended, with what made it end by itself. */
  readonly ended: Promise<unknown>
  readonly #stopping = new AbortController()

  private constructor(service: Service, front: Front, options: LifeOptions) {
    this.service = service
    this.front = front
    this.ended = this.#live(options)
  }

  static async begin(service: Service, options: LifeOptions): Promise<Life> {
    return new Life(service, await Front.open(options.server, options.random), options)
  }

  /** Or told to stop. */
  get wasKilled(): boolean {
    return this.#stopping.signal.aborted
  }

  /** No answer and no further request: whatever was under way ends here. */
  kill(): void {
    this.front.refuse(true)
    this.front.cut()
    this.stop()
  }

  /** As by SIGTERM. */
  stop(): void {
    this.#stopping.abort(new DOMException('the process is stopping', 'AbortError'))
  }

  async #live({ clock, random, log, noteWork }: LifeOptions): Promise<unknown> {
    const { service, front } = this
    try {
      await using connection = new Connection({
        server: front.url,
        userAgent: `${service.name}/v1`,
        clock,
      })
      const client = new Client({ connection })
      await service.run({ client, clock, random, log, noteWork }, this.#stopping.signal)
      return undefined
    } catch (error) {
      return error
    } finally {
      await front[Symbol.asyncDispose]()
    }
  }
}
