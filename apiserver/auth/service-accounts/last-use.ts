/** Notes on secrets with tokens on which day they were last used, so that idle ones show. */
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { LAST_USED } from './legacy-token.ts'
import type { ObjectParts } from './witnesses.ts'

export interface LastUseParts extends ObjectParts {
  readonly clock: Clock
  readonly log: Log
}

/** Beyond it, secrets are looked at again. */
const NOTED_MAX = 10_000
const DATE_LENGTH = '2026-01-31'.length

export class LastUse {
  readonly #parts: LastUseParts
  readonly #noted = new Map<string, string>()

  constructor(parts: LastUseParts) {
    this.#parts = parts
  }

  /** The request does not wait for it: a note that fails is made again at the next use. */
  note(namespace: string, name: string): void {
    const { clock, resources, log } = this.#parts
    const date = new Date(clock.now()).toISOString().slice(0, DATE_LENGTH)
    const key = resources.find('', 'v1', 'secrets')!.keyOf(namespace, name)
    if (this.#noted.get(key) === date) return
    if (this.#noted.size >= NOTED_MAX) this.#noted.clear()
    this.#noted.set(key, date)
    this.#write(key, date).catch((error: unknown) => {
      this.#noted.delete(key)
      log.error('the use of a token was not noted', { secret: `${namespace}/${name}`, error })
    })
  }

  async #write(key: string, date: string): Promise<void> {
    const { store, resources } = this.#parts
    const secrets = resources.find('', 'v1', 'secrets')!
    await store.modify(key, (current) => {
      if (!current || current.labels[LAST_USED] === date) return undefined
      const object = secrets.parse(current)
      object.metadata.labels = { ...object.metadata.labels, [LAST_USED]: date }
      return secrets.draft(object)
    })
  }
}
