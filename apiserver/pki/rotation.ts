/** Renews certificates while the server runs, long before they expire. */
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { KeyPair, Pki } from './pki.ts'

/** After a failure, such as a full disk; also the least time between two rounds. */
const RETRY_MS = 60_000

export interface RotationParts {
  readonly clock: Clock
  readonly log: Log
}

/** `use` is given the new serving certificate; connections that are open keep the old one. */
export function keepRenewed(
  pki: Pki,
  { clock, log }: RotationParts,
  use: (serving: KeyPair) => void,
): Disposable {
  let timer: Timer | undefined
  let isOver = false
  const round = async (): Promise<void> => {
    try {
      await pki.renew()
      if (isOver) return
      use(pki.serving)
      log.info('renewed certificates', { nextMs: pki.renewalInMs })
      wait(pki.renewalInMs)
    } catch (error) {
      log.error('certificates were not renewed', { error, retryMs: RETRY_MS })
      wait(RETRY_MS)
    }
  }
  const wait = (delayMs: number): void => {
    if (isOver) return
    const action = (): void => void round()
    timer = clock.setTimeout(action, Math.max(delayMs, RETRY_MS), { background: true })
  }
  wait(pki.renewalInMs)
  return {
    [Symbol.dispose]() {
      isOver = true
      timer?.cancel()
    },
  }
}
