/** Answers probes of containers that do not exist, by what they were told to do. */
import { failure, success } from '../probes/outcome.ts'
import type { Prober } from '../probes/prober.ts'

export const hollowProber = (runtime: { isWell(containerId: string): boolean }): Prober => ({
  ask: async (_probe, { containerId }) =>
    runtime.isWell(containerId) ? success() : failure('told not to be well yet'),
})
