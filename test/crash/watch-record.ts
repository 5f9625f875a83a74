/** A watch that is taken up again after each restart of its server, and what it has heard. */
import { httpEvents } from '../events-of.ts'
import { type Collection, changeText, collections, type Found } from './server-writers.ts'

export class WatchRecord {
  readonly collection: Collection
  /** What was heard, in order, by name. */
  readonly changes = new Map<string, string[]>()
  readonly wrong: string[] = []
  #last: number
  #heard = Promise.withResolvers<void>()

  /** From this revision on. */
  constructor(collection: Collection, revision: number) {
    this.collection = collection
    this.#last = revision
  }

  get lastRevision(): number {
    return this.#last
  }

  /** Until the server is gone. */
  async follow(url: string): Promise<void> {
    const { path } = collections[this.collection]
    try {
      for await (const { type, object } of httpEvents(
        `${url}${path}?watch=1&resourceVersion=${this.#last}`,
      )) {
        if (type === 'ERROR') throw new Error(`watch from ${this.#last}: ${object.message}`)
        this.#hear(type, object as unknown as Found)
      }
    } catch (error) {
      // A server that is killed says no farewell.
      if (!isCutOff(error)) this.wrong.push(`${this.collection}: ${error}`)
    }
  }

  /** Resolves when this object has been heard of. */
  async heard(name: string): Promise<void> {
    while (!this.changes.has(name)) {
      await this.#heard.promise
      this.#heard = Promise.withResolvers()
    }
  }

  #hear(type: string, object: Found): void {
    const revision = Number(object.metadata.resourceVersion)
    if (!(revision > this.#last)) {
      this.wrong.push(`${this.collection}: ${JSON.stringify(object)} after ${this.#last}`)
    }
    this.#last = revision
    const { name } = object.metadata
    this.changes.getOrInsertComputed(name, () => []).push(changeText(type, object))
    this.#heard.resolve()
  }
}

function isCutOff(error: unknown): boolean {
  const { code } = error as { code?: string }
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'ECONNREFUSED'].includes(code ?? '')
}
