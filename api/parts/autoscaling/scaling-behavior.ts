/** How fast a HorizontalPodAutoscaler may scale, and how steady it must be first. */
import {
  always,
  int32,
  listOf,
  optional,
  quantity,
  type Stored,
  struct,
  wordOf,
} from '../../schema.ts'

export const hpaScalingPolicy = struct(
  'autoscaling.v2.HPAScalingPolicy',
  'A bound on how much the number of pods may change within a time.',
  {
    type: always(1, wordOf('Pods', 'Percent'), 'What the value counts: Pods or Percent of them.'),
    value: always(2, int32, 'How much may change. Greater than zero.'),
    periodSeconds: always(3, int32, 'Seconds for which the bound holds, from 1 to 1800.'),
  },
)
export interface HPAScalingPolicy extends Stored<typeof hpaScalingPolicy> {}

export const hpaScalingRules = struct(
  'autoscaling.v2.HPAScalingRules',
  'How scaling in one direction goes.',
  {
    stabilizationWindowSeconds: optional(
      3,
      int32,
      'Seconds to look back for a steadier number, up to 3600. Defaults to 0 up and 300 down.',
    ),
    selectPolicy: optional(
      1,
      wordOf('Max', 'Min', 'Disabled'),
      'Which policy counts: the one that allows most (Max, the default), least (Min), or none.',
    ),
    // Not dropped when empty: an empty list is a mistake to report, not a wish for the default.
    policies: optional(
      2,
      listOf(hpaScalingPolicy, { listType: 'atomic' }),
      'Bounds on the speed. Defaults to doubling, or 4 pods if that is more, in 15 seconds.',
    ),
    tolerance: optional(
      4,
      quantity,
      'How far off the target is still good, as a share of it. Defaults to that of the cluster, 0.1.',
    ),
  },
)
export interface HPAScalingRules extends Stored<typeof hpaScalingRules> {}

export const horizontalPodAutoscalerBehavior = struct(
  'autoscaling.v2.HorizontalPodAutoscalerBehavior',
  'How fast scaling goes, in either direction.',
  {
    scaleUp: optional(1, hpaScalingRules, 'How pods are added.'),
    scaleDown: optional(2, hpaScalingRules, 'How pods are removed.'),
  },
  {
    defaults(behavior) {
      behavior.scaleUp = completed(behavior.scaleUp, {
        stabilizationWindowSeconds: 0,
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      })
      // No window of its own, so that the one of the cluster counts.
      behavior.scaleDown = completed(behavior.scaleDown, {
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      })
    },
  },
)
export interface HorizontalPodAutoscalerBehavior
  extends Stored<typeof horizontalPodAutoscalerBehavior> {}

function completed(rules: HPAScalingRules | undefined, fallback: HPAScalingRules): HPAScalingRules {
  return { selectPolicy: 'Max', ...fallback, ...rules }
}
