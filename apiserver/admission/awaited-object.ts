/** Waits for an object that somebody is about to make. */
import type { Clock } from '#daemon/clock.ts'
import type { Store } from '../store/store.ts'

/** Resolves as soon as the key exists, or when the time is over. */
export async function awaitKey(
  store: Store,
  clock: Clock,
  key: string,
  limitMs: number,
): Promise<void> {
  if (store.get(key)) return
  const { promise, resolve } = Promise.withResolvers<void>()
  using _timer = clock.setTimeout(resolve, limitMs)
  using _watch = store.watch(
    { prefix: key, after: store.revision },
    {
      change() {
        resolve()
        return true
      },
      end: () => resolve(),
    },
  )
  await promise
}
