/** Makes the Service `kubernetes` anew when somebody deletes it: pods reach this server by it. */
import type { Timer } from '#daemon/clock.ts'
import { FollowedKeys } from '../auth/followed-keys.ts'
import type { ServerParts } from '../request-context.ts'
import { type Advertised, ensureKubernetesService } from './kubernetes-service.ts'

const RETRY_MS = 5000

const kept = [
  ['', 'services'],
  ['', 'endpoints'],
  ['discovery.k8s.io', 'endpointslices'],
] as const

export class KeptService implements AsyncDisposable {
  readonly #parts: ServerParts
  readonly #advertised: Advertised | undefined
  readonly #followed = new DisposableStack()
  #mending: Promise<void> | undefined
  #retry: Timer | undefined
  #isOver = false

  constructor(parts: ServerParts, advertised: Advertised | undefined) {
    this.#parts = parts
    this.#advertised = advertised
    for (const [group, plural] of kept) {
      const key = parts.resources.find(group, 'v1', plural)!.keyOf('default', 'kubernetes')
      const remove = (gone: string): void => {
        if (gone === key) this.#mend()
      }
      const folder = key.slice(0, key.lastIndexOf('/') + 1)
      this.#followed.use(new FollowedKeys(parts.store, folder, { put: () => undefined, remove }))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#followed.dispose()
    this.#retry?.cancel()
    await this.#mending
  }

  #mend(): void {
    if (this.#isOver) return
    const { log, clock } = this.#parts
    const earlier = this.#mending ?? Promise.resolve()
    const mending = earlier
      .then(() =>
        this.#isOver ? undefined : ensureKubernetesService(this.#parts, this.#advertised),
      )
      .catch((error: unknown) => {
        log.warn('the Service kubernetes is gone and cannot be made yet', { error })
        this.#retry?.cancel()
        if (this.#isOver) return
        this.#retry = clock.setTimeout(() => this.#mend(), RETRY_MS, { background: true })
      })
      .finally(() => {
        if (this.#mending === mending) this.#mending = undefined
      })
    this.#mending = mending
  }
}
