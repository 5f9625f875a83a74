/** The pods of one node, as the API server has them. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Change, Informer } from '#client/informer.ts'

export interface PodFeed {
  /** Resolves when everything that was there at the start is known. */
  readonly synced: Promise<void>
  /** A listener hears first of all that is there. */
  onChange(listener: (change: Change<Pod>) => void): Disposable
}

type Listener = (change: Change<Pod>) => void

/** One watch on all pods for many nodes in one process, each of which hears of its own alone. */
export class SharedPodFeed implements Disposable {
  readonly #informer: Informer<Pod>
  readonly #listeners = new Map<string, Listener>()
  readonly #listening: Disposable

  constructor(informer: Informer<Pod>) {
    this.#informer = informer
    this.#listening = informer.onChange((change) => {
      this.#listeners.get(change.object.spec.nodeName ?? '')?.(change)
    })
  }

  of(nodeName: string): PodFeed {
    return {
      synced: this.#informer.synced,
      onChange: (listener) => {
        for (const object of this.#informer.cache.list()) {
          if (object.spec.nodeName === nodeName) listener({ type: 'added', object })
        }
        this.#listeners.set(nodeName, listener)
        return { [Symbol.dispose]: () => void this.#listeners.delete(nodeName) }
      },
    }
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]()
  }
}
