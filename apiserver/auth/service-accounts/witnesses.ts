/**
 * The objects that a token lives and dies with, and what was found about them: as long as none of
 * them has changed, nothing need be parsed again.
 */
import { timeToEpoch } from '#api/time.ts'
import type { ResourceTable } from '../../resources.ts'
import type { Store } from '../../store/store.ts'
import type { ApiObject } from '../../stored-object.ts'

/** How long the token of something that is being deleted stays good: clocks differ. */
const LEEWAY_MS = 60_000

export interface ObjectParts {
  readonly store: Store
  readonly resources: ResourceTable
}

interface Witness {
  readonly key: string
  readonly revision: number
}

export class Witnesses {
  readonly #parts: ObjectParts
  readonly #seen: Witness[] = []
  /** Milliseconds since 1970: from then on one of them counts as gone. */
  #goodUntil = Infinity

  constructor(parts: ObjectParts) {
    this.#parts = parts
  }

  /** Looks an object up, and remembers which version it was; undefined when there is none. */
  object(plural: string, namespace: string, name: string): ApiObject | undefined {
    const { store, resources } = this.#parts
    const resource = resources.find('', 'v1', plural)!
    const key = resource.keyOf(namespace, name)
    const entry = store.get(key)
    if (!entry) return undefined
    this.#seen.push({ key, revision: entry.revision })
    const object = resource.parse(entry)
    const { deletionTimestamp } = object.metadata
    if (deletionTimestamp) this.#goodUntil = Math.min(this.#goodUntil, goneAt(deletionTimestamp))
    return object
  }

  /** Whether everything is as it was found. */
  areUnchanged(nowMs: number): boolean {
    const { store } = this.#parts
    return (
      nowMs <= this.#goodUntil &&
      this.#seen.every(({ key, revision }) => store.get(key)?.revision === revision)
    )
  }
}

/** Whether something was deleted so long ago that only its finalizers keep it. */
export const isGone = ({ metadata }: ApiObject, nowMs: number): boolean =>
  metadata.deletionTimestamp !== undefined && goneAt(metadata.deletionTimestamp) < nowMs

const goneAt = (deletionTimestamp: string): number =>
  timeToEpoch(deletionTimestamp).seconds * 1000 + LEEWAY_MS
