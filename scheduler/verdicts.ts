/** Why pods are pending, node by node: the verdicts of the last attempt of each. */
import type { Failure } from './decide.ts'

export interface KeptFailure extends Pick<Failure, 'message' | 'verdicts' | 'rescue'> {
  readonly at: number
  readonly attempts: number
}

/** Verdicts about single nodes, of all pods together; beyond it the oldest attempts go first. */
const KEPT_MAX = 1_000_000

export class Verdicts {
  readonly #kept = new Map<string, KeptFailure>()
  #total = 0

  get all(): Iterable<readonly [string, KeptFailure]> {
    return this.#kept
  }

  get(key: string): KeptFailure | undefined {
    return this.#kept.get(key)
  }

  set(key: string, failure: KeptFailure): void {
    this.remove(key)
    this.#kept.set(key, failure)
    this.#total += failure.verdicts.size
    for (const oldest of this.#kept.keys()) {
      if (this.#total <= KEPT_MAX || oldest === key) return
      this.remove(oldest)
    }
  }

  remove(key: string): void {
    this.#total -= this.#kept.get(key)?.verdicts.size ?? 0
    this.#kept.delete(key)
  }
}
