/** Flags about autoscaling and quotas, and what their controllers make of them. */
import { type OptionValues, option } from '#daemon/options.ts'
import { type AutoscalerSettings, usualAutoscaling } from './controllers/autoscaler-settings.ts'
import { RECOUNT_MS } from './controllers/resource-quota.ts'

export const scalingFlags = {
  'Autoscaling flags': {
    'horizontal-pod-autoscaler-sync-period': option.duration({
      help: 'How often each autoscaler looks at its metrics.',
      default: usualAutoscaling.syncMs,
    }),
    'horizontal-pod-autoscaler-downscale-stabilization': option.duration({
      help: 'How long to look back for the highest number of pods, before any of them go.',
      default: usualAutoscaling.downWindowMs,
    }),
    'horizontal-pod-autoscaler-tolerance': option.number({
      help: 'How far off its target a metric is still good, as a share of the target.',
      default: usualAutoscaling.tolerance,
      min: 0,
    }),
    'horizontal-pod-autoscaler-cpu-initialization-period': option.duration({
      help: 'How long after their start the cpu that pods use may be that of the start.',
      default: usualAutoscaling.cpuInitializationMs,
    }),
    'horizontal-pod-autoscaler-initial-readiness-delay': option.duration({
      help: 'How long after its start a pod that is not ready counts as never having been.',
      default: usualAutoscaling.readinessDelayMs,
    }),
  },
  'Quota flags': {
    'resource-quota-sync-period': option.duration({
      help: 'How often quotas are counted anew although nothing has changed.',
      default: RECOUNT_MS,
    }),
  },
}

type ScalingFlags = OptionValues<typeof scalingFlags>

export interface ScalingSettings {
  readonly autoscaling: AutoscalerSettings
  readonly quotaSyncMs: number
}

export const scalingSettings = (values: ScalingFlags): ScalingSettings => ({
  autoscaling: {
    syncMs: values.horizontalPodAutoscalerSyncPeriod,
    downWindowMs: values.horizontalPodAutoscalerDownscaleStabilization,
    tolerance: values.horizontalPodAutoscalerTolerance,
    cpuInitializationMs: values.horizontalPodAutoscalerCpuInitializationPeriod,
    readinessDelayMs: values.horizontalPodAutoscalerInitialReadinessDelay,
  },
  quotaSyncMs: values.resourceQuotaSyncPeriod,
})
