/** Renews certificates while the server runs, long before they expire. */
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { KeyPair, Pki } from './pki.ts'

/** After a failure, such as a full disk; also the least time between two rounds. */
const RETRY_MS = 60_000
/** Timers stand still while the machine sleeps, so the wall clock is looked at now and then. */
const LOOK_MS = 86_400_000

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
      wait()
    } catch (error) {
      log.error('certificates were not renewed', { error, retryMs: RETRY_MS })
      wait(RETRY_MS)
    }
  }
  const wait = (delayMs = Math.min(Math.max(pki.renewalInMs, RETRY_MS), LOOK_MS)): void => {
    if (isOver) return
    const look = (): void => (pki.renewalInMs > 0 ? wait() : void round())
    timer = clock.setTimeout(look, delayMs, { background: true })
  }
  wait()
  return {
    [Symbol.dispose]() {
      isOver = true
      timer?.cancel()
    },
  }
}
