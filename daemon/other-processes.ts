/** Processes that are not our children, and what they ask of us: signals, and whether they live. */
import type { Clock } from './clock.ts'

/** Nothing tells when somebody else's child has ended. */
const LOOK_AGAIN_MS = 20

export function isAlive(pid: number): boolean {
  return signalled(pid, 0)
}

/** False when there is no such process any more. */
export function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGHUP' | 'SIGKILL'): boolean {
  return signalled(pid, signal)
}

export async function hasEnded(pid: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (isAlive(pid)) await clock.sleep(LOOK_AGAIN_MS, signal)
}

/** As when somebody says that a file has changed which we have read. */
export function onReload(listener: () => void): Disposable {
  process.on('SIGHUP', listener)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', listener) }
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return false
    // There is one, and it is not ours: it lives, but takes no signals from us.
    if (code === 'EPERM' && signal === 0) return true
    throw error
  }
}
