/** Flags about how many requests are answered at once, and how the server stops. */
import { option } from '#daemon/options.ts'
import { defaultFlowLimits, type FlowLimits } from './flow.ts'

/** The rest of the grace that the process has to stop in is for requests under way. */
const SHUTDOWN_DELAY_MAX_MS = 15_000

export const servingFlags = {
  'max-requests-inflight': option.integer({
    help: 'Requests that only read, answered at once; those of nodes and controllers aside.',
    default: defaultFlowLimits.readOnly,
    min: 1,
  }),
  'max-mutating-requests-inflight': option.integer({
    help: 'Requests that change something, answered at once; the same aside.',
    default: defaultFlowLimits.mutating,
    min: 1,
  }),
  'shutdown-delay-duration': option.duration({
    help:
      'How long the server says that it is not ready, and serves on, before it stops; ' +
      'at most 15s.',
    default: 0,
  }),
}

interface ServingValues {
  readonly maxRequestsInflight: number
  readonly maxMutatingRequestsInflight: number
  readonly shutdownDelayDuration: number
}

export function servingBy(values: ServingValues): {
  readonly flow: FlowLimits
  readonly shutdownDelayMs: number
} {
  const { maxRequestsInflight, maxMutatingRequestsInflight, shutdownDelayDuration } = values
  if (shutdownDelayDuration > SHUTDOWN_DELAY_MAX_MS) {
    const wanted = `${SHUTDOWN_DELAY_MAX_MS / 1000}s at most`
    throw new Error(
      `start: --shutdown-delay-duration is ${shutdownDelayDuration / 1000}s, wanted ${wanted}`,
    )
  }
  const seats = { readOnly: maxRequestsInflight, mutating: maxMutatingRequestsInflight }
  return { flow: { ...defaultFlowLimits, ...seats }, shutdownDelayMs: shutdownDelayDuration }
}
