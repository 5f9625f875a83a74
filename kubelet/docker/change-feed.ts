/** What happens to our containers, as the Engine tells it; comes back when it breaks off. */
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Engine } from '#engine/engine.ts'
import type { EngineEvent } from '#engine/types.ts'
import type { RuntimeChange } from '../runtime.ts'
import { labelNames, ofScope, type Scope } from './labels.ts'

export interface ChangeFeedOptions {
  readonly engine: Engine
  readonly scope: Scope
  readonly clock: Clock
  readonly log: Log
}

/** What changes the state of a container; commands and resizes in it do not. */
const actions = ['create', 'start', 'die', 'oom', 'destroy', 'pause', 'unpause', 'update']
const RETRY_DELAY_MS = 200
const RETRY_DELAY_MAX_MS = 5_000

export class ChangeFeed {
  readonly #options: ChangeFeedOptions
  #opening: Promise<unknown> = Promise.resolve()

  constructor(options: ChangeFeedOptions) {
    this.#options = options
  }

  /** Resolves when what was asked for before is being told: a list then misses nothing. */
  async settled(): Promise<void> {
    await this.#opening
  }

  /** Asks at once, not only when the first change is waited for. */
  changes(signal: AbortSignal): AsyncIterable<RuntimeChange> {
    const first = this.#open(signal)
    this.#opening = first.catch(() => undefined)
    return this.#follow(first, signal)
  }

  async *#follow(
    first: Promise<AsyncIterable<EngineEvent>>,
    signal: AbortSignal,
  ): AsyncGenerator<RuntimeChange> {
    const { log } = this.#options
    let stream = first
    let delayMs = RETRY_DELAY_MS
    while (!signal.aborted) {
      try {
        for await (const { Actor: actor } of await stream) {
          delayMs = RETRY_DELAY_MS
          const uid = actor.Attributes[labelNames.podUid]
          if (uid !== undefined) yield { type: 'pod', uid }
        }
        log.warn('the Engine has ended its events')
      } catch (error) {
        if (signal.aborted) return
        log.warn('events of the Engine broke off', { error })
      }
      if (signal.aborted) return
      const again = await this.#reopen(signal, delayMs)
      if (!again) return
      stream = Promise.resolve(again)
      delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS)
      log.info('events of the Engine are back')
      yield { type: 'lost' }
    }
  }

  /** Tries until the Engine is back; undefined when the signal came first. */
  async #reopen(
    signal: AbortSignal,
    firstDelayMs: number,
  ): Promise<AsyncIterable<EngineEvent> | undefined> {
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS)) {
      try {
        await this.#options.clock.sleep(delayMs, signal)
        return await this.#open(signal)
      } catch (error) {
        if (signal.aborted) return undefined
        this.#options.log.debug('the Engine is not back yet', { error })
      }
    }
  }

  #open(signal: AbortSignal): Promise<AsyncIterable<EngineEvent>> {
    const { engine, scope } = this.#options
    const filters = { type: ['container'], event: actions, label: ofScope(scope) }
    return engine.events(filters, signal)
  }
}
