/** What holds for all autoscalers, unless one says otherwise. */
export interface AutoscalerSettings {
  readonly syncMs: number
  readonly downWindowMs: number
  readonly tolerance: number
  readonly cpuInitializationMs: number
  readonly readinessDelayMs: number
}

/** As upstream. */
export const usualAutoscaling: AutoscalerSettings = {
  syncMs: 15_000,
  downWindowMs: 5 * 60_000,
  tolerance: 0.1,
  cpuInitializationMs: 5 * 60_000,
  readinessDelayMs: 30_000,
}
