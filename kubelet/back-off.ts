/** Waiting times of one thing that keeps failing: doubled each time, forgotten when all is well. */

export interface BackOff {
  readonly delayMs: number
  /** When the delay was last raised. */
  readonly raisedAtMs: number
}

/** Of containers that crash and of images that cannot be pulled, as upstream has it. */
const INITIAL_MS = 10_000
const MAX_MS = 300_000
/** After so long without a failure the next one is the first again. */
const FORGOTTEN_AFTER_MS = 2 * MAX_MS

const isForgotten = ({ raisedAtMs }: BackOff, nowMs: number): boolean =>
  nowMs - raisedAtMs > FORGOTTEN_AFTER_MS

export function raised(backOff: BackOff | undefined, nowMs: number): BackOff {
  const isFirst = !backOff || isForgotten(backOff, nowMs)
  const delayMs = isFirst ? INITIAL_MS : Math.min(backOff.delayMs * 2, MAX_MS)
  return { delayMs, raisedAtMs: nowMs }
}

/** When what failed at that time may be tried again; undefined when that is now. */
export function heldUntil(
  backOff: BackOff | undefined,
  failedAtMs: number,
  nowMs: number,
): number | undefined {
  if (!backOff || isForgotten(backOff, failedAtMs)) return undefined
  const untilMs = failedAtMs + backOff.delayMs
  return nowMs < untilMs ? untilMs : undefined
}
