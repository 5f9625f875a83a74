/** Keeps somebody informed of everything below a prefix of the store, within each commit. */
import type { Entry, Store, Watch } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'

/** Called in the order of the store's revisions; must be quick and must not throw. */
export interface Follower {
  /** A version of a key: the first one, or one that takes the place of another. */
  put(entry: Entry): void
  remove(key: string): void
}

export class FollowedKeys implements Disposable {
  readonly #store: Store
  readonly #prefix: string
  readonly #follower: Follower
  #watch: Watch | undefined
  #isClosed = false

  constructor(store: Store, prefix: string, follower: Follower) {
    this.#store = store
    this.#prefix = prefix
    this.#follower = follower
    this.#start(new Set())
  }

  /** `known`: keys that the follower was told of before. */
  #start(known: Set<string>): void {
    const { entries, revision } = this.#store.list(this.#prefix)
    for (const entry of entries) {
      known.delete(entry.key)
      this.#follower.put(entry)
    }
    for (const key of known) this.#follower.remove(key)
    const keys = new Set(entries.map(({ key }) => key))
    this.#watch = this.#store.watch(
      { prefix: this.#prefix, after: revision },
      {
        change: ({ key, entry }) => {
          if (entry) {
            keys.add(key)
            this.#follower.put(entry)
          } else {
            keys.delete(key)
            this.#follower.remove(key)
          }
          return true
        },
        end: (error) => {
          // History was forgotten before it was read: what is there now says all that matters.
          if (!this.#isClosed && isStoreError(error, 'Expired')) this.#start(keys)
        },
      },
    )
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#watch?.close()
  }
}
